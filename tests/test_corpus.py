"""What is played before anything is tried: the corpus of a block, and what an earlier check has kept."""

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.blocks import needs
from conformance.corpus import corpus, statistical
from conformance.environment import World
from conformance.judge import Judge, capabilities
from conformance.mutants import mutants
from conformance.trace import Target
from impls.registry import implementations
from spec.law import Violation
from spec.specification import specifications


@pytest.mark.parametrize("name", specifications())
def test_the_corpus_alone_kills_every_mutant_in_memory(name: str) -> None:
    for mutant in mutants(specifications()[name]):
        specification = specifications()[name].declared(mutant.capabilities)
        law = specification.law(mutant.killed_by)
        if mutant.backend == "memory" and not statistical(law):
            target = Target(specification, mutant.factory)
            can = capabilities(target, mutant.capabilities)
            traces = [one for one in corpus(name) if needs(specification, one) <= can]
            assert any(isinstance(law(target.play(one)), Violation) for one in traces), mutant.name


@pytest.mark.parametrize("name", specifications())
def test_correct_implementations_survive_the_corpus(name: str, world: World) -> None:
    for one in implementations(name):
        specification = specifications()[name].declared(one.capabilities)
        target = Target(specification, one.factory, world)
        can = capabilities(target, one.capabilities)
        judge = Judge(tuple(law for law in specification.laws if law.needs <= can))
        for trace in corpus(name):
            if needs(specification, trace) <= can:
                target.play(trace, judge)
        assert judge.violations == {}


def test_what_was_kept_is_played_first(lawful: Any) -> None:
    def violated(examples: int) -> set[str]:
        lawful("check", "token_bucket", "acme:SeldomWrong", "--examples", str(examples), "--json", "found.json")
        verdicts = json.loads(Path("found.json").read_text())["verdicts"]
        return {verdict["law"] for verdict in verdicts if verdict["verdict"] == "violated"}

    assert violated(1) == set()
    assert "never_exceeds_burst" in (found := violated(100))
    assert violated(1) == found


def test_a_kept_file_that_cannot_be_read_is_told_and_left_alone(lawful: Any) -> None:
    file = Path(".lawful/token_bucket-acme_correct-never_exceeds_burst.json")
    file.parent.mkdir()
    file.write_text("not JSON")
    answer = lawful("check", "token_bucket", "acme:correct", "--profile", "quick")
    assert answer.status == 0
    assert f"not played again: {file} is no counterexample: it is not JSON" in answer.out
    assert file.read_text() == "not JSON"


def test_profiles_say_how_much_is_tried_and_options_say_it_better(lawful: Any) -> None:
    def examples(*options: str) -> int:
        lawful("check", "gcra", "memory", "--json", "found.json", *options)
        tried: int = json.loads(Path("found.json").read_text())["verdicts"][0]["examples"]
        return tried

    few, quick, usual = examples("--examples", "1"), examples("--profile", "quick"), examples()
    assert usual - quick == 80
    assert quick - few == 19
    assert examples("--profile", "quick", "--examples", "1") == few
