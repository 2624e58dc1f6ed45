"""Where sellers work: the inbox, the queues they pull from, and the desk of their manager."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from handoff.models import Handoff
from handoff.rows import Row, rows_of, waiting_in_queues
from people.access import only_for
from people.requests import HtmxRequest, signed_in
from people.roles import ANSWERS_HANDOFFS

MOST_ROWS: Final = 100
KEYS: Final = [
    ("j k", "Next and previous lead"),
    ("a", "Accept"),
    ("r", "Reject, then one digit for the reason"),
    ("e", "Cannot evaluate: say what is missing"),
    ("t", "Log a try to reach them"),
    ("?", "Show these keys"),
]
PARTS: Final = {"inbox": "handoff/inbox.html#inbox", "offers": "handoff/inbox.html#offers"}


@only_for(ANSWERS_HANDOFFS)
@require_GET
@vary_on_headers("HX-Request", "HX-Target")
def inbox(request: HtmxRequest) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    rows = rows_of(Handoff.objects.open().filter(owner=user), MOST_ROWS + 1)
    opened = request.GET.get("lead", "")
    context = {
        "at": at,
        "keys": KEYS,
        "rows": rows[:MOST_ROWS],
        "is_cut": len(rows) > MOST_ROWS,
        "tally": tally(rows, at),
        "queues": waiting_in_queues(user),
        "opened": next((row.lead_id for row in rows if str(row.lead_id) == opened), None),
    }
    part = request.htmx.target if request.htmx else None
    return render(request, PARTS.get(part or "", "handoff/inbox.html"), context)


def tally(rows: list[Row], at: datetime) -> dict[str, Any]:
    """What waits for what, for the head of the inbox."""
    offered = [row for row in rows if row.is_offered]
    return {
        "to_answer": len(offered),
        "to_contact": sum(not row.is_offered and row.due_at is not None for row in rows),
        "in_work": sum(not row.is_offered and row.due_at is None for row in rows),
        "late": sum(row.is_late(at) for row in rows),
    }


@only_for(ANSWERS_HANDOFFS)
@require_GET
def queues(request: HtmxRequest) -> HttpResponse:
    return HttpResponse()
