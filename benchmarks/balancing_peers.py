"""Balancers and hashes by others, used as they document it, to measure ours beside them.

They say where a request goes, and that is all: none of them counts what is in flight, so there is nothing to be done.
"""

import random
from collections.abc import Callable, Sequence
from itertools import accumulate, cycle

KEYS = [f"key {number}" for number in range(1000)]
"""Of which the n-th call of a hash asks for the next."""

Call = Callable[[int], object]
"""The n-th pick."""


def named(number: int) -> list[str]:
    """The names of so many backends."""
    return [f"10.0.0.{one}:8080" for one in range(number)]


def weighing(number: int) -> list[int]:
    """Their weights, where weights have a say."""
    return [1 + one % 3 for one in range(number)]


def _next(pick: Callable[[], object]) -> Call:
    return lambda number: pick()


def _found(find: Callable[[str], object]) -> Call:
    return lambda number: find(KEYS[number % 1000])


def _pairs(names: Sequence[str]) -> list[tuple[str, int]]:
    return list(zip(names, weighing(len(names)), strict=True))


def chance(names: Sequence[str]) -> Call:
    """The least that spreads requests: https://docs.python.org/3/library/random.html"""
    choice = random.Random(0).choice
    return lambda number: choice(names)


def choices(names: Sequence[str]) -> Call:
    """https://docs.python.org/3/library/random.html, by sums of weights"""
    choices, sums = random.Random(0).choices, list(accumulate(weighing(len(names))))
    return lambda number: choices(names, cum_weights=sums)[0]


def cycled(names: Sequence[str]) -> Call:
    """https://docs.python.org/3/library/itertools.html"""
    return _next(cycle(names).__next__)


def basic(names: Sequence[str]) -> Call:
    """https://github.com/linnik/roundrobin"""
    import roundrobin

    return _next(roundrobin.basic(names))


def weighted(names: Sequence[str]) -> Call:
    """https://github.com/linnik/roundrobin, as the Linux Virtual Server does"""
    import roundrobin

    return _next(roundrobin.weighted(_pairs(names)))


def smooth(names: Sequence[str]) -> Call:
    """https://github.com/linnik/roundrobin, as nginx does"""
    import roundrobin

    return _next(roundrobin.smooth(_pairs(names)))


def stateful(names: Sequence[str]) -> Call:
    """https://github.com/linnik/roundrobin, whose backends may be disabled"""
    import roundrobin

    return _next(roundrobin.smooth_stateful(_pairs(names)))


def uhashring(names: Sequence[str]) -> Call:
    """https://github.com/ultrabug/uhashring: a ring of Ketama's points"""
    from uhashring import HashRing

    return _found(HashRing(list(names)).get_node)


def clandestined(names: Sequence[str]) -> Call:
    """https://github.com/ewdurbin/clandestined-python: rendezvous"""
    from clandestined import RendezvousHash

    return _found(RendezvousHash(list(names)).find_node)


def hrw(names: Sequence[str]) -> Call:
    """https://pypi.org/project/hrw: rendezvous, of bytes"""
    from hrw import choose

    nodes = [name.encode() for name in names]
    return _found(lambda key: choose(key.encode(), nodes, k=1)[0][0])


def jump(names: Sequence[str]) -> Call:
    """https://github.com/lithammer/python-jump-consistent-hash: in C, of a key that is hashed before"""
    from binascii import crc32

    from jump import hash

    names, number = list(names), len(names)
    return _found(lambda key: names[hash(crc32(key.encode()), number)])


PEERS: dict[str, tuple[Callable[[Sequence[str]], Call], tuple[str, ...]]] = {
    "itertools.cycle": (cycled, ("round_robin",)),
    "roundrobin-basic": (basic, ("round_robin",)),
    "roundrobin-weighted": (weighted, ("weighted_round_robin",)),
    "roundrobin-smooth": (smooth, ("weighted_round_robin",)),
    "roundrobin-stateful": (stateful, ("weighted_round_robin",)),
    "random.choices": (choices, ("weighted_random",)),
    "uhashring": (uhashring, ("consistent_hashing",)),
    "clandestined": (clandestined, ("consistent_hashing",)),
    "hrw": (hrw, ("consistent_hashing",)),
    "jump-consistent-hash": (jump, ("consistent_hashing",)),
}
"""By name: what makes it, and what it is beside."""

EVERYWHERE: dict[str, Callable[[Sequence[str]], Call]] = {"random.choice": chance}
"""Beside all."""


def peers(specification: str) -> tuple[str, ...]:
    """The names of those that stand beside it."""
    return (*EVERYWHERE, *(name for name, (_, beside) in PEERS.items() if specification in beside))


def peer(name: str, backends: int) -> Call | None:
    """That one, of so many backends; None: it is no peer. NotImplementedError if it is not installed."""
    make = EVERYWHERE.get(name) or (PEERS[name][0] if name in PEERS else None)
    try:
        return make and make(named(backends))
    except ImportError as error:
        raise NotImplementedError(f"{error.name} is not installed") from error
