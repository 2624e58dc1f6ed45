"""The leads list of the API: the filters of the page, an order, a page size and a cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Final

from django import forms
from django.db.models import Model, OuterRef, Subquery
from django.http import QueryDict
from django_filters import CharFilter, Filter
from rest_framework.exceptions import ValidationError

from core.pagination import Cursor, Order, Page, page_of, read_cursor, start_of
from core.raw_sql import fetch_rows
from handoff.lead_filters import (
    RENAMED,
    Choices,
    FilterChoices,
    LeadFilter,
    read_filter_choices,
    with_current_names,
)
from leads.external_ids import with_external_id
from leads.list_queries import DEFAULT_SORT, EXPORT_COLUMNS, SORTS, read_order
from leads.models import (
    Campaign,
    Lead,
    LeadEvent,
    LeadQuerySet,
    LeadType,
    Source,
)
from leads.normalization import values
from leads.normalization.identity import email
from leads.normalization.values import BadValue
from people.models import Team, User

DEFAULT_SIZE: Final = 100
MAX_SIZE: Final = 500
# An order by names reads names of all leads for each page, which clients ask for by the thousand.
SORT_VALUES: Final = tuple(
    sign + name for name, sort in SORTS.items() if sort.text is None for sign in ("", "-")
)
UPDATED_ORDER: Final = Order("updated_at", descending=False, read=datetime.fromisoformat)
# People and queues are ids in every answer and filter; where they are listed, they have names, too.
PEOPLE: Final[Mapping[str, Mapping[str, Any]]] = {
    "owner": {"owner": "owner_id", "owner_email": "owner__email"},
    "queue": {"queue": "queue_id", "queue_name": "queue__name"},
}


def looked_up(model: type[Model], key: str, column: str) -> Subquery:
    return Subquery(model._default_manager.filter(pk=OuterRef(key)).values(column))


# Subqueries instead of joins: planning eight joins takes longer than reading a hundred leads.
LOOKED_UP: Final[Mapping[str, Subquery]] = {
    "lead_type__code": looked_up(LeadType, "lead_type", "code"),
    "source__code": looked_up(Source, "source", "code"),
    "campaign__code": looked_up(Campaign, "campaign", "code"),
    "owner__email": looked_up(User, "owner", "email"),
    "queue__name": looked_up(Team, "queue", "name"),
}
COLUMNS: Final[Mapping[str, Any]] = {
    **{
        name: LOOKED_UP.get(column, column) if isinstance(column, str) else column
        for exported, written in EXPORT_COLUMNS.items()
        for name, column in PEOPLE.get(exported, {exported: written}).items()
    },
    "updated_at": "updated_at",
    "undone_at": "undone_at",
}
# No transaction that is still open can record a change before this moment.
SAFE_MOMENT_SQL: Final = """
SELECT LEAST(now(), min(xact_start)) - interval '1 second' FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend'
    AND pid <> pg_backend_pid()
