"""Caches that evict: what is kept where there is room for only so much."""

from spec.caching.eviction import anomalies
from spec.caching.eviction.assemble import evicting
from spec.caching.eviction.laws_policy import larger_contains_smaller
from spec.caching.eviction.laws_statistics import hit_ratio_shows_admission, victims_are_uniform
from spec.caching.eviction.policies import (
    Anyone,
    Lfu,
    LfuDynamicAging,
    LfuHalving,
    LfuResetting,
    Lru,
    Policy,
    Reinserting,
    Soonest,
)
from spec.caching.eviction.policies_queues import S3Fifo, Sieve, WTinyLfu
from spec.caching.eviction.types import Aging

LRU = evicting(
    "lru",
    "When there is too little room, what was not used for longest goes.",
    Lru(),
    (larger_contains_smaller,),
    (anomalies.scan_flushes_lru, anomalies.loop_defeats_lru),
)

_FIFO = "When there is too little room, what was put first goes, used or not."

FIFO = evicting(
    "fifo",
    _FIFO,
    Policy(),
    anomalies=(anomalies.belady_anomaly,),
    variants={"reinserts": evicting("fifo", f"{_FIFO} What is put again counts as put then.", Reinserting())},
    capabilities={"reinserts": "what is put again moves to the end of the queue"},
)

_LFU = "When there is too little room, what was used least often goes"

LFU = evicting(
    "lfu",
    f"{_LFU}; of equals, what was not used for longest.",
    Lfu(),
    anomalies=(anomalies.lfu_keeps_a_stale_favourite, anomalies.lfu_starves_newcomers),
    variants={"resets": evicting("lfu", f"{_LFU}; of equals, what was put first. A put starts anew.", LfuResetting())},
    capabilities={"resets": "what is put again is counted from one again, and of equals what was put first goes"},
)

LFU_AGING = evicting(
    "lfu_aging",
    f"{_LFU}, where all counts are halved from time to time.",
    LfuHalving(),
    configuration=Aging,
    variants={
        "dynamic_aging": evicting(
            "lfu_aging",
            f"{_LFU}, where newcomers begin where the last victim ended.",
            LfuDynamicAging(),
            configuration=Aging,
        )
    },
    capabilities={"dynamic_aging": "the counts of newcomers begin at that of the last victim; none is ever halved"},
)

RANDOM = evicting(
    "random",
    "When there is too little room, any key may go, each as likely as any other.",
    Anyone(),
    (victims_are_uniform,),
    (anomalies.random_may_evict_the_newest,),
)

TTL = evicting(
    "ttl", "When there is too little room, what expires first goes; of equals, what was written first.", Soonest()
)

SIEVE = evicting(
    "sieve", "A hand goes over what is held, oldest first, and evicts what was not used since it passed.", Sieve()
)

S3_FIFO = evicting(
    "s3_fifo",
    "Newcomers leave by a small queue, unless they were used twice or had left it a while before.",
    S3Fifo(),
    anomalies=(anomalies.s3fifo_drops_a_key_read_once,),
)

_W_TINY_LFU = "A newcomer is kept only if it was asked for more often than what would have to go for it"

W_TINY_LFU = evicting(
    "w_tinylfu",
    f"{_W_TINY_LFU}, as far as a sketch can tell.",
    None,
    (hit_ratio_shows_admission,),
    variants={"exact_sketch": evicting("w_tinylfu", f"{_W_TINY_LFU}.", WTinyLfu())},
    capabilities={"exact_sketch": "every key is counted exactly, to 15, and halved after 10 questions per entry"},
)

SPECIFICATIONS = (LRU, FIFO, LFU, LFU_AGING, RANDOM, TTL, SIEVE, S3_FIFO, W_TINY_LFU)
