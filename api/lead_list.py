"""What a program asks of the leads list: filters as on the page, an order, and a piece of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Final

from django import forms
from django.http import QueryDict
from rest_framework.exceptions import ValidationError

from core.pagination import Cursor, Order, Page, page_of, read_cursor, start_of
from handoff.lead_filters import (
    Choices,
    FilterChoices,
    LeadFilter,
    read_filter_choices,
    with_current_names,
)
from leads.list_queries import DEFAULT_SORT, EXPORT_COLUMNS, SORTS, read_order
from leads.models import Lead, LeadQuerySet
from people.models import User

SIZE: Final = 100
LARGEST_SIZE: Final = 500
SORTED_BY: Final = tuple(sign + name for name in SORTS for sign in ("", "-"))
FIELDS: Final = tuple(EXPORT_COLUMNS)


class ApiFilterChoices(FilterChoices):
    """Leave out “me”: an API key is not a person."""

    OWN: ClassVar[Choices] = ()


class PieceForm(forms.Form):
    sort = forms.ChoiceField(choices=[(name, name) for name in SORTED_BY], required=False)
    size = forms.IntegerField(min_value=1, max_value=LARGEST_SIZE, required=False)
    cursor = forms.CharField(required=False)

    @property
    def order(self) -> Order:
        return read_order(self.cleaned_data.get("sort") or DEFAULT_SORT)[1]

    def clean_cursor(self) -> Cursor | None:
        """What cannot be read is refused: from the start again, a program never comes to an end."""
        said = self.cleaned_data["cursor"]
        if not said:
            return None
        cursor = read_cursor(said)
        if cursor is None or start_of(self.order, cursor) is None:
            raise forms.ValidationError("This is no cursor of a list in this order.")
        return cursor


@dataclass(frozen=True, slots=True)
class Piece:
    """Which leads, in which order, how many, and from where on."""

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


def read_piece(asked: QueryDict) -> Piece:
    """Refuses what it cannot understand: a filter left out would give away too much."""
    choices = ApiFilterChoices(**vars(read_filter_choices()))
    asked = with_current_names(asked)
    filtered = LeadFilter(asked, Lead.objects.all(), user=User(), choices=choices)
    form = PieceForm(asked)
    errors: dict[str, list[str]] = {
        name: ["There is no such parameter."]
        for name in asked
        if name not in filtered.filters and name not in form.fields
    }
    for each in (filtered.form, form):
        errors |= {name: [str(message) for message in found] for name, found in each.errors.items()}
    if errors:
        raise ValidationError(errors)
    said: Mapping[str, Any] = form.cleaned_data
    return Piece(filtered.qs, form.order, said["size"] or SIZE, said["cursor"])