"""


class ApiFilterChoices(FilterChoices):
    """A key belongs to no user, so “me” is not a choice."""

    OWN: ClassVar[Choices] = ()


class MomentField(forms.CharField):
    def clean(self, value: Any) -> datetime | None:
        """Refuse blanks, too: a list without a moment is another one."""
        text = super().clean(value)
        try:
            return values.moment(text) if value else None
        except BadValue as bad:
            raise forms.ValidationError(str(bad)) from None


class MomentFilter(Filter):  # type: ignore[misc]  # it comes without types
    field_class = MomentField


class EmailFilter(Filter):  # type: ignore[misc]  # it comes without types
    field_class = forms.EmailField


class ApiLeadFilter(LeadFilter):
    """The filters of the page, and those of clients that follow or look up leads."""

    email = EmailFilter(label="Email", method="by_email")
    external_id = CharFilter(label="External ID", method="by_external_id", max_length=200)
    updated_since = MomentFilter(label="Updated since", method="by_update")

    def by_email(self, leads: LeadQuerySet, _name: str, address: str) -> LeadQuerySet:
        try:
            return leads.filter(contact__email=email(address))
        except BadValue:
            return leads.none()

    def by_external_id(self, leads: LeadQuerySet, _name: str, external_id: str) -> LeadQuerySet:
        return with_external_id(leads, external_id)

    def by_update(self, leads: LeadQuerySet, _name: str, since: datetime) -> LeadQuerySet:
        changed = LeadEvent.objects.filter(recorded_at__gte=since).values("lead")
        return leads.filter(pk__in=changed)


def with_updated_at(leads: LeadQuerySet) -> LeadQuerySet:
    """Add when the latest event of each lead was recorded."""
    events = LeadEvent.objects.filter(lead=OuterRef("pk")).order_by("-recorded_at")
    return leads.annotate(updated_at=Subquery(events.values("recorded_at")[:1]))


def safe_moment() -> datetime:
    """Return a moment before which no change can appear any more."""
    ((moment,),) = fetch_rows(SAFE_MOMENT_SQL)
    return moment  # type: ignore[no-any-return]  # the driver returns a datetime


class PageForm(forms.Form):
    sort = forms.ChoiceField(choices=[(name, name) for name in SORT_VALUES], required=False)
    size = forms.IntegerField(min_value=1, max_value=MAX_SIZE, required=False)
    cursor = forms.CharField(required=False)

    @property
    def order(self) -> Order:
        if self.data.get("updated_since"):
            return UPDATED_ORDER
        return read_order(self.cleaned_data.get("sort") or DEFAULT_SORT)[1]

    def clean_sort(self) -> str:
        sort: str = self.cleaned_data["sort"]
        if sort and self.data.get("updated_since"):
            raise forms.ValidationError("With updated_since, leads are sorted by their update.")
        return sort

    def clean_cursor(self) -> Cursor | None:
        """Raise an error for a bad cursor: silently starting over would loop a client forever."""
        text = self.cleaned_data["cursor"]
        if not text:
            return None
        cursor = read_cursor(text)
        if cursor is None or start_of(self.order, cursor) is None:
            raise forms.ValidationError("This is not a cursor of a list in this order.")
        return cursor


PARAMETERS: Final = frozenset({*ApiLeadFilter.base_filters, *PageForm.base_fields, *RENAMED})


@dataclass(frozen=True, slots=True)
class LeadQuery:
    leads: LeadQuerySet
    order: Order
    size: int
    cursor: Cursor | None

    def answer(self, url_of: Callable[[Cursor | None], str | None]) -> dict[str, Any]:
        # Read before the leads, so that whatever is committed in between is after it.
        through = safe_moment() if self.order is UPDATED_ORDER else None
        page = self.page()
        return {
            "next": url_of(page.after),
            "previous": url_of(page.before),
            "updated_through": through,
            "results": [dict(zip(COLUMNS, row, strict=True)) for row in page.rows],
        }

    def page(self) -> Page[Any]:
        place = list(COLUMNS).index(self.order.column)
        return page_of(
            with_updated_at(self.leads).values_list(*COLUMNS.values()),
            self.order,
            self.cursor,
            size=self.size,
            value_of=lambda row: row[place],
            key_of=lambda row: row[0],
        )


def parse_query(params: QueryDict) -> LeadQuery:
    """Raise ValidationError for wrong values: an ignored filter would reveal too many leads."""
    choices = ApiFilterChoices(**vars(read_filter_choices()))
    params = with_current_names(params)
    # Whoever follows changes also has to learn that an import was taken back.
    leads = Lead.objects.all() if params.get("updated_since") else Lead.objects.counted()
    lead_filter = ApiLeadFilter(params, leads, user=User(), choices=choices)
    form = PageForm(params)
    errors: dict[str, list[str]] = {}
    for checked in (lead_filter.form, form):
        errors |= {
            name: [str(message) for message in messages]
            for name, messages in checked.errors.items()
        }
    if errors:
        raise ValidationError(errors)
    page = form.cleaned_data
    return LeadQuery(lead_filter.qs, form.order, page["size"] or DEFAULT_SIZE, page["cursor"])
