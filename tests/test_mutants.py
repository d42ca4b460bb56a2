"""The suite's own test: every planted mistake is killed by the law it names, and correct implementations survive."""

import pytest

from conformance.blocks import machine_of
from conformance.judge import Budget, Judge, capabilities, exercise
from conformance.mutants import Mutant, mutants
from conformance.trace import Target
from spec.law import Law
from spec.specification import Specification, specifications

MUTANTS = [mutant for specification in specifications().values() for mutant in mutants(specification)]
SEEDS = range(5)


def survives(mutant: Mutant, seed: int) -> bool:
    specification = specifications()[mutant.specification].declared(mutant.capabilities)
    target = Target(specification, mutant.factory)
    judge = Judge((specification.law(mutant.killed_by),), stop_when_all_violated=True)
    can = capabilities(target, mutant.capabilities, machine_of(specification).example_config)
    exercise(target, can, judge, Budget(examples=100, seed=seed))
    return not judge.violations


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_is_killed_by_the_law_it_names(mutant: Mutant) -> None:
    assert [seed for seed in SEEDS if survives(mutant, seed)] == []


def test_every_law_kills_a_mutant() -> None:
    """A law that several specifications share, of one of them."""
    every = {id(law): law for one in specifications().values() for law in (*one.laws, *_laws_of_variants(one))}
    for mutant in MUTANTS:
        every.pop(id(specifications()[mutant.specification].declared(mutant.capabilities).law(mutant.killed_by)), None)
    assert [law.name for law in every.values()] == []


def _laws_of_variants(specification: Specification) -> list[Law]:
    """Those that the variant has and the specification has not."""
    own = {law.name for law in specification.laws}
    return [law for variant in specification.variants.values() for law in variant.laws if law.name not in own]
