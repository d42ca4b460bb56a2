"""The smallest trace that still violates the same law.

It works on traces, not on Hypothesis' choices: a candidate is played once and asked of one law, so that a few dozen
plays of a few steps each are enough. Every change kept makes the trace simpler by `_cost`, so it ends.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass, replace
from itertools import islice
from typing import Any

from conformance.blocks import needs
from conformance.references import Reference
from conformance.trace import CannotStart, Step, Target, Trace
from spec.history import History
from spec.law import Law, Violation


class EnoughPlays(Exception):
    """No more plays are left. To go on looking for what to play would take its time as well, where a trace is long."""


Found = tuple[Trace, History, Violation]
MOST_STEPS = 200_000
"""No more plays than make that many steps of the first trace: what takes thousands to show has no short one."""

NAMES = ("a", "b", "c", "d")


def shrink(
    target: Target,
    law: Law,
    trace: Trace,
    simpler_configs: Callable[[Any], Iterable[Any]] = lambda config: (),
    simpler_traces: Callable[[Trace], Iterable[Trace]] = lambda trace: (),
    plays: int = 1000,
) -> Found | None:
    """The simplest violation found with at most that many plays; None if playing the trace again violates nothing."""
    first = _violation(target, law, trace)
    if first is None:
        return None
    plays = min(plays, MOST_STEPS // (len(first[0].steps) + 1))
    best, cost, promised = first, _cost(first[0]), needs(target.specification, trace)

    def attempt(candidate: Trace) -> bool:
        """Play it; whether it is now the best."""
        nonlocal best, plays, cost
        if plays <= 0:
            raise EnoughPlays
        known = candidate.config == best[0].config
        if known and _compared(candidate, cost) >= 0:
            return False
        if not needs(target.specification, candidate) <= promised:
            return False
        plays -= 1
        found = _violation(target, law, candidate)
        if found is None or _compared(found[0], cost) > 0:
            return False
        best, cost = found, _cost(found[0])
        return True

    def passes() -> Iterator[bool]:
        yield _simplify_config(lambda: best[0], attempt, simpler_configs)
        yield _delete_steps(lambda: best[0], attempt)
        yield _simplify_steps(lambda: best[0], attempt, _with_simpler_time)
        yield _simplify_traces(lambda: best[0], attempt, simpler_traces)
        yield _simplify_texts(lambda: best[0], attempt)
        yield _simplify_steps(lambda: best[0], attempt, _with_simpler_values)

    with suppress(EnoughPlays):
        while any(list(passes())):
            pass
    return best


Best = Callable[[], Trace]
Attempt = Callable[[Trace], bool]


def _violation(target: Target, law: Law, trace: Trace) -> Found | None:
    """What the trace violates, without what came after the last operation that proves it."""
    played = [trace]
    try:
        history = target.play(trace, lambda run: played.append(run.trace()))
    except CannotStart:
        return None
    verdict = law(history)
    if not isinstance(verdict, Violation):
        return None
    end, last = _end(history, max(verdict.operations)), max(verdict.operations)
    left, steps = sum(one.parent is None for one in history.operations[: last + 1]), []
    for step in played[-1].steps:
        if not left:
            break
        left -= bool(step.name)
        steps.append(step)
    return replace(trace, steps=tuple(steps)), history.until(end), verdict


def _end(history: History, last: int) -> int:
    """How many operations there are up to that one, and those that belong to the same step."""
    end = last + 1
    while end < len(history.operations) and history.operations[end].parent is not None:
        end += 1
    return end


def _simplify_config(best: Best, attempt: Attempt, simpler: Callable[[Any], Iterable[Any]]) -> bool:
    return any(attempt(replace(best(), config=config)) for config in simpler(best().config))


def _simplify_traces(best: Best, attempt: Attempt, simpler: Callable[[Trace], Iterable[Trace]]) -> bool:
    """As long as one candidate is better; it goes on where it was."""
    helped, index = False, 0
    while (candidate := next(islice(simpler(best()), index, None), None)) is not None:
        if attempt(candidate):
            helped = True
        else:
            index += 1
    return helped


def _delete_steps(best: Best, attempt: Attempt) -> bool:
    """Runs of steps, long ones first; each with and without the time that they took."""
    helped, size = False, max(1, len(best().steps) // 2)
    while size:
        start = 0
        while start < len(best().steps):
            if any(attempt(candidate) for candidate in _without(best(), start, size)):
                helped = True
            else:
                start += size
        size //= 2
    return helped


def _without(trace: Trace, start: int, size: int) -> Iterator[Trace]:
    steps, took = trace.steps, sum(step.advance for step in trace.steps[start : start + size])
    for rest in _rewired(steps, start, size):
        yield replace(trace, steps=steps[:start] + rest)
        if took and rest:
            yield replace(trace, steps=(*steps[:start], replace(rest[0], advance=rest[0].advance + took), *rest[1:]))


def _rewired(steps: tuple[Step, ...], start: int, size: int) -> list[tuple[Step, ...]]:
    """What is left of the steps after those deleted, with references to what they now are: those to a deleted step go
    where that one referred to, or else the step goes with it."""
    end = start + size
    if not any(type(value) is Reference for step in steps[end:] for value in step.args.values()):
        return [steps[end:]]
    found = []
    for through in (True, False):
        number: dict[int, int] = {old: old for old in range(start)}
        kept: list[Step] = []
        for old in range(end, len(steps)):
            args = {name: _redirected(value, steps, number, through) for name, value in steps[old].args.items()}
            if None not in [args[name] for name, value in steps[old].args.items() if type(value) is Reference]:
                number[old] = start + len(kept)
                kept.append(replace(steps[old], args=args))
        found.append(tuple(kept))
    return found if found[0] != found[1] else found[:1]


def _redirected(value: Any, steps: tuple[Step, ...], number: dict[int, int], through: bool) -> Any:
    """The argument where steps have the new numbers; None if what it refers to has none."""
    while type(value) is Reference and value.step not in number:
        before = next((one for one in steps[value.step].args.values() if type(one) is Reference), None)
        if not through or before is None:
            return None
        value = replace(value, step=before.step)
    return replace(value, step=number[value.step]) if type(value) is Reference else value


def _simplify_steps(best: Best, attempt: Attempt, simpler: Callable[[Trace, Step], Iterator[Step]]) -> bool:
    """Each step in its turn, as long as there are any: what is kept may have been cut shorter."""
    helped, index = False, 0
    while index < len(best().steps):
        trace = best()
        helped |= any(attempt(_with(trace, index, step)) for step in simpler(trace, trace.steps[index]))
        index += 1
    return helped


def _with_simpler_time(trace: Trace, step: Step) -> Iterator[Step]:
    return (replace(step, advance=advance) for advance in _simpler_numbers(step.advance))


def _simplify_texts(best: Best, attempt: Attempt) -> bool:
    """Every text renamed wherever it occurs."""
    helped = False
    for text in _texts(best()):
        for name in NAMES:
            if name not in _texts(best()) and (len(name), name) < (len(text), text):
                renamed = tuple(_renamed(step, text, name) for step in best().steps)
                helped = attempt(replace(best(), steps=renamed)) or helped
    return helped


def _with_simpler_values(trace: Trace, step: Step) -> Iterator[Step]:
    for name, value in step.args.items():
        simpler: Iterable[Any] = ()
        if type(value) is int and value != 1:
            simpler = (1, *_simpler_numbers(value))
        elif type(value) is str:
            simpler = [text for text in _texts(trace) if (len(text), text) < (len(value), value)]
        for one in simpler:
            yield replace(step, args={**step.args, name: one})
    if step.client != "main":
        yield replace(step, client="main")
    for index in range(len(step.back)):
        yield replace(step, back=step.back[:index] + step.back[index + 1 :])


def _texts(trace: Trace) -> list[str]:
    return list(dict.fromkeys(v for step in trace.steps for v in step.args.values() if type(v) is str))


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


def _weight(value: Any) -> int:
    """How much there is to read in a value."""
    if value is None or isinstance(value, bool | Reference):
        return value is True
    if isinstance(value, Mapping):
        return sum(2 + _weight(item) for item in value.values())
    if isinstance(value, list | tuple):
        return sum(2 + _weight(item) for item in value)
    if is_dataclass(value):
        return sum(_weight(getattr(value, field.name)) for field in fields(value))
    return len(repr(value)) + (type(value) is int and abs(value) > 99)


def _compared(trace: Trace, cost: tuple[Any, ...]) -> int:
    """Below 0 where the trace costs less than that, 0 where the same. Most often the number of steps tells."""
    if len(trace.steps) != cost[0]:
        return len(trace.steps) - int(cost[0])
    own = _cost(trace)
    return (own > cost) - (own < cost)


def _cost(trace: Trace) -> tuple[Any, ...]:
    """What makes a trace hard to read, the worst first."""
    values = [v for step in trace.steps for v in step.args.values()]
    numbers = sorted((abs(v - 1), v) for v in values if type(v) is int)
    texts = sorted((len(v), v) for v in values if type(v) is str)
    return (
        len(trace.steps),
        _weight([v for v in values if type(v) is not int and type(v) is not str]) + _weight(trace.config),
        sum(step.advance != 0 for step in trace.steps),
        sum(step.client != "main" for step in trace.steps) + sum(len(step.back) for step in trace.steps),
        len(set(texts)),
        [_number_cost(step.advance) for step in trace.steps],
        numbers,
        texts,
    )
