"""The inbox: leads offered to a rep, and leads they are working."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET
from django.views.decorators.vary import vary_on_headers

from core.permissions import Right
from core.raw_sql import run_together
from people.access import right_required
from people.models import User
from people.requests import HtmxRequest, signed_in
from people.roles import Role
from workspace.home import helpers
from workspace.inbox.parts import MAX_SHOWN, following, parts_of
from workspace.inbox.queries import MAX_READ, Part, inbox_query, inbox_rows, queues_query
from workspace.keyboard import INBOX_KEYS

MAX_ROWS: Final = 100  # of each part
PARTS: Final = {"inbox": "workspace/inbox/inbox.jinja", "offers": "workspace/inbox/offers.jinja"}


@right_required(Right.ANSWER_HANDOFFS)
@require_GET
@vary_on_headers("HX-Request", "HX-Target")
def inbox(request: HtmxRequest) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    wanted, show_all = request.GET.get("lead", ""), request.GET.get("show") == "all"
    listed = inbox_query(user, MAX_ROWS if wanted or show_all else MAX_SHOWN, at=at)
    queues = queues_query(user)
    run_together(listed, queues)
    rows = listed.rows
    row = next((row for row in rows if str(row.lead_id) == wanted), rows[0] if rows else None)
    parts = parts_of(rows, show_all=show_all, opened=row)
    context = {
        "now": timezone.localtime(at),
        "keys": INBOX_KEYS,
        "parts": parts,
        "is_cut": any(part.count >= MAX_READ for part in parts),
        "max_read": MAX_READ,
        "show_all": show_all,
        "to_answer": next((row.part_count for row in rows if row.part == Part.TO_ANSWER), 0),
        "queues": queues.rows,
        "helpers": helpers() if is_rep_without_team(user) else None,
        "opened": row,
        "open_lead": row.lead_id if row else None,
        "user_id": user.pk,
    }
    part = request.htmx.target if request.htmx else None
    template = PARTS.get(part or "", "workspace/inbox/page.jinja")
    response = render(request, template, context, using="jinja2")
    if part == "inbox":
        # After an answer the address names the lead that is open now.
        response["HX-Replace-Url"] = request.get_full_path()
    return response


def is_rep_without_team(user: User) -> bool:
    """Return whether routing rules, which pick members of teams, never pick this rep."""
    return Role.REP in user.roles and not user.known_team_ids


@right_required(Right.ANSWER_HANDOFFS)
@require_GET
def next_lead(request: HtmxRequest, pk: int) -> HttpResponse:
    """Go from the page of a lead to the page of the lead that follows it in the inbox."""
    lead_id = lead_after(pk, user=signed_in(request), at=timezone.now())
    return redirect(page_from_inbox(lead_id) if lead_id else "workspace:inbox")


def page_from_inbox(lead_id: int) -> str:
    return f"{reverse('workspace:lead', args=[lead_id])}?from=inbox"


def lead_after(lead_id: int, *, user: User, at: datetime) -> int | None:
    row = following(inbox_rows(user, MAX_ROWS, at=at), lead_id)
    return row.lead_id if row else None
