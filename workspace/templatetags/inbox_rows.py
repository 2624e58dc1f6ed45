"""Hot rows: the template of a row is rendered once for each shape, then only filled in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from html import escape
from typing import Final

from django import template
from django.utils.safestring import SafeString, mark_safe

from core.hot_rows import blank_url, with_blanks
from core.templatetags.countdowns import countdown_state, countdown_text
from leads.templatetags.badges import temperature_badge
from leads.templatetags.companies import company_name
from workspace.inbox.queries import Row

register = template.Library()

BLANKS: Final = (
    "id",
    "lead",
    "who",
    "title",
    "company",
    "lead_type",
    "score",
    "line",
    "due_at",
    "warn_at",
    "left",
    "attempts",
)

# Short words: a row has no room for more.
WORKED: Final = {"sal": "Accepted", "sql": "Qualified", "opportunity": "Opportunity"}


@register.simple_tag
def offer_rows(rows: Iterable[Row], at: datetime, opened: int | None) -> SafeString:
    """Rows of the inbox; `opened` is the lead that is open beside them."""
    return mark_safe("".join(offer_row(row, at, row.lead_id == opened) for row in rows))  # noqa: S308  (parts are escaped)


def offer_row(row: Row, at: datetime, is_opened: bool) -> str:
    due_at, warn_at = row.due_at, row.warn_at
    state = countdown_state(due_at, warn_at, at) if due_at else ""
    filled = shape(
        state,
        row.state,
        row.stage,
        row.temperature,
        row.waits_for,
        min(row.attempts, 2),
        bool(row.title),
        bool(row.company),
        is_opened,
    )
    return filled.format(
        id=row.handoff_id,
        lead=row.lead_id,
        who=escape(row.who),
        title=escape(row.title),
        company=company_name(row.company),
        lead_type=escape(row.lead_type or "Type unknown"),
        score=row.score,
        line=escape(row.line),
        due_at=due_at.isoformat() if due_at else "",
        warn_at=warn_at.isoformat() if warn_at else "",
        left=countdown_text(due_at - at) if due_at else "",
        attempts=row.attempts,
    )


@lru_cache(maxsize=1024)
def shape(
    countdown: str,
    state: str,
    stage: str,
    temperature: str,
    waits_for: str,
    attempts: int,
    has_title: bool,
    has_company: bool,
    is_opened: bool,
) -> str:
    """The row with `{blanks}` where values go; values are escaped as they are filled in."""
    context = {
        "countdown": countdown,
        "is_offered": state == "offered",
        "stage": WORKED.get(stage, stage),
        "temperature": temperature_badge(temperature),
        "waits_for": waits_for,
        "how_often": attempts,
        "has_title": has_title,
        "has_company": has_company,
        "is_opened": is_opened,
        "lead_href": blank_url("workspace:lead", "lead"),
        "accept_href": blank_url("workspace:accept", "id"),
    }
    return with_blanks("workspace/_inbox_row.html", BLANKS, context)
