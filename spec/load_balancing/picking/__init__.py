"""Balancers that pick a backend for each request, by turns, by chance, or by load."""

from typing import Any

from spec.load_balancing.picking import anomalies, laws_policy, laws_statistics, laws_time
from spec.load_balancing.picking.assemble import picking
from spec.load_balancing.picking.model import Policy
from spec.load_balancing.picking.policies import (
    Cycle,
    EarliestDeadline,
    FirstCycles,
    LeastLoaded,
    RoundRobin,
    Smooth,
    SmoothAnew,
    TwoChoices,
)
from spec.load_balancing.picking.policies_time import LeastResponseTime, SlowStart
from spec.load_balancing.picking.types import Ramp, Timed
from spec.specification import Specification

ROUND_ROBIN = picking(
    "round_robin",
    "Each backend in its turn, round and round.",
    RoundRobin(),
    (laws_policy.rotates_exactly,),
    in_order=True,
)

_BY_WEIGHT = "Each backend as often as its weight says"

_SMOOTH = (laws_policy.never_ahead, laws_policy.never_far_behind, laws_policy.exact_per_cycle)

WEIGHTED_ROUND_ROBIN = picking(
    "weighted_round_robin",
    f"{_BY_WEIGHT}, in every cycle.",
    FirstCycles(),
    (laws_policy.exact_per_cycle(always=False, lowest=False),),
    weighted=True,
    variants={
        "smooth": picking(
            "weighted_round_robin",
            f"{_BY_WEIGHT}, in every cycle, and as evenly spread as can be.",
            Smooth(),
            tuple(one(always=False) for one in _SMOOTH),
            (anomalies.burst_after_heavy_leaves,),
            weighted=True,
            in_order=True,
            variants={
                "resets_on_change": picking(
                    "weighted_round_robin",
                    f"{_BY_WEIGHT}, as evenly spread as can be; a change of the eligible begins all anew.",
                    SmoothAnew(),
                    (*(one(always=True) for one in _SMOOTH), anomalies.burst_after_heavy_leaves.forbidden()),
                    weighted=True,
                )
            },
        ),
        "earliest_deadline_first": picking(
            "weighted_round_robin",
            f"{_BY_WEIGHT}: who is due first comes next, and then is due again after 1 / weight.",
            EarliestDeadline(),
            (laws_policy.keeps_to_its_quota, laws_policy.exact_per_cycle(always=True)),
            weighted=True,
        ),
        "cyclic": picking(
            "weighted_round_robin",
            f"{_BY_WEIGHT}, by a list in which it stands that often, round and round.",
            Cycle(),
            (laws_policy.exact_per_cycle(always=True, lowest=False),),
            weighted=True,
        ),
    },
    capabilities={
        "smooth": "who has earned most is picked, and pays the total weight",
        "resets_on_change": "what was earned is forgotten whenever the set of the eligible or a weight changes",
        "earliest_deadline_first": "who is due first is picked; all begins anew when the eligible or a weight changes",
        "cyclic": "each stands in a list as often as its weight says; it begins anew when the eligible change",
    },
)

_STATISTICAL = (laws_statistics.matches_weights, laws_statistics.picks_are_independent)

RANDOM = picking("random", "Any backend, each as likely as any other.", Policy(), _STATISTICAL)

WEIGHTED_RANDOM = picking(
    "weighted_random", "Any backend, each as likely as its weight says.", Policy(), _STATISTICAL, weighted=True
)


_FLOODED = (anomalies.newcomer_is_flooded,)
_FIRST = {"first_of_equals": "of equals it picks the first"}


def _least(name: str, summary: str, policy: LeastLoaded, **more: Any) -> Specification:
    own = laws_policy.picks_a_least_loaded(policy), laws_policy.ties_are_shared(policy)
    return picking(name, summary, policy, own, weighted=policy.weighted, needs=("done",), **more)


LEAST_CONNECTIONS = _least(
    "least_connections",
    "The backend with the fewest requests in flight.",
    LeastLoaded(),
    anomalies=_FLOODED,
    capabilities=_FIRST,
    in_order=True,
)

_FEWEST = "The backend with the fewest requests in flight for its weight"

WEIGHTED_LEAST_CONNECTIONS = _least(
    "weighted_least_connections",
    f"{_FEWEST}.",
    LeastLoaded(weighted=True),
    anomalies=_FLOODED,
    in_order=True,
    capabilities=_FIRST | {"counts_new": "the request that is to be placed counts as if it were in flight there"},
    variants={
        "counts_new": _least(
            "weighted_least_connections",
            f"{_FEWEST}, as it would be with the new one.",
            LeastLoaded(weighted=True, new=1),
            anomalies=_FLOODED,
        )
    },
)

_TWO = "Of two backends drawn at random, the one with fewer requests in flight"

TWO_CHOICES = picking(
    "two_choices",
    f"{_TWO}.",
    TwoChoices(),
    (laws_policy.never_picks_the_most_loaded, laws_statistics.ranks_match(replacement=False)),
    needs=("done",),
    variants={
        "with_replacement": picking(
            "two_choices",
            f"{_TWO}; they may be the same.",
            Policy(),
            (laws_statistics.ranks_match(replacement=True),),
            needs=("done",),
        )
    },
    capabilities={"with_replacement": "both draws may be the same backend"},
)

LEAST_RESPONSE_TIME = picking(
    "least_response_time",
    "The backend with the lowest product of average latency and requests; who is unknown is tried first.",
    LeastResponseTime(),
    (
        laws_time.picks_the_fastest,
        laws_time.unknown_are_tried,
        laws_time.recovers,
        laws_time.fast_failures_do_not_attract,
    ),
    needs=("done",),
    configuration=Timed,
    timed=True,
)

SLOW_START = picking(
    "slow_start",
    f"{_FEWEST}, with the new one, of which it has only a part for a while after it came up.",
    SlowStart(),
    (
        laws_time.starts_slowly,
        laws_time.never_starves_the_new,
        laws_time.full_after_the_ramp,
        laws_time.picks_the_least_loaded_for_its_weight,
        anomalies.newcomer_is_flooded.forbidden(),
    ),
    weighted=True,
    needs=("done", "set_health"),
    configuration=Ramp,
    timed=True,
)

DRAINING = picking(
    "draining",
    "Any backend but those that drain: they get nothing new, end what they have, and then say so.",
    Policy(),
    needs=("done", "set_draining", "drained"),
)

SPECIFICATIONS = (
    ROUND_ROBIN,
    WEIGHTED_ROUND_ROBIN,
    RANDOM,
    WEIGHTED_RANDOM,
    LEAST_CONNECTIONS,
    WEIGHTED_LEAST_CONNECTIONS,
    TWO_CHOICES,
    LEAST_RESPONSE_TIME,
    SLOW_START,
    DRAINING,
)
