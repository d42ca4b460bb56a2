"""Laws of which keys go first. Servers look at a few keys only for each eviction, so one history may show anything:
these judge many evictions at once, and say how likely they are to be mistaken.

They judge histories of one form: keys are put; each of them is found, and some are used; others are put until there is
too little room; and then every old key is looked for. That each was found tells that none was evicted before: servers
remember the best of what they looked at for the next eviction, and take no note when it is used since.
"""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby

from spec.caching.maxmemory.observe import Look, Write, seen
from spec.caching.maxmemory.types import DOCUMENTATION
from spec.duration import SECOND
from spec.history import History
from spec.law import Verdict, Violation, law

ERROR = 1e-6
"""The probability that a server which keeps a law is told to break it."""

MANY = 30
"""Keys that are to stay, and as many that are to go, without which a history is not judged."""

OFTEN = 5
"""Hits that make a key popular."""

MINUTE = 60 * SECOND
"""Servers lower their counts once in that time, those of all keys alike."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """What became of keys when others were put after them.

    hits:  for each old key the times of its hits.
    newer: how many of the keys that were put then may be evicted.
    """

    old: dict[str, Write]
    hits: dict[str, list[int]]
    newer: int
    gone: frozenset[str]
    last: int
    began: int
    ended: int


def _pressed(history: History) -> Pressed | None:
    """None: the history is not of that form."""
    parts = [(kind, list(part)) for kind, part in groupby(seen(history), lambda one: _kind(one))]
    if len(parts) < 3 or [kind for kind, _ in parts[-2:]] != ["put", "look"]:
        return None
    before = [one for _, part in parts[:-2] for one in part]
    press, found = parts[-2][1], parts[-1][1]
    puts = [one for one in before if isinstance(one, Write)]
    old = {str(one.operation.args["key"]): one for one in puts}
    hits: dict[str, list[int]] = {key: [] for key in old}
    unseen = set(old)
    for one in before:
        key, kind = str(one.operation.args["key"]), _kind(one)
        if kind not in ("put", "hit", "look") or key not in hits or (isinstance(one, Look) and not one.there):
            return None
        if kind == "hit":
            hits[key].append(one.operation.start)
        unseen = set(old) if kind == "put" else unseen - {key}
    if unseen:
        return None
    there = {str(one.operation.args["key"]): isinstance(one, Look) and one.there for one in found}
    if len(puts) != len(old) or len({one.size for one in puts}) != 1 or set(there) != set(old):
        return None
    added = [one for one in press if history.config.scope == "allkeys" or one.operation.args.get("ttl") is not None]
    gone = frozenset(key for key, is_there in there.items() if not is_there)
    span = puts[0].operation.start, found[-1].operation.start
    return Pressed(old, hits, len(added), gone, found[-1].operation.index, *span)


def _kind(one: Write | Look) -> str:
    if isinstance(one, Write):
        return "put" if one.accepted else "refused"
    return {"__contains__": "look", "get": "hit" if one.there else "missed"}.get(one.operation.name, "other")


def _may_go(history: History, pressed: Pressed, write: Write) -> bool:
    """Whether its key may be evicted, and goes by that only."""
    ttl = write.operation.args.get("ttl")
    if ttl is None:
        return bool(history.config.scope == "allkeys")
    return bool(write.operation.start + ttl > pressed.ended + SECOND)


@law(source=DOCUMENTATION)
def popular_half_survives(history: History) -> Verdict:
    """Under `lru` keys that were used since others were put, and under `lfu` keys that were used often, are evicted no
    more than it takes when for each eviction some keys are drawn at random, and the best of these goes.

    The documentation calls that an approximation. Of such a server more popular keys go once in a million histories of
    at least 60 keys with equal sizes. Without this law, any choice would do.
    """
    pressed = _pressed(history)
    if pressed is None or history.config.order not in ("lru", "lfu"):
        return 0
    if any(not _may_go(history, pressed, write) for write in pressed.old.values()):
        return 0
    times = {key: [pressed.old[key].operation.start, *hits] for key, hits in pressed.hits.items()}
    popular = {key for key, hits in pressed.hits.items() if len(hits) >= OFTEN}
    others = {key for key, hits in pressed.hits.items() if not hits}
    if not popular or not others or len(popular) + len(others) < len(times):
        return 0
    latest = max(max(times[key]) for key in others)
    if history.config.order == "lru" and min(max(times[key]) for key in popular) < latest + 2 * SECOND:
        return 0  # servers tell times apart by the second
    if history.config.order == "lfu" and pressed.ended - pressed.began >= MINUTE:
        return 0
    return _judged(history, pressed, popular, "popular")


@law(source=DOCUMENTATION)
def soonest_to_expire_goes_first(history: History) -> Verdict:
    """Under `volatile-ttl` keys that expire late are evicted no more than it takes when for each eviction some keys are
    drawn at random, and of these the one that expires first goes.

    Of such a server more of them go once in a million histories of at least 60 keys with equal sizes, half of which
    expire at least 10 times later. Whoever gives a ttl to tell what matters has no other means.
    """
    pressed = _pressed(history)
    if pressed is None or history.config.order != "ttl":
        return 0
    ends = {}
    for key, write in pressed.old.items():
        if (ttl := write.operation.args.get("ttl")) is None:
            return 0
        ends[key] = write.operation.start + ttl - pressed.ended
    ranked = sorted(ends, key=lambda key: ends[key])
    soon, late = ranked[: len(ranked) // 2], ranked[len(ranked) // 2 :]
    if not soon or ends[soon[0]] <= SECOND or ends[late[0]] < 10 * ends[soon[-1]]:
        return 0
    return _judged(history, pressed, set(late), "late")


def _judged(history: History, pressed: Pressed, better: set[str], what: str) -> Verdict:
    """Whether as few of the better keys are gone as must be."""
    worse = len(pressed.old) - len(better)
    if min(len(better), worse) < MANY or not pressed.gone:
        return 0
    lost = len(pressed.gone & better)
    by_chance = chance(len(better), worse, pressed.newer, history.config.samples, len(pressed.gone), lost)
    if by_chance < ERROR:
        why = f"{lost} of {len(better)} {what} keys went, and {len(pressed.gone) - lost} of {worse} others"
        return Violation(f"{why}; by chance in one of {1 / max(by_chance, 1e-300):.0e} runs", (pressed.last,))
    return len(pressed.gone)


def chance(better: int, worse: int, newer: int, samples: int, gone: int, lost: int) -> float:
    """The probability that so many of the better keys are lost, or more, when that many of both have gone.

    For each eviction keys are drawn with replacement, and a worse one goes if any was drawn. Keys that are newer are
    better than both from the beginning, which makes it as likely as can be that a better one goes.
    """
    lose: Callable[[int, int], float] = _lose(newer, samples)
    likely = {0: 1.0}  # by how many better ones are lost
    for step in range(gone):
        then: dict[int, float] = {}
        for so_far, probability in likely.items():
            part = lose(better - so_far, worse - (step - so_far))
            then[so_far + 1] = then.get(so_far + 1, 0.0) + probability * part
            then[so_far] = then.get(so_far, 0.0) + probability * (1 - part)
        likely = then
    return sum(probability for so_far, probability in likely.items() if so_far >= lost)


def _lose(newer: int, samples: int) -> Callable[[int, int], float]:
    """For how many of both are left, the probability that of these two kinds it is a better one that goes next."""

    def lose(better: int, worse: int) -> float:
        if better <= 0 or worse <= 0:
            return float(worse <= 0)
        only_newer = float(newer) ** samples
        without = float(better + newer) ** samples - only_newer
        return without / (float(better + worse + newer) ** samples - only_newer)

    return lose
