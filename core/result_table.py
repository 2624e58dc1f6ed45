"""The table of a list in the admin: its heads and cells as values, which a template shows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, time
from functools import cache
from itertools import repeat
from typing import Any, Final, NamedTuple

from django.contrib.admin.templatetags.admin_list import result_hidden_fields
from django.contrib.admin.templatetags.admin_urls import add_preserved_filters
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.template.loader import render_to_string
from django.utils.encoding import iri_to_uri
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from unfold.templatetags.unfold_list import CHECKBOX_CLASSES, LINK_CLASSES, result_headers
from unfold.utils import display_for_field, display_for_label, display_for_value

CHECKBOX: Final = "action_checkbox"
ON_ONE_LINE: Final = (models.DateField, models.TimeField, models.ForeignKey)


class Column(NamedTuple):
    name: str
    head: dict[str, Any]
    label: str
    classes: str
    is_link: bool
    field: Any  # of the model, or None
    attribute: Any  # of the admin or the model, where there is no field

    @property
    def is_checkbox(self) -> bool:
        return self.name == CHECKBOX

    @property
    def title(self) -> str:
        return str(capfirst(self.head["text"]))


class Row(NamedTuple):
    href: str
    cells: Sequence[tuple[Column, Any, bool]]  # column, text and whether it stays on one line


class Table(NamedTuple):
    columns: Sequence[Column]
    rows: Sequence[Row]
    hidden_fields: Sequence[Any]
    link_classes: str

    @property
    def sorted_columns(self) -> int:
        return sum(bool(column.head.get("sorted")) for column in self.columns)


def result_table(cl: ChangeList) -> Table:
    columns = list(columns_of(cl))
    return Table(
        columns, list(rows_of(cl, columns)), list(result_hidden_fields(cl)), " ".join(LINK_CLASSES)
    )


def columns_of(cl: ChangeList) -> Iterator[Column]:
    admin: Any = cl.model_admin
    hidden = admin.ordering_field if admin.ordering_field and admin.hide_ordering_field else None
    for name, head in zip(cl.list_display, result_headers(cl), strict=True):
        field, attribute = source_of(str(name), cl)
        classes = CHECKBOX_CLASSES if name == CHECKBOX else [f"field-{name}", "result-cell"]
        yield Column(
            str(name),
            head,
            "Select record" if name == CHECKBOX else head["text"],
            " ".join([*classes, "!hidden"] if name == hidden else classes),
            name in (cl.list_display_links or ()),
            field,
            attribute,
        )


def source_of(name: str, cl: ChangeList) -> tuple[Any, Any]:
    """Return the field of a column, or else the attribute of the admin or the model."""
    try:
        return cl.opts.get_field(name), None
    except FieldDoesNotExist:
        owner = cl.model if name == "__str__" else cl.model_admin
        return None, getattr(owner, name)


def rows_of(cl: ChangeList, columns: Sequence[Column]) -> Iterator[Row]:
    start, end = link_of_row(cl)
    empty = cl.model_admin.get_empty_value_display()
    forms = cl.formset.forms if cl.formset else repeat(None)
    for row, form in zip(cl.result_list, forms, strict=False):
        cells = [(column, *cell_of(column, row, form, empty)) for column in columns]
        yield Row(f"{start}{iri_to_uri(quote(str(row.pk)))}{end}", cells)


def link_of_row(cl: ChangeList) -> tuple[str, str]:
    """Return what stands before and after the id of a row in the address of its page.

    To reverse and to resolve the address of each row would take as long as all else.
    """
    context: Any = {"preserved_filters": cl.preserved_filters, "opts": cl.opts}
    page = add_preserved_filters(context, cl.url_for_result(cl.model(pk=0)))
    start, end = page.split("/0/", 1)
    return f"{start}/", f"/{end}"


def cell_of(column: Column, row: models.Model, form: Any, empty: str) -> tuple[Any, bool]:
    name, field, attribute = column.name, column.field, column.attribute
    if form and name in form.fields:
        return form[name], False
    if field:
        value = getattr(row, name)
        stays = isinstance(field, ON_ONE_LINE)
        if isinstance(field, models.BooleanField):
            return boolean_mark(value), stays
        return display_for_field(value, field, empty), stays
    value = attribute(row)
    stays = isinstance(value, date | time)
    if label := getattr(attribute, "label", None):
        return display_for_label(value, empty, label), stays
    return display_for_value(value, empty), stays


@cache
def boolean_mark(value: bool | None) -> SafeString:
    """Return the theme's mark, which it renders anew for each row."""
    return render_to_string("unfold/helpers/boolean.html", {"value": value})
