"""Counters with one mistake each."""

from conformance.mutants import mutant
from lawful_counting.impls.counting.memory import Memory


@mutant("counting.counter", killed_by="never_counts_down")
class OneByte(Memory):
    """A count is kept in one byte."""

    def add(self, name: str, amount: int = 1) -> int:
        return super().add(name, amount) % 256


@mutant("counting.counter", killed_by="refuses_negative_amounts")
class AnyAmount(Memory):
    """An amount below 0 is taken for its size."""

    def add(self, name: str, amount: int = 1) -> int:
        return super().add(name, abs(amount))


@mutant("counting.counter", killed_by="agrees_with_model")
class OneCounterForAll(Memory):
    """The name is not looked at."""

    def add(self, name: str, amount: int = 1) -> int:
        return super().add("", amount)
