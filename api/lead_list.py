"""The leads list of the API: the filters of the page, an order, a page size and a cursor."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from core.pagination import Cursor, Order, Page, page_of, read_cursor, start_of
from handoff.lead_filters import (
    RENAMED,
    Choices,
    FilterChoices,
    LeadFilter,
    read_filter_choices,
    with_current_names,
)
from leads.list_queries import DEFAULT_SORT, EXPORT_COLUMNS, SORTS, read_order
from leads.models import Lead, LeadQuerySet
from people.models import User

DEFAULT_SIZE: Final = 100
MAX_SIZE: Final = 500
SORT_VALUES: Final = tuple(sign + name for name in SORTS for sign in ("", "-"))
FIELDS: Final = tuple(EXPORT_COLUMNS)


class ApiFilterChoices(FilterChoices):
    """A key belongs to no user, so “me” is not a choice."""

    OWN: ClassVar[Choices] = ()


class PageForm(forms.Form):
    sort = forms.ChoiceField(choices=[(name, name) for name in SORT_VALUES], required=False)
    size = forms.IntegerField(min_value=1, max_value=MAX_SIZE, required=False)
    cursor = forms.CharField(required=False)

    @property
    def order(self) -> Order:
        return read_order(self.cleaned_data.get("sort") or DEFAULT_SORT)[1]

    def clean_cursor(self) -> Cursor | None:
        """Raise an error for a bad cursor: silently starting over would loop a client forever."""
        text = self.cleaned_data["cursor"]
        if not text:
            return None
        cursor = read_cursor(text)
        if cursor is None or start_of(self.order, cursor) is None:
            raise forms.ValidationError("This is not a cursor of a list in this order.")
        return cursor


PARAMETERS: Final = (
    frozenset(LeadFilter.base_filters) | frozenset(PageForm.base_fields) | set(RENAMED)
)


@dataclass(frozen=True, slots=True)
class LeadQuery:
    leads: LeadQuerySet
    order: Order
    size: int
    cursor: Cursor | None

    def page(self) -> Page[Any]:
        place = FIELDS.index(self.order.column)
        return page_of(
            self.leads.values_list(*EXPORT_COLUMNS.values()),
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
    lead_filter = LeadFilter(params, Lead.objects.all(), user=User(), choices=choices)
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
