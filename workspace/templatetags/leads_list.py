"""The leads list written out: hot rows and the controls of its filters (L1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Final

from django import template
from django.forms import BoundField
from django.utils.safestring import SafeString, mark_safe

from core.formatting import duration_text
from core.hot_rows import blank_url, with_blanks
from core.templatetags.formatting import moment
from core.templatetags.frame import icon
from leads.list_queries import Row
from leads.templatetags.badges import stage_badge, temperature_badge
from leads.templatetags.companies import company_name

register = template.Library()

BLANKS: Final = (
    "lead",
    "who",
    "title",
    "company",
    "lead_type",
    "source",
    "score",
    "holder",
    "opened",
    "since",
)


@register.simple_tag
def lead_rows(rows: Iterable[Row], at: datetime) -> SafeString:
    return mark_safe("".join(lead_row(row, at) for row in rows))  # noqa: S308  (parts are escaped)


def lead_row(row: Row, at: datetime) -> str:
    return shape(row.stage, row.temperature, row.owner is None).format(
        lead=row.lead_id,
        who=escape(row.who),
        title=escape(row.title),
        company=company_name(row.company),
        lead_type=escape(row.lead_type or "–"),
        source=escape(row.source or "Source unknown"),
        score=row.score,
        holder=escape(row.owner or row.queue or "–"),
        opened=moment(row.opened_at),
        since=duration_text(at - row.stage_entered_at),
    )


@lru_cache(maxsize=256)
def shape(stage: str, temperature: str, is_queue: bool) -> str:
    context = {
        "stage": stage_badge(stage),
        "temperature": temperature_badge(temperature),
        "is_queue": is_queue,
        "href": blank_url("workspace:lead", "lead"),
    }
    return with_blanks("workspace/leads/_row.html", BLANKS, context)


@register.simple_tag
def sort_head(head: Mapping[str, str], css: str = "") -> SafeString:
    """The head of a column that sorts by it, or turns the order."""
    order = head["order"]
    sorted_so = f' aria-sort="{order}"' if order else ""
    drawing = icon({"ascending": "up", "descending": "down"}.get(order, "sort"))
    return SafeString(
        f'<th scope="col" class="{css}"{sorted_so}>'
        f'<a class="sort" href="{escape(head["href"])}">{escape(head["label"])}{drawing}</a></th>'
    )


@register.simple_tag
def filter_fields(fields: Iterable[BoundField]) -> SafeString:
    """Return label and control of each filter (`handoff.lead_filters`)."""
    return mark_safe("".join(filter_field(field) for field in fields))  # noqa: S308  (parts are escaped)


def filter_field(field: BoundField) -> str:
    attrs = {"id": field.auto_id, **({"aria-invalid": "true"} if field.errors else {})}
    control = field.field.widget.render(field.html_name, field.value(), attrs)
    label = escape(str(field.label))
    return f'<div class="field"><label for="{field.auto_id}">{label}</label>{control}</div>'
