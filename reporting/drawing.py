"""A report drawn, and kept for as long as nothing that was read for it changes.

Everybody who opens a report between two runs of the log sees the same figures, and the evening's
are those of the morning after: its SQL is asked every time, its words and charts are not made anew.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Final

from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from reporting.pages import PAGES
from reporting.pages.context import frame_of
from reporting.queries.reports import Answered

KEPT: Final = 64
Typed = tuple[str, str]


@dataclass(frozen=True)
class Drawing:
    """`shows` is everything that can be seen on it: two that show the same are one."""

    shows: tuple[object, ...]
    answered: Answered = field(compare=False)
    today: date = field(compare=False)
    refusal: str = field(compare=False)
    typed: Typed | None = field(compare=False)


def draw(
    answered: Answered, *, today: date, refusal: str = "", typed: Typed | None = None
) -> SafeString:
    """`refusal` says why another report was not answered; then no figures are shown.

    `typed` are the dates that were refused, as they were typed.
    """
    shows = (
        answered.report.name,
        answered.group,
        answered.scope.query(),
        answered.answers.rows,
        today,
        timezone.get_current_timezone_name(),
        refusal,
        typed,
    )
    return _drawn(Drawing(shows, answered, today, refusal, typed))


@lru_cache(maxsize=KEPT)
def _drawn(drawing: Drawing) -> SafeString:
    answered, refusal = drawing.answered, drawing.refusal
    name = answered.report.name
    context = frame_of(answered, today=drawing.today)
    context |= {"report": answered.report, "refusal": refusal}
    if drawing.typed:
        context["since"], context["until"] = drawing.typed
        context["is_refused"] = True
    if not refusal:
        context |= PAGES[name](answered)
    return render_to_string(f"reporting/{name}.html", context)
