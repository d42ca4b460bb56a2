"""What the specifications of paginators by cursor have in common."""

from spec.law import Anomaly
from spec.model import agrees_with
from spec.pagination import (
    laws_concurrent,
    laws_cursors,
    laws_interface,
    laws_pages,
    laws_tokens,
    laws_traversal,
    laws_values,
)
from spec.pagination.model import CursorModel
from spec.pagination.types import Page, Pagination, Paginator
from spec.specification import Specification

CAPABILITIES = {
    "shared": "instances on one backend and namespace page one table",
    "durable": "rows outlive the instance that wrote them",
    "exact_flags": "the flag against the direction of a page is exact, too",
    "exact_values": "values come back as they were written, not only equal",
    "reversible": "a cursor may be used in both directions",
    "nul": "text may contain NUL",
    "nan": "floats may be NaN",
    "no_nulls": "columns that are ordered by are never None",
    "may_be_short": "pages may have fewer rows than asked for, though more follow",
    "clamps": "a size above the largest is taken for the largest",
    "keeps_end_cursor": "there is a cursor even where there is nothing more",
    "unsigned": "cursors are not protected, so anybody can make them",
    "unbound": "cursors do not know the query they were issued for",
}


def paginator(name: str, summary: str, source: str, anomalies: tuple[Anomaly, ...]) -> Specification:
    """A specification of paging by cursors."""
    return Specification(
        name=f"pagination.{name}",
        summary=summary,
        interface=Paginator,
        configuration=Pagination,
        operations={"write": None, "page": Page},
        model=CursorModel(),
        laws=(
            laws_traversal.stable_rows_exactly_once,
            laws_traversal.no_row_twice,
            laws_traversal.order_is_kept,
            laws_traversal.inserts_ahead_are_seen,
            laws_traversal.inserts_behind_are_not,
            laws_traversal.non_key_update_is_harmless,
            laws_traversal.terminates,
            laws_pages.deleting_the_cursor_row_is_harmless,
            laws_pages.pages_are_full,
            laws_pages.flag_in_direction_is_exact,
            laws_pages.flag_behind_is_sound,
            laws_pages.flag_behind_is_exact,
            laws_pages.cursors_match_flags,
            laws_pages.back_is_the_inverse,
            laws_cursors.turning_round_loses_nothing,
            laws_cursors.any_cursor_both_ways,
            laws_cursors.size_is_free,
            laws_cursors.reading_changes_nothing,
            laws_concurrent.page_is_one_instant,
            laws_concurrent.rows_that_nobody_touches_are_seen,
            laws_values.values_come_back,
            laws_values.values_come_back_exactly,
            laws_values.nul_comes_back,
            laws_values.nan_comes_back,
            laws_values.write_is_atomic,
            laws_tokens.token_is_url_safe,
            laws_tokens.only_issued_tokens,
            laws_tokens.token_is_bound,
            laws_tokens.token_survives_restart,
            laws_tokens.old_secret_is_accepted,
            laws_tokens.dropped_secret_is_refused,
            laws_tokens.token_is_bounded,
            laws_interface.refuses_bad_size,
            laws_interface.refuses_large_size,
            laws_interface.refuses_bad_query,
            laws_interface.answers_every_call,
            agrees_with(CursorModel(), source),
        ),
        capabilities=CAPABILITIES,
        anomalies=anomalies,
        timed=False,
    )
