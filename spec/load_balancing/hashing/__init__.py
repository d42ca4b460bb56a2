"""What maps keys to backends: the same key to the same one, and few keys move when backends come and go."""

from spec.load_balancing.hashing import anomalies, laws_bounded, laws_moves, laws_preference, laws_shares
from spec.load_balancing.hashing.assemble import bounded, mapping
from spec.load_balancing.hashing.types import Hashed

IP_HASH = mapping(
    "ip_hash",
    "A hash of the key, and its remainder by the number of backends: a key stays as long as they do.",
    (laws_shares.share_is_bounded,),
    anomalies=(anomalies.remaps_almost_all,),
)

_ANY_ORDER = (
    laws_moves.same_membership_same_mapping,
    laws_moves.only_removed_keys_move,
    laws_moves.added_takes_only_for_itself,
)
_WEIGHED = (laws_moves.weight_up_only_attracts,)
_PREFERRING = (
    laws_preference.preference_names_each_once,
    laws_preference.preference_begins_at_home,
    laws_preference.preference_list_is_stable,
)
_SHARES = (laws_shares.share_is_bounded, laws_shares.removed_keys_spread)
_NAME, _SUMMARY = "consistent_hashing", "Each key has its backend, and keeps it when others come and go"

CONSISTENT_HASHING = mapping(
    _NAME,
    f"{_SUMMARY}.",
    (*_ANY_ORDER, *_WEIGHED, *_PREFERRING, *_SHARES),
    configuration=Hashed,
    preferring=True,
    variants={
        "ring": mapping(
            _NAME,
            f"{_SUMMARY}: that of the next of many points on a ring.",
            (
                *_ANY_ORDER,
                *_WEIGHED,
                *_PREFERRING,
                laws_shares.share_fits_the_points,
                laws_shares.not_inherited_by_one(laws_shares.runs),
            ),
            configuration=Hashed,
            preferring=True,
        ),
        "jump": mapping(
            _NAME,
            f"{_SUMMARY} at the end of the list: its number is computed, nothing is stored.",
            (
                laws_moves.only_the_last_ones_keys_move,
                laws_moves.appended_takes_only_for_itself,
                laws_moves.only_the_place_counts,
                laws_shares.share_is_bounded,
                laws_shares.last_ones_keys_spread,
            ),
            configuration=Hashed,
        ),
        "maglev": mapping(
            _NAME,
            "Each key has its entry in a table that backends fill in turn; few keys move when others come and go.",
            (
                laws_moves.same_membership_same_mapping,
                laws_shares.few_others_move,
                laws_shares.share_is_even,
                laws_shares.not_inherited_by_one(lambda config, before, removed: config.table / len(before) / 4),
            ),
            configuration=Hashed,
            anomalies=(anomalies.maglev_moves_some_survivors,),
        ),
    },
    capabilities={
        "ring": "each backend has `points` points on a ring for each unit of its weight",
        "jump": "a jump hash: only the last of the list may leave without moving the keys of others",
        "maglev": "a table with `table` entries, which all backends share evenly",
    },
)

BOUNDED_LOADS = bounded(
    "bounded_loads",
    "Each key has its backend, as long as that has not much more to do than the others; or else the next.",
    (
        laws_bounded.load_never_exceeds_cap,
        laws_bounded.goes_home_while_there_is_room,
        laws_bounded.first_fit,
        *_ANY_ORDER,
        *_WEIGHED,
        *_PREFERRING,
    ),
    anomalies=(laws_bounded.popular_key_spills,),
)

SPECIFICATIONS = (IP_HASH, CONSISTENT_HASHING, BOUNDED_LOADS)
