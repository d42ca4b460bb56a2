"""Paging by a cursor: over ids, or over any order."""

from spec.pagination import anomalies
from spec.pagination.assemble import paginator

CURSOR = paginator(
    "cursor",
    "Pages by a cursor over ids, rising or falling: nothing is skipped or repeated, whatever is written meanwhile.",
    "Google AIP-158; GraphQL Cursor Connections Specification",
    (anomalies.late_row_is_missed, anomalies.empty_last_page),
)

KEYSET = paginator(
    "keyset",
    "Pages by a cursor over any order: several columns, mixed directions, nulls; only rows whose key changes may be"
    " skipped or repeated.",
    "Markus Winand, use-the-index-luke.com/no-offset; SQL:2016, NULLS FIRST and LAST",
    (
        anomalies.key_update_repeats,
        anomalies.key_update_skips,
        anomalies.late_row_is_missed,
        anomalies.empty_last_page,
    ),
)
