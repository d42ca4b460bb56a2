"""Counterexamples that are kept: as files, played again, and as programs."""

import contextlib
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from conformance import saved
from conformance.corpus import statistical
from conformance.judge import Budget
from conformance.mutants import mutants
from conformance.session import Checked, run
from conformance.trace import RESTART
from impls.backends import Backends
from impls.registry import Implementation
from spec.encoding import schema
from spec.history import History, Raised
from spec.specification import Specification, specifications

FILE = Path(".lawful/token_bucket-acme_Generous-never_exceeds_burst.json")

ALONE = """
from types import SimpleNamespace

class Generous:
    def __init__(self, config, env):
        pass

    def acquire(self, key, cost=1):
        return SimpleNamespace(allowed=True)
"""
"""A module of somebody who has nothing of Lawful in reach."""


@pytest.fixture
def kept(lawful: Any) -> Any:
    """The files that a check of `acme:Generous` keeps, of one of which the name is `FILE`; and the command."""
    lawful("check", "token_bucket", "acme:Generous", "--examples", "5")
    return lawful


def test_a_check_keeps_each_counterexample_and_says_how_to_play_it_again(lawful: Any) -> None:
    answer = lawful("check", "token_bucket", "acme:Generous", "--examples", "5")
    assert f"after 1 example; replay: lawful replay {FILE}\n" in answer.out
    assert len(list(Path(".lawful").iterdir())) == answer.out.count("VIOLATED")


def test_played_again_it_gives_the_same_verdict_for_the_same_reason(kept: Any) -> None:
    answer = kept("replay", str(FILE))
    assert answer.status == 1
    assert answer.out.startswith("token_bucket  acme:Generous   VIOLATED  never_exceeds_burst\n")
    assert "2 admitted within 0s; at most 1 + 0 may be" in answer.out
    assert "law: Any stretch of time of length w admits at most burst + limit * w / period." in answer.out


def test_one_of_a_law_that_only_a_variant_has_is_kept_and_played_again(lawful: Any) -> None:
    mutant = "conformance.load_balancing.picking.mutants_policies:PaysItsOwnWeight"
    checked = lawful("check", "weighted_round_robin", mutant, "--capability", "smooth", "--examples", "20")
    assert checked.status == 1
    [path] = Path(".lawful").glob("*-never_far_behind.json")
    answer = lawful("replay", str(path))
    assert answer.status == 1
    assert "VIOLATED never_far_behind" in " ".join(answer.out.split())


@pytest.mark.parametrize("other", ["memory", "acme:correct"])
def test_played_on_a_correct_implementation_the_law_holds(kept: Any, other: str) -> None:
    answer = kept("replay", str(FILE), other)
    assert answer.status == 0
    assert f"token_bucket  {other}   HOLDS  never_exceeds_burst\n" in answer.out
    assert answer.out.count("acquire('a'") == len(json.loads(FILE.read_text())["history"]) - 1


def test_its_program_runs_without_lawful_and_prints_the_answers(kept: Any, tmp_path: Path) -> None:
    answer = kept("replay", str(FILE), "--python")
    assert answer.status == 1
    assert len(answer.out.splitlines()) <= 12
    (tmp_path / "acme.py").write_text(ALONE)
    ran = subprocess.run([sys.executable, "-S", "-c", answer.out], capture_output=True, text=True, cwd=tmp_path)
    assert ran.stderr == ""
    calls = len(json.loads(FILE.read_text())["history"]) - 1
    assert ran.stdout.splitlines() == ["namespace(allowed=True)"] * calls


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (None, "cannot be read: No such file or directory"),
        ("{", "is no counterexample: it is not JSON"),
        ('{"lawful": 2}', "is no counterexample: $"),
        ({"lawful": 2}, "is no counterexample: $.lawful: 1 was expected"),
        ({"specification": "x.y"}, "speaks of 'x.y', which is not specified here"),
        ({"law": "is_kind"}, "has no law 'is_kind'; it has never_exceeds_burst, "),
        ({"implementation": "acme:gone"}, "'gone' in acme does not exist"),
        ({"implementation": "acme:broken"}, "cannot be played on acme:broken: the factory raises OSError"),
        ({"law": "peeking_changes_nothing"}, "acme:Generous lacks peek, which"),
        ({"trace": {"$": "Trace", "config": 1, "steps": {"$": "tuple", "items": []}}}, "not configured by a int"),
    ],
)
def test_a_file_that_cannot_be_played_gets_one_sentence(kept: Any, wrong: Any, sentence: str) -> None:
    text = wrong if isinstance(wrong, str) else json.dumps(json.loads(FILE.read_text()) | (wrong or {}))
    Path("wrong.json").write_text(text)
    answer = kept("replay", "missing.json" if wrong is None else "wrong.json")
    assert answer.status == 2
    assert sentence in answer.err
    assert answer.err.count("\n") == 1


def test_a_directory_that_cannot_be_made_gets_one_sentence(lawful: Any) -> None:
    answer = lawful("check", "token_bucket", "acme:Generous", "--examples", "5", "--save", "no/such/directory")
    assert answer.status == 2
    assert answer.err.startswith("lawful: the counterexample cannot be kept in no/such/directory/token_bucket-")


def first_violation(specification: Specification) -> Any:
    """The first mutant of a specification that is no variant of it and pretends least, as checked, and its verdict."""
    plain = [
        one
        for one in mutants(specification)
        if not specification.variant(one.capabilities)
        and one.killed_by != "answers_every_call"
        and not statistical(specification.law(one.killed_by))
    ] or mutants(specification)[:1]
    mutant = min(plain, key=lambda one: len(one.capabilities))
    implementation = Implementation(specification.name, mutant.name, mutant.factory, capabilities=mutant.capabilities)
    checked = run(specification, implementation, Budget(examples=20), Backends())
    return checked, next(one for one in checked.verdicts if one.law == mutant.killed_by)


@pytest.mark.parametrize("name", specifications())
def test_what_is_kept_is_as_its_schema_says_and_its_program_gives_the_same_answers(name: str, tmp_path: Path) -> None:
    checked: Checked
    checked, verdict = first_violation(specifications()[name])
    path = saved.save(checked, verdict, 0, tmp_path)
    data, trace = saved.read(path)
    jsonschema.Draft202012Validator(schema("counterexample")).validate(data)
    assert verdict.counterexample is not None
    assert trace == verdict.counterexample.trace
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec("\n".join(data["python"]), {})
    assert printed.getvalue().splitlines() == list(told(verdict.counterexample.history))


def told(history: History) -> Iterator[str]:
    """The answers, and before each what a listener was told meanwhile."""
    for operation in history.operations:
        if operation.parent is not None or operation.name == RESTART:
            continue
        for event in history.operations:
            if event.parent == operation.index:
                yield " ".join([event.name, *map(str, event.args.values())])
        result = operation.result
        yield f"{result.type}({result.message!r})" if isinstance(result, Raised) else str(result)


def test_the_schemas_are_schemas() -> None:
    for name in ("counterexample", "report"):
        jsonschema.Draft202012Validator.check_schema(schema(name))
