"""The inbox: leads offered to a rep, and leads they are working."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from core.permissions import Right
from people.access import right_required
from people.requests import HtmxRequest, signed_in
from workspace.inbox.queries import InboxRow, own_rows, waiting_in_queues
from workspace.keyboard import INBOX_KEYS

MAX_ROWS: Final = 100
PARTS: Final = {"inbox": "workspace/inbox.html#inbox", "offers": "workspace/inbox.html#offers"}


@right_required(Right.ANSWER_HANDOFFS)
@require_GET
@vary_on_headers("HX-Request", "HX-Target")
def inbox(request: HtmxRequest) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    rows = own_rows(user, MAX_ROWS + 1)
    open_lead = request.GET.get("lead", "")
    context = {
        "at": at,
        "keys": INBOX_KEYS,
        "rows": rows[:MAX_ROWS],
        "is_cut": len(rows) > MAX_ROWS,
        "tally": tally(rows, at),
        "queues": waiting_in_queues(user),
        "open_lead": next((row.lead_id for row in rows if str(row.lead_id) == open_lead), None),
    }
    part = request.htmx.target if request.htmx else None
    response = render(request, PARTS.get(part or "", "workspace/inbox.html"), context)
    if part == "inbox":
        # After an answer the address names the lead that is open now.
        response["HX-Replace-Url"] = request.get_full_path()
    return response


def tally(rows: list[InboxRow], at: datetime) -> dict[str, Any]:
    """Count the rows by next action."""
    offered = [row for row in rows if row.is_offered]
    return {
        "to_answer": len(offered),
        "to_contact": sum(not row.is_offered and row.due_at is not None for row in rows),
        "in_progress": sum(not row.is_offered and row.due_at is None for row in rows),
        "late": sum(row.is_late(at) for row in rows),
    }
