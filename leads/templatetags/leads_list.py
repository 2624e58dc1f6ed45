from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Final

from django import template
from django.utils.safestring import SafeString, mark_safe

from leads.listing import Row
from leads.templatetags.badges import stage_badge, temperature_badge
from people.hot_rows import blank_url, with_blanks
from people.templatetags.formatting import duration, moment

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
    return mark_safe("".join(lead_row(row, at) for row in rows))


def lead_row(row: Row, at: datetime) -> str:
    return shape(row.stage, row.temperature, row.owner is None).format(
        lead=row.lead_id,
        who=escape(row.who),
        title=escape(row.title),
        company=escape(row.company or "–"),
        lead_type=escape(row.lead_type or "–"),
        source=escape(row.source or "Source unknown"),
        score=row.score,
        holder=escape(row.owner or row.queue or "–"),
        opened=moment(row.opened_at),
        since=duration(at - row.stage_entered_at),
    )


@lru_cache(maxsize=256)
def shape(stage: str, temperature: str, is_queue: bool) -> str:
    context = {
        "stage": stage_badge(stage),
        "temperature": temperature_badge(temperature),
        "is_queue": is_queue,
        "href": blank_url("feedback:lead", "lead"),
    }
    return with_blanks("leads/_row.html", BLANKS, context)
