"""Where sellers work: the inbox, the queues they pull from, and the desk of their manager."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any, Final

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from core.errors import Refused
from core.permissions import Right
from core.retries import with_retries
from handoff import reassigning
from handoff.forms import AbsenceForm, ReassignForm
from handoff.models import Handoff
from handoff.offers import HandoffClosed
from handoff.rows import Row, own_rows, team_rows, waiting_in_queues, waiting_rows
from handoff.team_desk import DAYS, DEFINITIONS, members_of, teams_of
from handoff.whereabouts import too_late
from people.absences import BadAbsence, end_absence, members_run_by, set_absence
from people.access import only_for
from people.models import Absence, Team
from people.requests import HtmxRequest, signed_in

MOST_ROWS: Final = 100
MOST_WAITING: Final = 200
KEYS: Final = [
    ("j k", "Next and previous lead"),
    ("a", "Accept"),
    ("r", "Reject, then one digit for the reason"),
    ("e", "Cannot evaluate: say what is missing"),
    ("t", "Log a try to reach them"),
    ("?", "Show these keys"),
]
PARTS: Final = {"inbox": "handoff/inbox.html#inbox", "offers": "handoff/inbox.html#offers"}


@only_for(Right.ANSWER_HANDOFFS)
@require_GET
@vary_on_headers("HX-Request", "HX-Target")
def inbox(request: HtmxRequest) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    rows = own_rows(user, MOST_ROWS + 1)
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
    response = render(request, PARTS.get(part or "", "handoff/inbox.html"), context)
    if part == "inbox":
        # After an answer: the address says what is open now.
        response["HX-Replace-Url"] = request.get_full_path()
    return response


def tally(rows: list[Row], at: datetime) -> dict[str, Any]:
    """What waits for what, for the head of the inbox."""
    offered = [row for row in rows if row.is_offered]
    return {
        "to_answer": len(offered),
        "to_contact": sum(not row.is_offered and row.due_at is not None for row in rows),
        "in_work": sum(not row.is_offered and row.due_at is None for row in rows),
        "late": sum(row.is_late(at) for row in rows),
    }


@only_for(Right.ANSWER_HANDOFFS, Right.SEE_QUEUES)
@require_GET
def queues(request: HtmxRequest) -> HttpResponse:
    """What waits in each queue one works in, what is due first on top; to pull is to accept.

    A queue in which something waits is shown whatever became of its team.
    """
    user, at = signed_in(request), timezone.now()
    waiting = Handoff.objects.offered().filter(queue=OuterRef("pk"), owner=None)
    sales = Team.objects.filter(
        Exists(waiting) | Q(is_active=True) & ~Q(function=Team.Function.MARKETING)
    )
    sees_all = user.may(Right.SEE_QUEUES)
    teams = list(sales if sees_all else sales.filter(pk__in=user.team_ids))
    rows = waiting_rows([team.pk for team in teams], MOST_WAITING)
    queues = [(team, [row for row in rows if row.queue_id == team.pk]) for team in teams]
    context = {
        "at": at,
        "queues": sorted(queues, key=lambda queue: (not queue[1], queue[0].name)),
        "is_cut": len(rows) == MOST_WAITING,
        "may_pull": Right.ANSWER_HANDOFFS in user.rights,
    }
    return render(request, "handoff/queues.html", context)


@only_for(Right.MANAGE_TEAM, Right.SEE_TEAMS)
@require_GET
def team_desk(request: HtmxRequest) -> HttpResponse:
    return show_desk(request, AbsenceForm())


def show_desk(request: HtmxRequest, form: AbsenceForm, *, status: int = 200) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    teams = list(teams_of(user))
    team_ids = [team.pk for team in teams]
    members = members_of(team_ids, at=at)
    people = {member.user_id: member.name for member in members}
    work = team_rows(people, team_ids, MOST_ROWS + 1)
    context = {
        "at": at,
        "teams": [
            (team, [member for member in members if member.team_id == team.pk]) for team in teams
        ],
        "people": sorted(people.items(), key=lambda one: one[1]),
        "rows": work[:MOST_ROWS],
        "is_cut": len(work) > MOST_ROWS,
        "runs": user.may(Right.MANAGE_TEAM),
        "form": form,
        "days": DAYS,
        "definitions": DEFINITIONS,
    }
    return render(request, "handoff/team_desk.html", context, status=status)


@only_for(Right.MANAGE_TEAM)
@require_POST
def reassign(request: HtmxRequest) -> HttpResponse:
    """Give the ticked leads to one member; each passes through the door by itself."""
    user, at = signed_in(request), timezone.now()
    form = ReassignForm(request.POST)
    ticked = [
        int(one[:18])
        for one in request.POST.getlist("handoff")
        if one.isascii() and one.isdecimal()
    ]
    if not form.is_valid() or not ticked:
        messages.error(request, "Tick the leads and choose who gets them.")
        return redirect("handoff:team_desk")
    to = get_object_or_404(members_run_by(user), pk=form.cleaned_data["to"])
    give_on = partial(
        reassigning.reassign,
        to=to,
        by=user,
        at=at,
        although_had_it=form.cleaned_data["although_had_it"],
    )
    given = 0
    for handoff_id in ticked[:MOST_ROWS]:
        try:
            with_retries(partial(give_on, handoff_id=handoff_id))
        except HandoffClosed as refusal:
            messages.error(request, too_late(refusal, handoff_id, reader=user))
        except Refused as refusal:
            messages.error(request, str(refusal))
        else:
            given += 1
    if given:
        what = "1 lead is" if given == 1 else f"{given} leads are"
        messages.success(request, f"{what} offered to {to}, with new clocks.")
    return redirect("handoff:team_desk")


@only_for(Right.MANAGE_TEAM)
@require_POST
def add_absence(request: HtmxRequest) -> HttpResponse:
    user = signed_in(request)
    form = AbsenceForm(request.POST)
    if not form.is_valid():
        return show_desk(request, form, status=422)
    typed = form.cleaned_data
    member = get_object_or_404(members_run_by(user), pk=typed.pop("member"))
    try:
        set_absence(member=member, by=user, **typed)
    except BadAbsence as bad:
        form.add_error("ends_at", str(bad))
        return show_desk(request, form, status=422)
    messages.success(request, f"{member} gets no leads while away.")
    return redirect("handoff:team_desk")


@only_for(Right.MANAGE_TEAM)
@require_POST
def remove_absence(request: HtmxRequest, pk: int) -> HttpResponse:
    at = timezone.now()
    member = end_absence(absence_id=pk, by=signed_in(request), at=at)
    if member is None:
        messages.info(request, "The absence is over already.")
    elif other := Absence.objects.at(at).filter(user=member).order_by("-ends_at").first():
        until = f"{timezone.localtime(other.ends_at):%-d %b %Y}"
        messages.warning(request, f"This one is over; by another {member} is away until {until}.")
    else:
        messages.success(request, f"The absence is over; routing sees {member} again.")
    return redirect("handoff:team_desk")
