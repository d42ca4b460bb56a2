"""The laws of calls that overlap, asked about histories that are written by hand."""

from typing import Any

import pytest

from spec.history import NO_ANSWER, History, Operation
from spec.law import Violation
from spec.load_balancing import Backend, Pick, Pool
from spec.load_balancing.picking import ROUND_ROBIN

COUNTED = ROUND_ROBIN.law("concurrent_calls_are_all_counted")
IN_ORDER = ROUND_ROBIN.law("concurrent_calls_follow_one_another")
POOL = Pool((Backend("a"), Backend("b", 1, 2)))

Call = tuple[str, dict[str, Any], Any]


def history(*groups: list[Call]) -> History:
    """The calls of a group overlap."""
    operations: list[Operation] = []
    for group in groups:
        began = 2 * len(operations)
        for at, (name, args, result) in enumerate(group):
            ended = began + len(group) + at
            operations.append(Operation(len(operations), name, args, 0, 0, began + at, ended, result))
    return History(POOL, tuple(operations))


def pick(backend: str | None, ticket: int = 0) -> Call:
    return "pick", {}, backend and Pick(backend, ticket)


def done(ticket: int) -> Call:
    return "done", {"ticket": ticket}, None


def in_flight(name: str, number: int) -> Call:
    return "in_flight", {"name": name}, number


A, B = pick("a", 1), pick("b", 2)

RIGHT = [
    history([A, B], [in_flight("a", 1)], [in_flight("b", 1)]),
    history([B, A], [pick("b", 3)]),
    history([B], [pick("a", 3), pick("b", 4), pick("a", 5)], [in_flight("b", 2)]),
    history([A], [done(1), done(1)], [in_flight("a", 0)]),
    history([A], [done(1), pick("b", 1)], [in_flight("b", 1)]),
    history([A], [pick("b", 1), done(1)], [in_flight("a", 0)], [in_flight("b", 1)]),
]


@pytest.mark.parametrize("right", RIGHT)
def test_what_is_right_is_judged_and_not_refused(right: History) -> None:
    for law in (COUNTED, IN_ORDER):
        verdict = law(right)
        assert isinstance(verdict, int)
        assert verdict > 0


def test_a_count_that_was_lost() -> None:
    for law in (COUNTED, IN_ORDER):
        assert isinstance(law(history([A, B], [in_flight("a", 0)])), Violation)
        assert isinstance(law(history([A], [B, done(1)], [in_flight("b", 0)])), Violation)
        assert isinstance(law(history([A], [done(1), done(1)], [in_flight("a", -1)])), Violation)


def test_one_ticket_for_two() -> None:
    assert isinstance(COUNTED(history([A, pick("b", 1)])), Violation)
    assert isinstance(COUNTED(history([A], [B, pick("a", 1)])), Violation)


def test_a_limit_that_is_passed() -> None:
    assert isinstance(COUNTED(history([B], [A], [pick("b", 3), pick("b", 4)])), Violation)


def test_one_turn_for_two() -> None:
    assert isinstance(IN_ORDER(history([A, pick("a", 2)])), Violation)
    assert isinstance(IN_ORDER(history([A, B], [pick("b", 3)], [pick("b", 4)])), Violation)


def test_a_needless_refusal() -> None:
    assert isinstance(IN_ORDER(history([A, pick(None)])), Violation)


def test_nothing_is_judged_that_is_left_open() -> None:
    lost: Call = ("pick", {}, NO_ANSWER)
    for law in (COUNTED, IN_ORDER):
        assert law(history([A], [B])) == 0
        assert law(history([A, lost], [in_flight("a", 7)])) == 0
        assert law(history([in_flight("a", 7)])) == 0


def test_a_ticket_that_is_done_while_others_are_picked_is_left_open() -> None:
    operations = (
        Operation(0, *A[:2], 0, 0, 0, 2, A[2]),
        Operation(1, *B[:2], 0, 0, 1, 4, B[2]),
        Operation(2, "done", {"ticket": 1}, 0, 0, 3, 5, None),
        Operation(3, "in_flight", {"name": "a"}, 0, 0, 6, 7, 0),
    )
    assert COUNTED(History(POOL, operations)) == 0
    assert IN_ORDER(History(POOL, operations)) == 1
