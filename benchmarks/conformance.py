"""What a check costs, and what it finds: asv's benchmarks of the suite itself, on what is in memory."""

from typing import Any

SPECIFICATIONS = (
    "rate_limiting.token_bucket",
    "rate_limiting.leaky_bucket_queue",
    "rate_limiting.fixed_window",
    "rate_limiting.sliding_window_log",
    "rate_limiting.sliding_window_counter",
    "pagination.offset",
    "pagination.cursor",
    "pagination.keyset",
)
SEEDS, EXAMPLES = 2, 60


def _specification(name: str) -> Any:
    from spec.specification import specifications

    try:
        return specifications()[name]
    except KeyError:
        raise NotImplementedError(f"{name} is not specified here") from None


class Check:
    """Twenty examples of the implementation in memory, beside the same machine in plain Hypothesis."""

    params = SPECIFICATIONS
    param_names = ("specification",)
    timeout = 120
    number, rounds, repeat = 1, 2, (2, 3, 1.0)
    version = "1"

    def setup(self, name: str) -> None:
        self.specification = _specification(name)

    def time_twenty_examples(self, name: str) -> None:
        from benchmarks.rate_limiting_overhead import target_of
        from conformance.judge import Budget, Judge, exercise

        target, can, laws = target_of(self.specification)
        exercise(target, can, Judge(laws), Budget(20))

    def track_overhead(self, name: str) -> float:
        from benchmarks.rate_limiting_overhead import overhead
        from conformance.judge import Budget

        checked, plain = overhead(self.specification, Budget(20))
        return checked / plain

    track_overhead.unit = "times plain Hypothesis"  # type: ignore[attr-defined]


class History:
    """A history of so many calls of a token bucket in memory, played and judged."""

    params = (100, 1000, 10_000)
    param_names = ("calls",)
    number, rounds, repeat = 1, 2, (2, 3, 1.0)
    version = "1"

    def setup(self, calls: int) -> None:
        import random

        from benchmarks.rate_limiting_overhead import target_of
        from conformance.blocks import machine_of
        from conformance.trace import Step, Trace

        specification = _specification("rate_limiting.token_bucket")
        self.target, _, self.laws = target_of(specification)
        chance = random.Random(0)
        asked = [{"key": chance.choice("abc"), "cost": chance.choice([1, 1, 3])} for _ in range(calls)]
        steps = tuple(Step(chance.choice([0, 0, 1, 100_000]), "acquire", args) for args in asked)
        self.trace = Trace(machine_of(specification).example_config, steps)

    def time_judged(self, calls: int) -> None:
        from conformance.judge import Judge

        self.target.play(self.trace, Judge(self.laws))


class Mutants:
    """How many examples it takes to find a mistake that is planted in memory, and how many are not found at all."""

    params = SPECIFICATIONS
    param_names = ("specification",)
    timeout = 300
    version = "1"

    def track_examples_to_kill(self, name: str) -> float:
        """The mean over mutants and seeds; of one that survives, all that were tried."""
        try:
            from conformance.judge import Budget, Judge, capabilities, exercise
            from conformance.mutants import mutants
            from conformance.trace import Target
        except ImportError as error:
            raise NotImplementedError(str(error)) from error
        found: list[int] = []
        for mutant in mutants(_specification(name)):
            if getattr(mutant, "backend", "memory") != "memory":
                continue
            specification = _specification(name).declared(mutant.capabilities)
            target, law = Target(specification, mutant.factory), specification.law(mutant.killed_by)
            can = capabilities(target, mutant.capabilities)
            for seed in range(SEEDS):
                judge = Judge((law,), stop_when_all_violated=True)
                exercise(target, can, judge, Budget(EXAMPLES, seed=seed))
                found.append(judge.found_after.get(law.name, EXAMPLES))
        return sum(found) / len(found)

    track_examples_to_kill.unit = "examples"  # type: ignore[attr-defined]
