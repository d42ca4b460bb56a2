"""Django REST framework, CursorPagination: https://www.django-rest-framework.org/api-guide/pagination"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qs, urlsplit

import django
from django.conf import settings
from django.db import IntegrityError, connection, models, transaction

if not settings.configured:
    database = {"ENGINE": "django.db.backends.sqlite3", "NAME": "file:lawful?mode=memory&cache=shared"}
    settings.configure(
        DATABASES={"default": database},
        USE_TZ=True,
        ALLOWED_HOSTS=["testserver"],
        REST_FRAMEWORK={"UNAUTHENTICATED_USER": None},
    )
    django.setup()

from rest_framework.exceptions import NotFound
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from impls.pagination.checks import checked_query, checked_size
from impls.pagination.ordered import decimal_of, ordered
from impls.registry import implementation
from spec.environment import Environment
from spec.pagination.types import COLUMNS, Change, Conflict, InvalidCursor, Page, Pagination, Query
from spec.pagination.types import NotFound as NoRow


class ExactDecimal(models.BinaryField):
    """Django's own goes through a double on SQLite."""

    def get_prep_value(self, value: Any) -> Any:
        return None if value is None else ordered(value)

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return None if value is None else decimal_of(bytes(value))


class Row(models.Model):
    number = models.AutoField(primary_key=True)
    namespace = models.TextField()
    id = models.BigIntegerField()
    i = models.BigIntegerField(null=True)
    s = models.TextField(null=True)
    f = models.FloatField(null=True)
    n = ExactDecimal(null=True)
    t = models.DateTimeField(null=True)
    u = models.UUIDField(null=True)
    b = models.BooleanField(null=True)
    y = models.BinaryField(null=True)

    class Meta:
        app_label = "lawful"
        unique_together = ("namespace", "id")


with connection.schema_editor() as schema:
    schema.create_model(Row)


class Cursors:
    """Queries and sizes are the caller's own affair, so the adapter checks them."""

    def __init__(self, config: Pagination, env: Environment) -> None:
        self.config, self.namespace = config, env.namespace
        self.rows = Row.objects.filter(namespace=env.namespace)

    def write(self, changes: Sequence[Change]) -> None:
        with transaction.atomic():
            for change in changes:
                if change.kind == "insert":
                    try:
                        Row.objects.create(namespace=self.namespace, **change.row)
                    except IntegrityError:
                        raise Conflict(f"there is a row {change.row['id']} already") from None
                    continue
                found = self.rows.filter(id=change.id)
                if not (found.delete()[0] if change.kind == "delete" else found.update(id=change.id, **change.values)):
                    raise NoRow(f"there is no row {change.id}")

    def page(self, query: Query, size: int | None = None, cursor: str | None = None, backward: bool = False) -> Page:
        paginator = CursorPagination()
        paginator.page_size = checked_size(self.config, size)
        paginator.ordering = [("-" if one.descending else "") + one.column for one in checked_query(query).order]
        if cursor is None and backward:
            paginator.base_url = ""
            cursor = _cursor(paginator.encode_cursor(Cursor(offset=0, reverse=True, position=None)))
        request = APIRequestFactory().get("/", {} if cursor is None else {"cursor": cursor})
        try:
            rows = paginator.paginate_queryset(self.rows.filter(**dict(query.where)).values(*COLUMNS), Request(request))
        except NotFound as error:
            raise InvalidCursor(str(error)) from None
        after, before = _cursor(paginator.get_next_link()), _cursor(paginator.get_previous_link())
        return Page(tuple(rows), paginator.has_next, paginator.has_previous, after, before)

    def close(self) -> None:
        self.rows.delete()


def _cursor(link: str | None) -> str | None:
    return None if link is None else parse_qs(urlsplit(link).query)["cursor"][0]


@implementation(
    "pagination.cursor",
    "rest-framework",
    library="djangorestframework",
    capabilities={"unsigned", "unbound", "nul"},
    deviations={"token_is_url_safe": "cursors are base64, with = at their end, and come as part of a quoted link"}
    | dict.fromkeys(
        ("turning_round_loses_nothing", "flag_in_direction_is_exact", "size_is_free", "agrees_with_model"),
        "reports/findings/004-djangorestframework-back-from-an-empty-page.md",
    ),
)
def cursor(config: Pagination, env: Environment) -> Cursors:
    return Cursors(config, env)
