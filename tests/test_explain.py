"""What is told about laws and about the mistakes they kill."""

import re
from typing import Any

import pytest

from conformance.killing import Measured
from conformance.mutants import mutants
from impls import registry
from impls.registry import Implementation
from spec.specification import specifications

GCRA = specifications()["rate_limiting.gcra"]


def unwrapped(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("law", GCRA.laws, ids=lambda law: law.name)
def test_a_law_is_explained_by_what_its_docstring_says(lawful: Any, law: Any) -> None:
    answer = lawful("explain", law.name)
    told = unwrapped(answer.out)
    assert answer.status == 0
    assert law.statement in told
    assert f"why it matters: {law.rationale}" in told
    assert f"source: {law.source}" in told
    assert "rate_limiting.gcra" in told
    for mutant in mutants(GCRA):
        assert (f"gcra {mutant.name}: {unwrapped(mutant.mistake)}" in told) == (mutant.killed_by == law.name)


def test_what_a_law_needs_is_explained(lawful: Any) -> None:
    told = unwrapped(lawful("explain", "concurrent_calls_share_what_is_left").out)
    assert "needs: on_server (calls that can be held on their way to a server); shared (instances" in told
    assert "needs: the optional operation peek" in unwrapped(lawful("explain", "peeking_changes_nothing").out)


def test_an_anomaly_is_explained_as_permitted(lawful: Any) -> None:
    assert lawful("explain", "double_burst").out.startswith("double_burst  (an anomaly: permitted)\n")


def test_a_law_that_is_not_there_gets_a_hint(lawful: Any) -> None:
    answer = lawful("explain", "never_exceed_burst")
    assert answer.status == 2
    assert "no law or anomaly 'never_exceed_burst'; did you mean never_exceeds_burst or" in answer.err


def test_mutants_are_measured_and_correct_implementations_survive(lawful: Any) -> None:
    answer = lawful("mutants", "gcra", "--seeds", "2", "--jobs", "1")
    assert answer.status == 0
    assert "5 of 5 mutants are killed" in answer.out
    assert "1 of 1 correct implementations survive all their laws" in answer.out


def test_a_mutant_that_survives_and_a_false_alarm_are_told(lawful: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = next(one for one in mutants(GCRA) if one.name == "tolerance_one_too_many")
    registered = {(GCRA.name, "wrong"): Implementation(GCRA.name, "wrong", wrong.factory)}
    monkeypatch.setattr(registry, "_REGISTERED", registry._REGISTERED | registered)
    answer = lawful("mutants", "gcra", "--seeds", "2", "--jobs", "1", "--examples", "1")
    assert answer.status == 1
    assert re.search(r"refusal_moves_arrival +0/2 +>1 +>1\n", answer.out)
    assert "rate_limiting.gcra  wrong  refused by never_exceeds_burst" in answer.out
    assert "1 of 2 correct implementations survive all their laws" in answer.out


def test_survivors_count_as_longer_than_what_was_tried() -> None:
    measured = Measured("x", "y", "law", (3, None, 1, 7))
    assert measured.kills == 3
    assert measured.within(0.5) == 3
    assert measured.within(0.75) == 7
    assert measured.within(0.9) == float("inf")
    assert not measured.fine
