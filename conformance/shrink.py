"""The smallest trace that still violates the same law.

It works on traces, not on Hypothesis' choices: a candidate is played once and asked of one law, so that a few dozen
plays of a few steps each are enough. Every change kept makes the trace simpler by `_cost`, so it ends.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from conformance.trace import CannotStart, Step, Target, Trace
from spec.history import History
from spec.law import Law, Violation

Found = tuple[Trace, History, Violation]
NAMES = ("a", "b", "c", "d")


def shrink(
    target: Target,
    law: Law,
    trace: Trace,
    simpler_configs: Callable[[Any], Iterable[Any]] = lambda config: (),
    plays: int = 1000,
) -> Found | None:
    """The simplest violation found with at most that many plays; None if playing the trace again violates nothing."""
    found = _violation(target, law, trace)
    if found is None:
        return None
    best = _cut(found)

    def improved(candidates: Iterable[Trace]) -> bool:
        nonlocal best, plays
        for candidate in candidates:
            if plays <= 0:
                return False
            if candidate.config == best[0].config and _cost(candidate) >= _cost(best[0]):
                continue
            plays -= 1
            found = _violation(target, law, candidate)
            if found and _cost(_cut(found)[0]) <= _cost(best[0]):
                best = _cut(found)
                return True  # the other candidates were made from what is no longer the best
        return False

    def configured(trace: Trace) -> Iterable[Trace]:
        return (replace(trace, config=config) for config in simpler_configs(trace.config))

    passes = (_without_steps, configured, _with_simpler_times, _with_simpler_values)
    while any(_exhausted(improved, candidates, lambda: best[0]) for candidates in passes):
        pass
    return best


def _exhausted(
    improved: Callable[[Iterable[Trace]], bool],
    candidates: Callable[[Trace], Iterable[Trace]],
    best: Callable[[], Trace],
) -> bool:
    """Follow one kind of change until it no longer helps; whether it helped."""
    helped = False
    while improved(candidates(best())):
        helped = True
    return helped


def _violation(target: Target, law: Law, trace: Trace) -> Found | None:
    try:
        history = target.play(trace)
    except CannotStart:
        return None
    verdict = law(history)
    return (trace, history, verdict) if isinstance(verdict, Violation) else None


def _cut(found: Found) -> Found:
    """Without what came after the last operation that proves it."""
    trace, history, violation = found
    end = max(violation.operations) + 1
    calls, steps = 0, []
    for step in trace.steps:
        if calls == end:
            break
        calls += bool(step.name)
        steps.append(step)
    return replace(trace, steps=tuple(steps)), history.until(end), violation


def _without_steps(trace: Trace) -> Iterator[Trace]:
    """Runs of steps deleted, long ones first; each with and without the time that they took."""
    steps, size = trace.steps, len(trace.steps) // 2
    while size >= 1:
        for start in range(len(steps) - size + 1):
            rest = steps[start + size :]
            yield replace(trace, steps=steps[:start] + rest)
            took = sum(step.advance for step in steps[start : start + size])
            if took and rest:
                later = replace(rest[0], advance=rest[0].advance + took)
                yield replace(trace, steps=(*steps[:start], later, *rest[1:]))
        size //= 2


def _with_simpler_times(trace: Trace) -> Iterator[Trace]:
    for index, step in enumerate(trace.steps):
        for advance in _simpler_numbers(step.advance):
            yield _with(trace, index, replace(step, advance=advance))


def _with_simpler_values(trace: Trace) -> Iterator[Trace]:
    """Every text renamed wherever it occurs, every number lowered, an argument at a time."""
    texts = dict.fromkeys(v for step in trace.steps for v in step.args.values() if type(v) is str)
    for text in texts:
        for name in NAMES:
            if name not in texts and (len(name), name) < (len(text), text):
                yield replace(trace, steps=tuple(_renamed(step, text, name) for step in trace.steps))
    for index, step in enumerate(trace.steps):
        for name, value in step.args.items():
            simpler: Iterable[Any] = ()
            if type(value) is int:
                simpler = (1, *_simpler_numbers(value)) if value != 1 else ()
            elif type(value) is str:
                simpler = [text for text in texts if (len(text), text) < (len(value), value)]
            for one in simpler:
                yield _with(trace, index, replace(step, args={**step.args, name: one}))
        if step.client != "main":
            yield _with(trace, index, replace(step, client="main"))


def _renamed(step: Step, text: str, name: str) -> Step:
    return replace(step, args={k: name if type(v) is str and v == text else v for k, v in step.args.items()})


def _with(trace: Trace, index: int, step: Step) -> Trace:
    return replace(trace, steps=(*trace.steps[:index], step, *trace.steps[index + 1 :]))


def _simpler_numbers(number: int) -> Iterator[int]:
    """Simpler numbers: zero, round ones, then ever nearer ones."""
    if not number:
        return
    yield 0
    sign, size = (-1, -number) if number < 0 else (1, number)
    digits = len(str(size))
    for keep in range(1, digits):
        unit = 10 ** (digits - keep)
        yield sign * (size // unit) * unit
        yield sign * (size // unit + 1) * unit
    half = size // 2
    while half:
        yield sign * (size - half)
        half //= 2


def _number_cost(number: int) -> tuple[int, int]:
    return len(str(abs(number)).rstrip("0")), abs(number)


def _cost(trace: Trace) -> tuple[Any, ...]:
    """What makes a trace hard to read, the worst first."""
    values = [v for step in trace.steps for v in step.args.values()]
    numbers = sorted((abs(v - 1), v) for v in values if type(v) is int)
    texts = sorted((len(v), v) for v in values if type(v) is str)
    return (
        len(trace.steps),
        sum(step.advance != 0 for step in trace.steps),
        sum(step.client != "main" for step in trace.steps),
        len(set(texts)),
        [_number_cost(step.advance) for step in trace.steps],
        numbers,
        texts,
    )
