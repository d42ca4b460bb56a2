"""What one chooses between, told from what was found: each cell names the law that held, or the anomaly shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any


@dataclass(frozen=True)
class Cell:
    """What a specification offers in one respect.

    evidence: the name of a law or an anomaly.
    figures:  what was measured, by name.
    shown:    what came of it: "holds", "shown", or "" where it is missing, so that the words are no more than a claim.
    """

    words: str
    evidence: str
    shown: str
    figures: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Respect:
    """One column. Of each specification the first law or anomaly that it has decides."""

    title: str
    cases: tuple[tuple[str, str], ...]
    """Names of laws and anomalies, each with the words for it."""
    figures: str = ""
    """How the names of figures begin that belong here, too: what is counted, and what follows."""


RESPECTS = {
    "rate_limiting": (
        Respect(
            "At one instant",
            (
                ("double_burst", "the limit, and twice that across a boundary"),
                ("never_double_burst", "the limit; less than twice that in any period"),
                ("nobody_waits_longer_than_the_queue", "one goes at once, the queue waits"),
                ("stores_no_more_than_the_limit", "the limit"),
                ("never_exceeds_burst", "the burst, which is chosen apart from the rate"),
            ),
        ),
        Respect(
            "In any one period",
            (
                ("exceeds_limit_in_a_sliding_window", "more than the limit, sometimes"),
                ("never_exceeds_limit_in_a_sliding_window", "never more than the limit"),
                ("departures_are_spaced", "the limit, evenly spaced"),
                ("never_exceeds_burst", "the limit and the burst, never more"),
            ),
        ),
        Respect(
            "Kept for a key",
            (
                ("stores_no_more_than_the_limit", "every unit that counts, up to the limit"),
                ("agrees_with_model", "a few numbers, however many calls"),
            ),
            "bytes kept for a key",
        ),
        Respect(
            "Retry when told",
            (("retry_after_is_exact", "exact: not too early, not too late"),),
        ),
    ),
    "pagination": (
        Respect(
            "While rows are deleted",
            (
                ("skips_under_delete", "rows are skipped"),
                ("stable_rows_exactly_once", "every row that stays is shown once"),
            ),
        ),
        Respect(
            "While rows are inserted",
            (
                ("repeats_under_insert", "rows come again"),
                ("no_row_twice", "no row comes again"),
            ),
        ),
        Respect(
            "While keys of rows change",
            (
                ("key_update_skips", "a row that moves may be skipped, or come again"),
                ("rows_are_in_order", "rows move, as everything does"),
                ("stable_rows_exactly_once", "ids do not change"),
            ),
        ),
        Respect(
            "Any page at once",
            (
                ("every_row_once_at_rest", "yes: an offset leads anywhere"),
                ("deleting_the_cursor_row_is_harmless", "no: from page to page"),
            ),
        ),
        Respect(
            "When the row that one stands at is deleted",
            (
                ("deleting_the_cursor_row_is_harmless", "the next page is the same"),
                ("skips_under_delete", "the next page begins a row too late"),
            ),
        ),
    ),
    "caching": (
        Respect(
            "Hits of 1,000 requests",
            (("never_beats_belady", "never more than the best choice of victims has"),),
            "hits of 1,000 requests",
        ),
        Respect(
            "What is popular, after a scan",
            (
                ("scan_flushes_lru", "is gone: each key that is read once drives one out"),
                ("lfu_keeps_a_stale_favourite", "stays, and also when it is popular no more"),
                ("hit_ratio_shows_admission", "stays: newcomers are let in when they are asked for more often"),
            ),
        ),
        Respect(
            "What was just put",
            (
                ("lfu_starves_newcomers", "may go with the next put"),
                ("random_may_evict_the_newest", "may go with the next put"),
                ("larger_contains_smaller", "is the last to go"),
            ),
        ),
        Respect(
            "With more room",
            (
                ("belady_anomaly", "it may hit less often"),
                ("larger_contains_smaller", "it never hits less often"),
            ),
        ),
    ),
    "load_balancing": (
        Respect(
            "Who gets how much",
            (
                ("rotates_exactly", "each once in every n picks"),
                ("exact_per_cycle", "each as often as its weight says, in every cycle"),
                ("matches_weights", "each its share, as far as chance allows"),
                ("picks_the_fastest", "who answers fast, and has little to do"),
                ("starts_slowly", "who has least to do for its weight"),
                ("picks_a_least_loaded", "who has least to do"),
                ("never_picks_the_most_loaded", "never who has most to do"),
                ("load_never_exceeds_cap", "the home of its key, up to a bound"),
                ("share_is_bounded", "the home of its key: shares are even as far as the hash allows"),
            ),
        ),
        Respect(
            "When one is slow",
            (
                ("rotates_exactly", "it gets as much as the others"),
                ("exact_per_cycle", "it gets as much as its weight says"),
                ("matches_weights", "it gets its share all the same"),
                ("recovers", "it gets little, and is tried again"),
                ("picks_a_least_loaded", "it gets less, as its requests pile up"),
                ("starts_slowly", "it gets less, as its requests pile up"),
                ("never_picks_the_most_loaded", "it gets less, as its requests pile up"),
                ("popular_key_spills", "what it has no room for goes to the next"),
            ),
        ),
        Respect(
            "When one comes",
            (
                ("newcomer_is_flooded", "it is flooded: as much at once as the others have"),
                ("never_newcomer_is_flooded", "it takes its share little by little"),
                ("rotates_exactly", "it has its turn at once"),
                ("exact_per_cycle", "it has its share at once"),
                ("matches_weights", "it has its share at once"),
                ("remaps_almost_all", "almost all keys move"),
                ("added_takes_only_for_itself", "it takes its share of the keys, none else moves"),
            ),
        ),
    ),
}


def tradeoffs(snapshot: dict[str, Any], block: str) -> tuple[tuple[Respect, ...], dict[str, list[Cell]]]:
    """The columns, and for each specification of the block its cells."""
    respects = RESPECTS.get(block, ())
    rows: dict[str, list[Cell]] = {}
    for specification in snapshot["specifications"]:
        name = specification["id"]
        if name.partition(".")[0] == block:
            measured = specification["figures"]
            rows[name] = [
                replace(
                    _cell(snapshot, name, respect),
                    figures={
                        f"{respect.figures.split()[0]}{what.removeprefix(respect.figures)}": figure
                        for what, figure in measured.items()
                        if respect.figures and what.startswith(respect.figures)
                    },
                )
                for respect in respects
            ]
    return respects, {name: cells for name, cells in rows.items() if any(cell.evidence for cell in cells)}


def _cell(snapshot: dict[str, Any], specification: str, respect: Respect) -> Cell:
    for evidence, words in respect.cases:
        sightings = [
            one for one in snapshot["anomalies"] if (one["specification"], one["anomaly"]) == (specification, evidence)
        ]
        if sightings:
            return Cell(words, evidence, "shown" if any(one["witness"] for one in sightings) else "")
        verdicts = [
            one["verdict"]
            for one in snapshot["verdicts"]
            if (one["specification"], one["law"], one["variant"]) == (specification, evidence, "")
        ]
        if verdicts:
            known = {
                "not applicable",
                "deviates",
                "unexpectedly holds",
            }  # of an implementation, not of what is specified
            return Cell(words, evidence, "holds" if {"holds"} <= set(verdicts) <= {"holds", *known} else "")
    return Cell("", "", "")
