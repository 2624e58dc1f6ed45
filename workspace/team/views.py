"""The team page: workload, reassignment and time off."""

from __future__ import annotations

from functools import partial
from typing import Final

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from core.errors import Refused
from core.permissions import Right
from core.retries import with_retries
from handoff import reassignment
from handoff.locking import HandoffClosed
from people.absences import BadAbsence, end_absence, members_run_by, set_absence
from people.access import right_required
from people.models import Absence
from people.requests import HtmxRequest, signed_in
from workspace.inbox.queries import team_rows
from workspace.refusal_messages import too_late
from workspace.team.forms import AbsenceForm, ReassignForm
from workspace.team.queries import DAYS, DEFINITIONS, members_of, teams_of

MOST_ROWS: Final = 100


@right_required(Right.MANAGE_TEAM, Right.SEE_TEAMS)
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
    return render(request, "workspace/team.html", context, status=status)


@right_required(Right.MANAGE_TEAM)
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
        return redirect("workspace:team")
    to = get_object_or_404(members_run_by(user), pk=form.cleaned_data["to"])
    give_on = partial(
        reassignment.reassign,
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
    return redirect("workspace:team")


@right_required(Right.MANAGE_TEAM)
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
    return redirect("workspace:team")


@right_required(Right.MANAGE_TEAM)
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
    return redirect("workspace:team")
