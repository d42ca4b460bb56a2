"""Laws of everything that maps keys to backends: who may be named, and what bad input does."""

from spec.history import NO_ANSWER, History, refused_as_bad, unanswered
from spec.law import Verdict, Violation, law
from spec.load_balancing.hashing.observe import Answer, asked, is_whole, looks, weights
from spec.load_balancing.hashing.types import INTERFACE, Keys
from spec.load_balancing.picking.situation import is_bad
from spec.load_balancing.picking.types import Backends


@law(source=INTERFACE, concurrent=True)
def answers_every_call(history: History) -> Verdict:
    """Every call with good arguments is answered, with a value of the promised type, and `assign` with one for each
    key.

    The empty key, one that is no English, one left, the last one gone: who is asked where a request goes must answer.
    """
    judged = 0
    for operation, situation, _ in asked(history):
        if is_bad(situation, operation):
            continue
        judged += 1
        if wrong := unanswered(operation):
            return Violation(wrong, (operation.index,))
        if operation.name == "assign" and not is_whole(operation):
            why = f"{len(operation.args['keys'])} keys, but {len(operation.result)} answers"
            return Violation(why, (operation.index,))
    return judged


@law(source=INTERFACE, needs={"set_backends"})
def rejects_bad_backends(history: History) -> Verdict:
    """Backends with an empty name, a name twice, or a weight below 0 raise ValueError or TypeError.

    Two backends of one name are one that gets twice its share; and which of two weights counts, nobody knows.
    """
    judged = 0
    for operation, situation, _ in asked(history):
        if operation.name == "set_backends" and is_bad(situation, operation) and operation.result is not NO_ANSWER:
            judged += 1
            if not refused_as_bad(operation):
                return Violation("bad backends must raise ValueError", (operation.index,))
    return judged


@law(source=INTERFACE)
def only_members(history: History) -> Verdict:
    """Whatever a key is mapped to is the name of a backend that is there.

    A request that is sent to a server that is gone is an error that a user sees.
    """
    judged = 0
    for operation, members, keys, names in looks(history):
        judged += len(keys)
        known = {one.name for one in members}
        for key, name in zip(keys, names, strict=True):
            if name is not None and name not in known:
                return Violation(f"{key!r} goes to {name!r}, which is not there", (operation.index,))
    return judged


@law(source=INTERFACE, needs={"weights"})
def zero_weight_gets_nothing(history: History) -> Verdict:
    """No key is mapped to a backend of weight 0.

    It is how a server is taken out of rotation in most configurations; 0 is no default, and no small share.
    """
    judged = 0
    for operation, members, keys, names in looks(history):
        if idle := {one.name for one in members if not one.weight}:
            judged += len(keys)
            for key, name in zip(keys, names, strict=True):
                if name in idle:
                    return Violation(f"{key!r} goes to {name!r}, which has weight 0", (operation.index,))
    return judged


@law(source=INTERFACE)
def every_key_has_a_backend(history: History) -> Verdict:
    """While there is a backend with a weight above 0, each key is mapped to one.

    A key without a backend is a customer for whom the service is down, whenever he comes.
    """
    judged = 0
    for operation, _, members in asked(history):
        if operation.name == "assign" and weights(members):
            judged += len(operation.args["keys"])
            if unanswered(operation) or not is_whole(operation):
                return Violation("there are backends, but there is no answer for each key", (operation.index,))
            for key, name in zip(operation.args["keys"], operation.result, strict=True):
                if name is None:
                    return Violation(f"{key!r} has no backend", (operation.index,))
    return judged


@law(source=INTERFACE)
def empty_is_none(history: History) -> Verdict:
    """While there is no backend with a weight above 0, each key is mapped to None.

    Who is told so can answer "try again later" at once; an error, or a server that is gone, tells nobody anything.
    """
    judged = 0
    for operation, _, members in asked(history):
        if operation.name == "assign" and not weights(members):
            judged += len(operation.args["keys"])
            if unanswered(operation):
                return Violation("there is no backend, but no answer either", (operation.index,))
            for key, name in zip(operation.args["keys"], operation.result, strict=False):
                if name is not None:
                    return Violation(f"{key!r} goes to {name!r}; there is no backend", (operation.index,))
    return judged


@law(source=INTERFACE)
def deterministic(history: History) -> Verdict:
    """With the same backends, in the same order and with the same weights, a key is always mapped to the same one: in
    another instance, and whatever there was in between.

    What a user has in one server's memory, cart or cache, is there only if the next request finds the way back.
    """
    judged = 0
    known: dict[Backends, dict[str, Answer]] = {}
    whole: dict[tuple[Backends, Keys], tuple[str | None, ...]] = {}
    for operation, members, keys, names in looks(history):
        if whole.get((members, keys)) == names:
            judged += len(keys)
            continue
        whole[members, keys] = names
        seen = known.setdefault(members, {})
        judged += len(keys) + len(seen)
        for key, name in zip(keys, names, strict=True):
            before = seen.setdefault(key, Answer(name, operation.index))
            if before.name != name:
                why = f"{key!r} went to {before.name!r}, and now goes to {name!r}"
                return Violation(why, tuple(sorted({before.call, operation.index})))
        judged -= len(seen)  # what was new is no evidence
    return judged
