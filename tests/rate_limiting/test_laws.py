"""Each law of the token bucket, on histories written by hand: accepted, refused, and where it judges nothing."""

from dataclasses import dataclass
from typing import Any

import pytest

from spec.history import NO_ANSWER, History, Malformed, Raised
from spec.law import Violation
from spec.rate_limiting.types import SECOND, Decision, Limit
from spec.specification import specifications
from tests.rate_limiting.histories import BAD, ONE, THREE, TWO, acquire, by, held, history, peek, reset, ttl

BUCKET = specifications()["rate_limiting.token_bucket"]
YES = {"allowed": True, "retry_after": 0}
NO = {"allowed": False, "retry_after": 1}
EMPTY = history(ONE)


@dataclass
class Case:
    """A law; for each history it must refuse the operations that prove it; histories it accepts, and ignores."""

    law: str
    refuses: list[tuple[History, tuple[int, ...]]]
    accepts: list[History]
    ignores: list[History]


CASES = [
    Case(
        "never_exceeds_burst",
        refuses=[
            (history(ONE, acquire(0), acquire(0.5, **YES)), (0, 1)),
            (history(TWO, acquire(0), acquire(0), acquire(1), acquire(1.9, **YES)), (0, 1, 2, 3)),
            (history(TWO, acquire(9), acquire(20), acquire(20), acquire(20, **YES)), (1, 2, 3)),
            (history(ONE, acquire(0, "a"), acquire(0, "b"), acquire(0, "a", **YES)), (0, 2)),
        ],
        accepts=[
            history(ONE, acquire(0), acquire(1), acquire(2)),
            history(ONE, acquire(0, "a"), acquire(0, "b")),
            history(ONE, acquire(0), reset(0), acquire(0)),
        ],
        ignores=[EMPTY, history(ONE, acquire(0, cost=2), acquire(0, cost=0), peek(0))],
    ),
    Case(
        "conforming_traffic_is_admitted",
        refuses=[
            (history(ONE, acquire(0, **NO)), (0,)),
            (history(ONE, acquire(0), acquire(1, **NO)), (1,)),
            (history(THREE, acquire(0, cost=2), acquire(0.5, cost=2, **NO)), (0, 1)),
            (history(ONE, acquire(0), reset(0), acquire(0, **NO)), (2,)),
        ],
        accepts=[history(ONE, acquire(0), acquire(0.9), acquire(1)), history(ONE, acquire(0, cost=0))],
        ignores=[
            EMPTY,
            history(ONE, acquire(0, cost=2)),
            history(TWO, acquire(0, answer=NO_ANSWER), acquire(0, **NO)),
        ],
    ),
    Case(
        "idle_restores_exactly_the_burst",
        refuses=[
            (history(TWO, acquire(0), acquire(9), acquire(9), acquire(9, **YES)), (0, 1, 2, 3)),
            (history(TWO, acquire(0), acquire(9, cost=2, **NO)), (0, 1)),
        ],
        accepts=[history(TWO, acquire(0), acquire(2), acquire(2), acquire(2), acquire(2.5))],
        ignores=[EMPTY, history(TWO, acquire(0), acquire(1.9, **NO))],
    ),
    Case(
        "retry_after_is_exact",
        refuses=[
            (history(ONE, acquire(0, retry_after=1)), (0,)),
            (history(ONE, acquire(0, cost=2, retry_after=SECOND)), (0,)),
            (history(ONE, acquire(0), acquire(0, retry_after=None)), (1,)),
            (history(ONE, acquire(0), acquire(0, retry_after=0)), (1,)),
            (history(ONE, acquire(0), acquire(0, retry_after=SECOND // 2), acquire(0.5)), (1, 2)),
            (history(ONE, acquire(0), acquire(0, retry_after=SECOND + 1), acquire(1)), (1, 2)),
            (history(ONE, acquire(0), acquire(0.2), acquire(0.4, retry_after=SECOND)), (1, 2)),
            (history(ONE, acquire(0), peek(0, retry_after=SECOND + 1), acquire(1)), (1, 2)),
        ],
        accepts=[
            history(TWO, acquire(0), acquire(0, cost=2), acquire(0), acquire(0.5, cost=2), acquire(2, cost=2)),
            history(ONE, acquire(0), acquire(0, cost=2), acquire(0.999999), acquire(1)),
        ],
        ignores=[EMPTY, history(ONE, reset(0))],
    ),
    Case(
        "remaining_is_truthful",
        refuses=[
            (history(ONE, acquire(0, remaining=1)), (0,)),
            (history(ONE, acquire(0), acquire(0, remaining=-1)), (1,)),
            (history(TWO, acquire(0, remaining=0), acquire(0)), (0, 1)),
            (history(TWO, acquire(0), acquire(0, remaining=1)), (0, 1)),
            (history(TWO, acquire(0), acquire(0.5, remaining=1, **NO)), (1,)),
            (history(TWO, peek(0, remaining=0)), (0,)),
        ],
        accepts=[history(THREE, acquire(0), acquire(0, cost=3), peek(0.5), acquire(0.5, cost=3))],
        ignores=[EMPTY, history(ONE, reset(0))],
    ),
    Case(
        "reset_after_is_truthful",
        refuses=[
            (history(ONE, acquire(0, reset_after=0)), (0,)),
            (history(ONE, acquire(0, reset_after=-1)), (0,)),
            (history(ONE, acquire(0, reset_after=SECOND - 1), acquire(0.5)), (0, 1)),
            (history(ONE, acquire(0, reset_after=SECOND + 1), acquire(1)), (0, 1)),
            (history(ONE, peek(0, reset_after=1)), (0,)),
        ],
        accepts=[history(THREE, acquire(0, cost=2), acquire(0.3, cost=3), peek(0.9), acquire(1, cost=3), acquire(9))],
        ignores=[EMPTY, history(ONE, reset(0))],
    ),
    Case(
        "clock_stepping_back_grants_nothing",
        refuses=[
            (history(ONE, acquire(9), acquire(8, **YES)), (0, 1)),
            (history(ONE, acquire(9), acquire(8, allowed=False), acquire(9, **YES)), (0, 1, 2)),
            (history(TWO, acquire(9, cost=2), acquire(8, **NO), acquire(9.9, cost=2, **YES)), (0, 1, 2)),
            (history(TWO, acquire(9, cost=2), acquire(0, **NO), acquire(11, **NO)), (0, 1, 2)),
        ],
        accepts=[
            history(ONE, acquire(9), acquire(8, **NO), acquire(10)),
            history(TWO, acquire(9), acquire(8, allowed=True)),
            history(TWO, acquire(5), acquire(7, "b"), acquire(0, allowed=True), acquire(0, allowed=True)),
        ],
        ignores=[EMPTY, history(ONE, acquire(0), acquire(0.5), acquire(2))],
    ),
    Case(
        "refusal_consumes_nothing",
        refuses=[
            (history(TWO, acquire(0), acquire(0, cost=2), acquire(0, **NO)), (1, 2)),
            (history(ONE, acquire(0), acquire(0), acquire(0, retry_after=2 * SECOND)), (1, 2)),
            (history(TWO, acquire(0, cost=3), peek(0, remaining=0)), (0, 1)),
        ],
        accepts=[history(TWO, acquire(0), acquire(0, cost=2), acquire(0, cost=2), acquire(0), acquire(0))],
        ignores=[EMPTY, history(TWO, acquire(0), acquire(0), peek(0), acquire(0)), history(ONE, acquire(0, cost=2))],
    ),
    Case(
        "keys_are_independent",
        refuses=[
            (history(TWO, acquire(0, "a"), acquire(0, "A", remaining=0)), (0, 1)),
            (history(ONE, acquire(0, "a"), acquire(5, "a"), acquire(5, "a ", **NO)), (0, 2)),
        ],
        accepts=[history(TWO, acquire(0, "a"), acquire(0, "a"), acquire(0, "b"))],
        ignores=[EMPTY, history(TWO, acquire(0, "a"), acquire(0, "b", cost=2), acquire(0, "a"))],
    ),
    Case(
        "peeking_changes_nothing",
        refuses=[
            (history(TWO, peek(0), peek(0, remaining=1)), (0, 1)),
            (history(ONE, peek(0), acquire(0, **NO)), (0, 1)),
            (history(TWO, acquire(0), peek(0), acquire(0, cost=2, remaining=0)), (1, 2)),
        ],
        accepts=[history(TWO, peek(0), peek(0), acquire(0), peek(0), acquire(0, cost=2))],
        ignores=[EMPTY, history(TWO, acquire(0), peek(0), peek(1))],
    ),
    Case(
        "reset_forgets",
        refuses=[(history(TWO, acquire(0), acquire(0), reset(0), acquire(0, remaining=0)), (0, 3))],
        accepts=[history(TWO, acquire(0), acquire(0), reset(0), acquire(0))],
        ignores=[EMPTY, history(TWO, acquire(0), reset(0)), history(TWO, acquire(0), reset(0), acquire(0, cost=2))],
    ),
    Case(
        "instances_act_as_one",
        refuses=[
            (history(TWO, acquire(0), by("other", acquire(0, remaining=1))), (0, 1)),
            (history(ONE, acquire(0), by("other", acquire(0, remaining=0, **YES))), (0, 1)),
        ],
        accepts=[history(TWO, acquire(0), by("other", acquire(0)), acquire(0))],
        ignores=[EMPTY, history(TWO, acquire(0), acquire(0), by("other", acquire(1)))],
    ),
    Case(
        "concurrent_calls_share_what_is_left",
        refuses=[
            (history(TWO, acquire(0), held(acquire(0)), by("other", acquire(0, **YES))), (0, 1, 2)),
            (history(THREE, acquire(0), held(acquire(0)), by("other", acquire(0, **NO))), (0, 1, 2)),
            (history(TWO, acquire(0), held(acquire(0, **NO)), acquire(0)), (0, 1, 2)),
        ],
        accepts=[
            history(TWO, acquire(0), held(acquire(0)), acquire(0)),
            history(TWO, acquire(0), held(acquire(0, **NO)), acquire(0, **YES)),
            history(THREE, acquire(0), held(acquire(0)), acquire(0)),
            history(TWO, acquire(0), held(acquire(0)), acquire(0), acquire(0, **YES)),
        ],
        ignores=[
            EMPTY,
            history(TWO, acquire(0), acquire(0), acquire(0, **YES)),
            history(TWO, held(acquire(0)), acquire(0)),
            history(TWO, acquire(0), held(acquire(0, cost=2, **YES)), acquire(0)),
            history(TWO, acquire(0), held(acquire(0)), acquire(0, "b"), acquire(1, **NO)),
            history(TWO, acquire(0), held(acquire(0, answer=NO_ANSWER)), acquire(0)),
            history(TWO, acquire(0), held(acquire(1)), acquire(1)),
        ],
    ),
    Case(
        "idle_keys_expire",
        refuses=[
            (history(THREE, acquire(0, cost=2), ttl(0, -1)), (0, 1)),
            (history(Limit(1, SECOND, 9), acquire(0, cost=5), ttl(0, 3.8)), (0, 1)),
            (history(THREE, acquire(0), acquire(0, "b"), acquire(0, cost=9), ttl(0, -1), ttl(0, -1)), (0, 3)),
        ],
        accepts=[
            history(Limit(1, SECOND, 9), acquire(0, cost=5), ttl(0, 3.9)),
            history(Limit(1, SECOND, 9), acquire(0, cost=5), ttl(0, 3600), acquire(0, cost=2), ttl(0, 6)),
        ],
        ignores=[
            EMPTY,
            history(THREE, acquire(0, cost=4), ttl(0, -1)),
            history(THREE, acquire(0, cost=0), ttl(0, -1)),
            history(THREE, peek(0), ttl(0, -1)),
            history(THREE, acquire(0), reset(0), ttl(0, -1)),
            history(THREE, acquire(0), ttl(1, -1)),
            history(THREE, acquire(9), acquire(8), ttl(8, -1)),
        ],
    ),
    Case(
        "answers_every_call",
        refuses=[
            (history(ONE, acquire(0, answer=Raised.of(ZeroDivisionError()))), (0,)),
            (history(ONE, acquire(0), acquire(0, answer=NO_ANSWER)), (1,)),
            (history(ONE, acquire(0, answer=Malformed("True", "bool has no attribute 'allowed'"))), (0,)),
        ],
        accepts=[history(ONE, acquire(0), reset(0))],
        ignores=[EMPTY, history(ONE, acquire(0, cost=-1, answer=Raised.of(ZeroDivisionError())))],
    ),
    Case(
        "rejects_bad_input",
        refuses=[
            *(
                (history(ONE, acquire(0, key, cost, answer=Decision(True, 0, 0, SECOND))), (0,))
                for key, cost in [("", 1), (None, 1), (7, 1), ("a", -1), ("a", True), ("a", 1.0), ("a", float("nan"))]
            ),
            (history(ONE, acquire(0, "", answer=Raised.of(RuntimeError()))), (0,)),
            (history(TWO, acquire(0), acquire(0, cost=-1, answer=BAD), acquire(0, remaining=1)), (0, 1, 2)),
        ],
        accepts=[
            history(ONE, acquire(0, "", answer=BAD), acquire(0, cost="1", answer=Raised.of(TypeError())), acquire(0)),
            history(ONE, peek(0, "", answer=BAD)),
        ],
        ignores=[EMPTY, history(ONE, acquire(0, cost=0))],
    ),
    Case(
        "agrees_with_model",
        refuses=[
            (history(THREE, acquire(0), acquire(0.1, cost=2, remaining=1)), (1,)),
            (history(ONE, acquire(0, answer=NO_ANSWER), acquire(2, remaining=1)), (1,)),
            (history(ONE, acquire(0, cost=-1, answer=Decision(True, 2, 0, 0)), acquire(0, remaining=1)), (1,)),
        ],
        accepts=[
            history(THREE, acquire(0), acquire(0.1, cost=2), peek(0.2, "b"), reset(0.3), acquire(0.3, cost=4)),
            history(TWO, acquire(0, answer=NO_ANSWER), acquire(0, remaining=1, reset_after=SECOND)),
            history(ONE, acquire(9), acquire(8, remaining=9)),
        ],
        ignores=[EMPTY],
    ),
]


def _all(part: str) -> list[Any]:
    return [
        pytest.param(BUCKET.law(case.law), item, id=f"{case.law}-{number}")
        for case in CASES
        for number, item in enumerate(getattr(case, part))
    ]


@pytest.mark.parametrize(("law", "refused"), _all("refuses"))
def test_a_law_refuses(law: Any, refused: tuple[History, tuple[int, ...]]) -> None:
    verdict = law(refused[0])
    assert isinstance(verdict, Violation)
    assert verdict.operations == refused[1]


@pytest.mark.parametrize(("law", "accepted"), _all("accepts"))
def test_a_law_accepts(law: Any, accepted: History) -> None:
    verdict = law(accepted)
    assert isinstance(verdict, int), verdict
    assert verdict > 0


@pytest.mark.parametrize(("law", "ignored"), _all("ignores"))
def test_a_law_does_not_judge(law: Any, ignored: History) -> None:
    assert law(ignored) == 0


def test_every_law_has_cases_of_each_kind() -> None:
    assert {case.law for case in CASES} == {law.name for law in BUCKET.laws}
    assert all(case.refuses and case.accepts and case.ignores for case in CASES)


def test_every_law_states_itself_and_its_source() -> None:
    for law in BUCKET.laws:
        assert law.statement.endswith(".")
        assert law.rationale.endswith(".")
        assert law.source
