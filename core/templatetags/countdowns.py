"""A running clock in words, written by the server and kept ticking by js/countdown.js."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from django import template
from django.utils.safestring import SafeString

from core.macros import macro

register = template.Library()

ALMOST_OVER = 0.2


class Countdown(NamedTuple):
    """The parts of components/countdown.jinja."""

    due: str
    warn: str
    state: str
    text: str

    @classmethod
    def of(cls, due_at: datetime, warn_at: datetime | None, at: datetime) -> Countdown:
        return cls(
            due_at.isoformat(),
            warn_at.isoformat() if warn_at else "",
            countdown_state(due_at, warn_at, at),
            countdown_text(due_at - at),
        )


@register.simple_tag
def countdown(
    due_at: datetime,
    *,
    at: datetime,
    warn_at: datetime | None = None,
    started_at: datetime | None = None,
) -> SafeString:
    """Show time left: amber from `warn_at` on or in the last fifth, red once late."""
    if warn_at is None and started_at is not None:
        warn_at = due_at - (due_at - started_at) * ALMOST_OVER
    return macro("components/countdown.jinja", "countdown")(Countdown.of(due_at, warn_at, at))


def countdown_state(due_at: datetime, warn_at: datetime | None, at: datetime) -> str:
    if at >= due_at:
        return "late"
    return "soon" if warn_at is not None and at >= warn_at else "on_time"


def countdown_text(left: timedelta) -> str:
    """Worded alike in js/countdown.js, which takes over in the browser."""
    late = left <= timedelta(0)
    seconds = int(abs(left).total_seconds())
    days, hours, minutes = seconds // 86400, seconds // 3600, seconds // 60
    if days:
        text = f"{days} d {hours % 24} h"
    elif hours:
        text = f"{hours} h {minutes % 60:02} min"
    elif minutes >= 10 or late:
        text = f"{minutes} min"
    else:
        text = f"{minutes}:{seconds % 60:02} min"
    return f"{text} late" if late else f"{text} left"
