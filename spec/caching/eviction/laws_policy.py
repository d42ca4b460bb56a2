"""Laws of what is evicted: each is made for a policy's model."""

from collections.abc import Hashable, Iterable
from dataclasses import replace
from typing import Any

from spec.caching.eviction.model import EvictionModel
from spec.caching.eviction.observe import Look, looks, steady
from spec.caching.eviction.types import INTERFACE, Capacity, Key
from spec.history import NO_ANSWER, History, Operation
from spec.law import Law, Verdict, Violation, law
from spec.model import agrees_with, follow

TELLING = frozenset({"get", "peek", "__contains__"})
"""Operations that tell whether a key is there."""


class Presence:
    """A model that says of each call only whether its key is there. `touching` reads count as a use, which they must
    not."""

    def __init__(self, model: EvictionModel, touching: frozenset[str] = frozenset()) -> None:
        self.model, self.touching = model, touching

    def partition(self, operation: Operation) -> Hashable:
        return None

    def initial(self, config: Capacity) -> Hashable:
        return self.model.initial(config)

    def answers(self, config: Capacity, state: Any, operation: Operation) -> Iterable[tuple[Hashable, Any]]:
        asked = replace(operation, name="get") if operation.name in self.touching else operation
        for after, answer in self.model.answers(config, state, asked):
            yield after, bool(answer) if operation.name in TELLING else NO_ANSWER


def _presence(history: History) -> History:
    """The calls, with no more of their answers than whether a key was there, as far as that is the policy's doing."""
    judged = {look.operation.index for look in looks(history) if _by_policy(look)}
    calls = [
        replace(one, result=bool(one.result) if one.index in judged and one.name in TELLING else NO_ANSWER)
        for one in steady(history).operations
    ]
    known = max(judged, default=-1)
    return History(history.config, tuple(one for one in calls if one.index <= known))


def _by_policy(look: Look) -> bool:
    """Whether nothing but eviction can have taken the key away: else another law tells what is wrong."""
    return look.put is not None and look.put.live(look.at) and not look.must_be_there


def evicts_the_policys_victim(model: EvictionModel) -> Law:
    """The law for that model."""

    @law(source=INTERFACE)
    def evicts_the_policys_victim(history: History) -> Verdict:
        """Where there is too little room, what goes is what the policy chooses, and nothing else.

        Users choose a policy by what they ask for most; another choice of victims is another hit ratio.
        """
        judged = 0
        presence = _presence(history)
        for operation, right, agrees in follow(Presence(model), presence, lost=False):
            if not agrees:
                should = "should still be there" if True in right else "should have been evicted"
                puts = [one.index for one in presence.operations if one.name == "put" and one.index < operation.index]
                return Violation(f"by the policy it {should}", (*puts, operation.index))
            judged += operation.result is not NO_ANSWER
        return judged

    return evicts_the_policys_victim


def reads_that_are_pure(model: EvictionModel) -> Law:
    """The law for that model."""

    @law(source=INTERFACE, needs={"peek"})
    def reads_that_are_pure(history: History) -> Verdict:
        """`peek`, `in`, `keys`, `len` and `weight` change nothing: no order, no count, no ttl.

        Metrics and debuggers look into caches; that must not change what is kept.
        """
        presence = _presence(history)
        reads = [one for one in presence.operations if one.name in TELLING - {"get"}]
        if not reads:
            return 0
        followed = [(one, agrees) for one, _, agrees in follow(Presence(model), presence, lost=False)]
        if followed and not followed[-1][1]:
            for name in sorted({one.name for one in reads}):
                wrong = followed[-1][0].index
                touching = follow(Presence(model, frozenset({name})), presence, lost=False)
                if all(agrees for _, _, agrees in touching):
                    guilty = [one.index for one in reads if one.name == name and one.index < wrong]
                    told = name.strip("_")
                    return Violation(f"what is there is what would be if {told} counted as a use", (*guilty, wrong))
        return len(reads)

    return reads_that_are_pure


def model_law(model: EvictionModel) -> Law:
    """That the answers are the model's, up to the first call that a listener makes."""
    whole = agrees_with(model, INTERFACE)
    return replace(whole, judge=lambda history: whole.judge(steady(history)))


@law(source="R. L. Mattson et al., Evaluation techniques for storage hierarchies, IBM Systems Journal, 1970")
def larger_contains_smaller(history: History) -> Verdict:
    """What a cache holds, every larger one holds: a key is there exactly as long as fewer others than there is room for
    were used since.

    Of weight 1 each, while nothing is deleted or expires. So hit ratios for all sizes can be computed in one pass, and
    more memory never makes things worse.
    """
    order: list[Key] = []
    judged = 0
    told = {look.operation.index: look for look in looks(history) if look.operation.name in TELLING}
    for operation in steady(history).operations:
        timed = history.config.ttl is not None or operation.args.get("ttl") is not None
        heavy = operation.args.get("weight", 1) != 1
        if timed or heavy or operation.name in ("delete", "clear"):
            break
        key = operation.args.get("key")
        if operation.index in told and key in order:
            since = len(order) - 1 - order.index(key)
            should = since < history.config.capacity
            judged += 1
            if told[operation.index].there is not should:
                why = f"{since} other keys were used since, and there is room for {history.config.capacity}"
                return Violation(why, told[operation.index].proof)
        if operation.name == "put" or (operation.name == "get" and operation.result is not None):
            order = [*(one for one in order if one != key), key]  # type: ignore[list-item]
    return judged
