"""Laws of which keys move when backends come, go, or get another weight: exact, whatever the hash is."""

from collections.abc import Callable, Iterator

from spec.history import History
from spec.law import Verdict, Violation, law
from spec.load_balancing.hashing.observe import Answer, Change, Weights, changes, stretches, weights
from spec.load_balancing.hashing.types import INTERFACE

KARGER = "D. Karger et al., Consistent hashing and random trees, STOC 1997: monotonicity"
JUMP = "J. Lamping and E. Veach, A fast, minimal memory, consistent hash algorithm, 2014"

Moved = tuple[str, Answer, Answer]


def _proof(was: Answer, now: Answer) -> tuple[int, ...]:
    return tuple(sorted({was.call, now.call}))


@law(source=KARGER)
def same_membership_same_mapping(history: History) -> Verdict:
    """What a key is mapped to depends on which backends there are and on their weights, not on their order, nor on
    which there were before.

    Two proxies that heard of the same servers in another order, or at other times, must send a user to the same one.
    """
    judged = 0
    known: dict[frozenset[tuple[str, int]], dict[str, Answer]] = {}
    for stretch in stretches(history):
        seen = known.setdefault(frozenset(weights(stretch.members).items()), {})
        for key, now in stretch.answers.items():
            was = seen.setdefault(key, now)
            judged += was is not now
            if was.name != now.name:
                return Violation(f"{key!r} went to {was.name!r}, and now goes to {now.name!r}", _proof(was, now))
    return judged


def _removed(larger: Weights, smaller: Weights, ordered: bool) -> bool:
    """Whether the smaller one is the larger with some removed: where the order counts, at its end."""
    if ordered:
        return len(smaller) < len(larger) and [*smaller.items()] == [*larger.items()][: len(smaller)]
    return smaller.items() < larger.items()


def _only_those_move(
    history: History, judges: Callable[[Change], bool], may_move: Callable[[Change, Moved], bool], why: str
) -> Verdict:
    """Whether only those keys moved that may, in those changes."""
    judged = 0
    for change in changes(history):
        if not judges(change):
            continue
        for key, was, now in change.answers:
            if not may_move(change, (key, was, now)):
                judged += 1
                if was.name != now.name:
                    return Violation(f"{key!r} moves from {was.name!r} to {now.name!r}; {why}", _proof(was, now))
    return judged


@law(source=KARGER)
def only_removed_keys_move(history: History) -> Verdict:
    """Where backends are removed, only keys that were mapped to one of them move.

    A cache server that dies empties one cache; a hash that moves others' keys as well empties them all.
    """
    return _only_those_move(
        history,
        lambda change: _removed(change.before, change.after, False) and bool(change.after),
        lambda change, moved: moved[1].name not in change.after,
        "it was not on what was removed",
    )


@law(source=KARGER)
def added_takes_only_for_itself(history: History) -> Verdict:
    """Where backends are added, whatever key moves is mapped to one of them.

    A new server is to relieve the others. If it sends their keys round among them, it costs them more than it spares.
    """
    return _only_those_move(
        history,
        lambda change: _removed(change.after, change.before, False) and bool(change.before),
        lambda change, moved: moved[2].name in change.after and moved[2].name not in change.before,
        "neither was added",
    )


@law(source=JUMP)
def only_the_last_ones_keys_move(history: History) -> Verdict:
    """Where backends at the end of the list are removed, only keys that were mapped to one of them move.

    Whoever shrinks a cluster from its end moves as little data as can be. Others must not leave: they are replaced.
    """
    return _only_those_move(
        history,
        lambda change: _removed(change.before, change.after, True) and bool(change.after),
        lambda change, moved: moved[1].name not in change.after,
        "it was not on what was removed",
    )


@law(source=JUMP)
def appended_takes_only_for_itself(history: History) -> Verdict:
    """Where backends are added at the end of the list, whatever key moves is mapped to one of them.

    Whoever grows a cluster at its end moves as little data as can be.
    """
    return _only_those_move(
        history,
        lambda change: _removed(change.after, change.before, True) and bool(change.before),
        lambda change, moved: moved[2].name in change.after and moved[2].name not in change.before,
        "neither was added",
    )


@law(source=JUMP)
def only_the_place_counts(history: History) -> Verdict:
    """With as many backends as at another time, a key is mapped to the same place in the list, whatever their names.

    A shard that is replaced by its copy keeps its keys, and no other shard loses any.
    """
    judged = 0
    known: dict[int, dict[str, tuple[int, Answer]]] = {}
    for stretch in stretches(history):
        names = list(weights(stretch.members))
        places = {name: place for place, name in enumerate(names)}
        seen = known.setdefault(len(names), {})
        for key, now in stretch.answers.items():
            if now.name not in places:
                continue
            place, was = seen.setdefault(key, (places[now.name], now))
            judged += was is not now
            if place != places[now.name]:
                why = f"of {len(names)}, {key!r} went to number {place + 1}, and now goes to {places[now.name] + 1}"
                return Violation(why, _proof(was, now))
    return judged


@law(source=KARGER, needs={"weights"})
def weight_up_only_attracts(history: History) -> Verdict:
    """Where one backend gets more weight, whatever key moves is mapped to it; where it gets less, whatever key moves
    was mapped to it.

    Weights are raised step by step to warm a new server up: each step must cost the others nothing but what it takes.
    """
    judged = 0
    for change, heavier, answers in _reweighed(history):
        for key, was, now in answers:
            own, other = (now, was) if change.after[heavier] > change.before[heavier] else (was, now)
            judged += 1
            if was.name != now.name and own.name != heavier:
                more = "more" if own is now else "less"
                why = f"{key!r} moves from {was.name!r} to {now.name!r}; only {heavier!r} weighs {more}"
                return Violation(why, _proof(own, other))
    return judged


def _reweighed(history: History) -> Iterator[tuple[Change, str, list[Moved]]]:
    """The changes of nothing but the weight of one, and which that is."""
    for change in changes(history):
        if change.before.keys() == change.after.keys():
            changed = [name for name in change.before if change.before[name] != change.after[name]]
            if len(changed) == 1:
                yield change, changed[0], change.answers


@law(source=INTERFACE)
def single_backend_takes_all(history: History) -> Verdict:
    """While there is but one backend with a weight above 0, each key is mapped to it.

    Most services begin with one server, and some end an incident with one.
    """
    judged = 0
    for stretch in stretches(history):
        if len(alone := weights(stretch.members)) == 1:
            (only,) = alone
            judged += len(stretch.answers)
            for key, now in stretch.answers.items():
                if now.name != only:
                    return Violation(f"{key!r} goes to {now.name!r}; there is only {only!r}", (now.call,))
    return judged
