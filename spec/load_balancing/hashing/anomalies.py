"""What hashes permit, and users should know: each is found in a history, with the calls that show it."""

from spec.history import History
from spec.law import Violation, anomaly
from spec.load_balancing.hashing.observe import changes


@anomaly(source="D. Thaler and C. V. Ravishankar, Using name-based mappings to increase hit rates, 1998")
def remaps_almost_all(history: History) -> Violation | None:
    """Where one backend is removed or added, most keys of those that stay move.

    Of n + 1 backends one dies, and n of n + 1 users lose their session, or find their cache cold: all caches at once.
    """
    for change in changes(history):
        sizes = sorted((len(change.before), len(change.after)))
        if sizes[0] < 2 or sizes[1] != sizes[0] + 1 or len(change.before.keys() ^ change.after.keys()) != 1:
            continue
        both = change.before.keys() & change.after.keys()
        stayed = [(was, now) for _, was, now in change.answers if was.name in both and now.name in both]
        moved = [(was, now) for was, now in stayed if was.name != now.name]
        if len(moved) > len(stayed) / 2 and len(stayed) >= 5:
            why = f"{len(moved)} of {len(stayed)} keys move between backends that stay"
            return Violation(why, (max(was.call for was, _ in moved), max(now.call for _, now in moved)))
    return None


@anomaly(source="D. E. Eisenbud et al., Maglev: A fast and reliable software network load balancer, NSDI 2016, 3.4")
def maglev_moves_some_survivors(history: History) -> Violation | None:
    """Where one backend is removed, a key moves that was not on it.

    An even table costs a few connections to servers that nothing happened to.
    """
    for change in changes(history):
        if change.after and change.after.items() < change.before.items():
            for key, was, now in change.answers:
                if was.name != now.name and was.name in change.after and now.name in change.after:
                    why = f"{key!r} moves from {was.name!r} to {now.name!r}"
                    return Violation(why, (was.call, now.call))
    return None
