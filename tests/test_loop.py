"""Coroutines under test: their time is virtual, and nothing waits."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.environment import VirtualClock, World
from conformance.judge import Budget, Outcome, check
from conformance.loop import VirtualLoop
from conformance.trace import Target
from conformance.watch import Hangs
from spec.rate_limiting.types import SECOND
from spec.specification import specifications
from tests.rate_limiting import coroutines

BUCKET = specifications()["rate_limiting.token_bucket"]


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(0)


@pytest.fixture
def loop(clock: VirtualClock) -> Iterator[VirtualLoop]:
    loop = VirtualLoop(clock)
    yield loop
    loop.end()


def test_an_hour_of_sleep_is_an_hour_to_the_microsecond_and_takes_no_time(
    loop: VirtualLoop, clock: VirtualClock
) -> None:
    loop.complete(asyncio.sleep(3600))
    assert clock.now() == 3600 * SECOND
    loop.complete(asyncio.sleep(0.000_001))
    assert clock.now() == 3600 * SECOND + 1


def test_a_timeout_comes_when_it_is_due(loop: VirtualLoop, clock: VirtualClock) -> None:
    with pytest.raises(TimeoutError):
        loop.complete(asyncio.wait_for(asyncio.sleep(5), 2))
    assert clock.now() == 2 * SECOND


def test_timers_on_the_way_fire_each_at_its_time(loop: VirtualLoop, clock: VirtualClock) -> None:
    fired = []

    async def tick() -> None:
        while True:
            await asyncio.sleep(1)
            fired.append(clock.now() // SECOND)

    async def start() -> asyncio.Task[None]:
        return asyncio.create_task(tick())

    task = loop.complete(start())
    loop.advance(5 * SECOND + 1)
    assert fired == [1, 2, 3, 4, 5]
    assert not task.done()


def test_a_clock_that_steps_back_turns_no_timer_back(loop: VirtualLoop, clock: VirtualClock) -> None:
    clock.move(10 * SECOND)
    before = loop.time()
    clock.move(-5 * SECOND)
    assert loop.time() == before
    loop.complete(asyncio.sleep(1))
    assert loop.time() == pytest.approx(before + 1)


def test_waits_too_short_for_floats_come_to_an_end(loop: VirtualLoop) -> None:
    async def wait() -> None:
        until = loop.time() + 3e-9
        while loop.time() < until:
            await asyncio.sleep(1e-17)

    loop.complete(asyncio.sleep(1000))
    loop.complete(wait())


def test_time_stands_still_however_many_calls_come(loop: VirtualLoop) -> None:
    before = loop.time()
    for _ in range(1000):
        loop.complete(asyncio.sleep(0))
    assert loop.time() == before


def test_what_nobody_brings_hangs_and_is_not_waited_for(loop: VirtualLoop) -> None:
    with pytest.raises(Hangs):
        loop.complete(loop.create_future())


def test_time_does_not_jump_while_a_thread_works(loop: VirtualLoop, clock: VirtualClock) -> None:
    assert loop.complete(asyncio.wait_for(asyncio.to_thread(time.sleep, 0.001), 60)) is None
    assert clock.now() < SECOND


def outcomes(factory: object) -> dict[str, Outcome]:
    result = check(Target(BUCKET, factory, World()), Budget(20))  # type: ignore[arg-type]
    return {one.law: one.outcome for one in result.verdicts if one.outcome != Outcome.NOT_APPLICABLE}


CORRECT = [coroutines.AsyncBucket, coroutines.made_by_a_coroutine, coroutines.NeedsALoop]


@pytest.mark.parametrize("factory", CORRECT, ids=lambda one: one.__name__)
def test_methods_that_are_coroutines_are_judged_as_others_are(factory: object) -> None:
    assert set(outcomes(factory).values()) == {Outcome.HOLDS}


def test_a_mistake_among_timers_is_found() -> None:
    assert outcomes(coroutines.RefilledByTimer)["conforming_traffic_is_admitted"] == Outcome.VIOLATED


def test_a_coroutine_that_never_ends_breaks_the_law_that_every_call_is_answered() -> None:
    assert outcomes(coroutines.NeverAnswers)["answers_every_call"] == Outcome.VIOLATED


def test_its_program_awaits(lawful: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = "tests.rate_limiting.coroutines:RefilledByTimer"
    lawful("check", "token_bucket", name, "--profile", "quick", "--save", str(tmp_path))
    (kept,) = tmp_path.glob("*conforming_traffic_is_admitted.json")
    program = lawful("replay", str(kept), "--python").out
    assert "await main.acquire(" in program
    exec(program, {})
    assert "refused" in capsys.readouterr().out.splitlines()[-1]
