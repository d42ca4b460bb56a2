"""What the specifications of caches that evict have in common."""

from typing import Any

from spec.caching.eviction import laws_contents, laws_interface, laws_listener
from spec.caching.eviction.laws_policy import evicts_the_policys_victim, model_law, reads_that_are_pure
from spec.caching.eviction.model import AnyCache, EvictionModel
from spec.caching.eviction.policies import Policy
from spec.caching.eviction.types import Capacity, Evicting, Hit
from spec.law import Anomaly, Law
from spec.specification import Specification

CAPABILITIES = {
    "weights": "entries may weigh other than 1",
    "entry_ttl": "a put may name the ttl of its entry",
    "no_ttl": "entries do not expire: no configuration has a ttl",
    "no_integer_keys": "keys are strings",
    "listener": "it tells the configuration's `on_removal` what leaves",
}

POLICY_FREE = (
    laws_contents.hit_returns_last_put,
    laws_contents.keys_are_told_apart,
    laws_contents.never_serves_expired,
    laws_contents.no_needless_eviction,
    laws_contents.own_put_never_evicts_its_key,
    laws_contents.oversize_put_is_refused_not_a_purge,
    laws_contents.overwrite_renews_ttl,
    laws_contents.delete_and_clear_forget,
    laws_interface.never_above_capacity,
    laws_interface.never_beats_belady,
    laws_interface.views_agree,
    laws_listener.listener_exactly_once,
    laws_listener.listener_may_reenter,
    laws_interface.answers_every_call,
    laws_interface.rejects_bad_input,
)
"""The laws that hold whatever is evicted."""


def evicting(
    name: str,
    summary: str,
    policy: Policy | None,
    own_laws: tuple[Law, ...] = (),
    anomalies: tuple[Anomaly, ...] = (),
    configuration: type = Capacity,
    **more: Any,
) -> Specification:
    """The specification of a cache with that policy: its own laws, those of the policy, then those of every cache.

    policy: None: it is not for the specification to say what is evicted.
    more:   goes to `Specification`.
    """
    model = EvictionModel(policy) if policy else AnyCache()
    by_policy: tuple[Law, ...] = ()
    if isinstance(model, EvictionModel):
        reads = (reads_that_are_pure(model),) if model.policy.touches else ()
        victim = (evicts_the_policys_victim(model),) if model.policy.chooses else ()
        by_policy = *victim, *reads, model_law(model)
    return Specification(
        name=f"caching.{name}",
        summary=summary,
        interface=Evicting,
        configuration=configuration,
        operations={
            "put": bool,
            "get": Hit | None,
            "peek": Hit | None,
            "delete": bool,
            "clear": None,
            "keys": frozenset,
            "weight": int,
            "__len__": int,
            "__contains__": bool,
        },
        model=model,
        laws=(
            *own_laws,
            *by_policy[:-1],
            *POLICY_FREE,
            *by_policy[-1:],
        ),
        optional=frozenset({"peek", "delete", "clear", "keys", "weight", "__len__", "__contains__"}),
        capabilities=CAPABILITIES | more.pop("capabilities", {}),
        anomalies=anomalies,
        **more,
    )
