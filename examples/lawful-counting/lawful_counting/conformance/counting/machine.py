"""Rules that count."""

from hypothesis import strategies as st
from hypothesis.stateful import initialize, rule

from conformance.machine import Machine
from lawful_counting.spec.counting import Start


class Counting(Machine):
    """Adds small amounts under few names, so that they meet."""

    example_config = Start()

    @initialize(value=st.integers(0, 3))
    def begin(self, value: int) -> None:
        self.start(Start(value))

    @rule(name=st.sampled_from(["a", "b"]), amount=st.integers(-1, 300))
    def add(self, name: str, amount: int) -> None:
        self.call("add", name=name, amount=amount)


MACHINES = {"counter": Counting}
