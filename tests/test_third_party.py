"""What adapters say of libraries is so: every law holds, and what is declared to be broken is."""

import subprocess
import sys
import time
from typing import Any

import pytest

from conformance import session
from conformance.environment import VirtualClock
from conformance.judge import Budget, Outcome
from impls import registry
from impls.backends import Backends
from impls.library_clock import reading
from impls.registry import Implementation, implementations
from spec.specification import specifications

pytestmark = pytest.mark.filterwarnings("ignore:tzname")

LIBRARIES = [one for name in specifications() for one in implementations(name, libraries=True) if one.library]


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda one: f"{one.specification}-{one.name}")
def test_a_library_keeps_what_its_adapter_says(
    library: Implementation, backends: Backends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("conformance.judge.smallest", lambda target, law, found: found)  # nobody reads it
    specification = specifications()[library.specification]
    fast = specification.block != "pagination" and library.backend == "memory" and library.library != "diskcache"
    checked = session.run(specification, library, Budget(40 if fast else 8), backends)
    told = {verdict.law: verdict.outcome for verdict in checked.verdicts}
    expected = {Outcome.HOLDS, Outcome.NOT_APPLICABLE}
    if library.deviations:
        expected |= {Outcome.DEVIATES, Outcome.UNEXPECTEDLY_HOLDS}  # some take more examples to be seen
        assert Outcome.DEVIATES in told.values()
    assert set(told.values()) <= expected


def test_libraries_are_checked_where_they_are_asked_for(lawful: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    in_memory = {
        (one.specification, one.name): one
        for one in implementations("rate_limiting.token_bucket", libraries=True)
        if one.backend == "memory"
    }
    monkeypatch.setattr(registry, "_REGISTERED", in_memory)
    without, with_them = (
        lawful("check", "token_bucket", "--examples", "5", "--jobs", "1", *options)
        for options in ((), ("--libraries",))
    )
    assert "token-bucket" not in without.out
    assert "token_bucket  token-bucket   DEVIATES  rejects_bad_input" in with_them.out
    assert without.status == with_them.status == 0


def test_a_library_reads_the_clock_it_is_given_and_only_while_it_does() -> None:
    clock, real = VirtualClock(), time
    with reading(sys.modules[__name__], clock):
        assert time.monotonic() == time.time() == clock.now() / 1_000_000
        time.sleep(0.5)
    assert time is real
    assert clock.now() == VirtualClock().now() + 500_000


@pytest.mark.parametrize("reference", ["memory", "tests.pagination.outsiders:RawIds"])
def test_no_library_is_imported_for_who_does_not_ask_for_one(reference: str) -> None:
    program = f"import sys; from conformance import session; session.select('cursor', {reference!r})"
    program += "; print(sorted({'django', 'sqlakeyset', 'rest_framework'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"
