"""The team page: workload, reassignment and time off."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import partial
from operator import itemgetter
from typing import Final, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.days import day_of
from core.errors import Refused
from core.formatting import counted, date_text
from core.permissions import Right
from core.retries import with_retries
from handoff import reassignment
from handoff.locking import HandoffClosed
from handoff.models import Handoff
from people.absences import (
    change_absence,
    end_absence,
    last_day_of,
    members_run_by,
    name_cover,
    set_absence,
)
from people.access import form_of, next_page, right_required
from people.covers import BadAbsence
from people.models import Absence, User
from people.requests import HtmxRequest, signed_in
from reporting.pages.person import answer_lists, answers_by_person
from workspace.lead.forms import first_errors
from workspace.leads.actions import report_refusals, sent_once
from workspace.leads.selection import MAX_LEADS
from workspace.refusal_messages import closed_message
from workspace.team.forms import (
    AbsenceForm,
    ChangeAbsenceForm,
    CoverField,
    CoverForm,
    ReassignForm,
)
from workspace.team.queries import (
    DAYS,
    DEFINITIONS,
    MAX_LATE,
    members_of,
    team_rows,
    teams_of,
    time_off_of,
)

MAX_ROWS: Final = 50


@right_required(Right.MANAGE_TEAM, Right.SEE_TEAMS)
@require_GET
def team(request: HtmxRequest) -> HttpResponse:
    may_manage = signed_in(request).may(Right.MANAGE_TEAM)
    return render_team(request, AbsenceForm() if may_manage else None)


def render_team(
    request: HtmxRequest, form: AbsenceForm | None, *, status: int = 200
) -> HttpResponse:
    """Render the page; without a form for readers who only look."""
    user, at = signed_in(request), timezone.now()
    teams = teams_of(user)
    team_ids = [team.pk for team in teams]
    members = members_of(team_ids, at=at)
    people = {member.user_id: member.name for member in members}
    today = day_of(at)
    answers, counted_at = answers_by_person(days=DAYS, today=today)
    sent = request.GET.get("member", "")
    chosen = next((member for member in members if str(member.user_id) == sent), None)
    if chosen is not None:
        rows = team_rows([chosen.user_id], [], MAX_ROWS + 1)
    else:
        rows = team_rows(people, team_ids, MAX_ROWS + 1)
    covers = sorted(
        {(row.user_id, row.name) for row in members if row.may_answer}, key=itemgetter(1)
    )
    if form is not None:
        cast(CoverField, form.fields["cover"]).offer(covers)
    context = {
        "at": at,
        "covers": covers,
        "teams": [
            (
                team,
                [
                    (row, row.workload, answers[row.user_id])
                    for row in members
                    if row.team_id == team.pk
                ],
            )
            for team in teams
        ],
        "answer_lists": answer_lists(days=DAYS, today=today),
        "chosen": chosen,
        "filter_people": sorted(people.items(), key=lambda person: person[1]),
        "absence_people": sorted(
            {
                (member.user_id, member.name, member.zone)
                for member in members
                if member.works_in_team
            },
            key=lambda person: person[1],
        ),
        "time_off": time_off_of(people, at=at),
        "rows": rows[:MAX_ROWS],
        "is_cut": len(rows) > MAX_ROWS,
        "may_manage": form is not None,
        "form": form,
        "time_zone": user.time_zone,
        "max_late": MAX_LATE,
        "fresh_as_of": counted_at,
        "days": DAYS,
        "definitions": DEFINITIONS,
    }
    return render(request, "workspace/team/page.jinja", context, status=status, using="jinja2")


@right_required(Right.MANAGE_TEAM)
@form_of("workspace:team")
def reassign(request: HtmxRequest) -> HttpResponse:
    """Reassign the selected leads to one member, each in a transaction of its own."""
    user, at = signed_in(request), timezone.now()
    form = ReassignForm(request.POST)
    selected = [
        int(value[:18])
        for value in request.POST.getlist("handoff")[:MAX_LEADS]
        if value.isascii() and value.isdecimal()
    ]
    page = next_page(request) or reverse("workspace:team")
    if not form.is_valid() or not selected:
        messages.error(request, "Select leads and choose who to reassign them to.")
        return redirect(page)
    to = get_object_or_404(members_run_by(user), pk=form.cleaned_data["to"])
    reassign_to = partial(
        reassignment.reassign,
        to=to,
        by=user,
        at=at,
        although_had_it=form.cleaned_data["include_previous_owners"],
    )
    with sent_once(request) as is_first:
        if is_first:
            reassign_each(request, reassign_to, selected, to=to)
    return redirect(page)


def reassign_each(
    request: HttpRequest, reassign_to: Callable[..., object], selected: Sequence[int], *, to: User
) -> None:
    """Report how many were reassigned, and why the others were not."""
    refusals: dict[str, list[int]] = defaultdict(list)
    for handoff_id in selected:
        try:
            with_retries(partial(reassign_to, handoff_id=handoff_id))
        except HandoffClosed as refusal:
            text = closed_message(refusal, handoff_id, reader=signed_in(request))
            refusals[text].append(handoff_id)
        except Refused as refusal:
            refusals[str(refusal)].append(handoff_id)
    if reassigned := len(selected) - sum(map(len, refusals.values())):
        count = counted(reassigned, "lead", "leads")
        messages.success(request, f"{count} reassigned to {to}. SLA timers restarted.")
    report_refusals(request, by_lead(refusals), of=len(selected))


def by_lead(refusals: dict[str, list[int]]) -> dict[str, list[int]]:
    """Return the refusals with the lead of each handoff."""
    handoff_ids = [handoff_id for refused in refusals.values() for handoff_id in refused]
    handoffs = Handoff.objects.filter(pk__in=handoff_ids) if handoff_ids else Handoff.objects.none()
    leads = dict(handoffs.values_list("pk", "lead"))
    return {
        text: [leads[handoff_id] for handoff_id in refused if handoff_id in leads]
        for text, refused in refusals.items()
    }


@right_required(Right.MANAGE_TEAM)
@form_of("workspace:team")
def add_absence(request: HtmxRequest) -> HttpResponse:
    user = signed_in(request)
    form = AbsenceForm(request.POST)
    if not form.is_valid():
        return render_team(request, form, status=422)
    values = form.cleaned_data
    member = get_object_or_404(members_run_by(user), pk=values["member"])
    starts_at, ends_at = form.times_in(member.zone)
    try:
        set_absence(
            member=member,
            starts_at=starts_at,
            ends_at=ends_at,
            note=values["note"],
            by=user,
            reassigns_leads=values["reassigns_leads"],
            cover=values["cover"],
        )
    except BadAbsence as refusal:
        form.add_error(refusal.field, str(refusal))
        return render_team(request, form, status=422)
    covers = f" {values['cover']} covers for them." if values["cover"] else ""
    messages.success(
        request, f"Time off added. {member} gets no new leads during that time.{covers}"
    )
    return redirect("workspace:team")


@right_required(Right.MANAGE_TEAM)
@form_of("workspace:team")
def edit_absence(request: HtmxRequest, pk: int) -> HttpResponse:
    form = ChangeAbsenceForm(request.POST)
    if not form.is_valid():
        messages.error(request, first_errors(form))
        return redirect("workspace:team")
    try:
        absence = change_absence(
            absence_id=pk, by=signed_in(request), at=timezone.now(), **form.cleaned_data
        )
    except BadAbsence as refusal:
        messages.error(request, str(refusal))
        return redirect("workspace:team")
    if absence is None:
        messages.info(request, "This time off has already ended.")
    else:
        messages.success(request, f"Time off of {absence.user} changed.")
    return redirect("workspace:team")


def own_page(request: HttpRequest, pk: int) -> str:
    return reverse("workspace:person", args=[signed_in(request).pk])


@right_required(Right.ANSWER_HANDOFFS)
@form_of(own_page)
def set_cover(request: HtmxRequest, pk: int) -> HttpResponse:
    """Name who covers during one's own time off, or that of a member."""
    form = CoverForm(request.POST)
    page = next_page(request) or own_page(request, pk)
    if not form.is_valid():
        messages.error(request, first_errors(form))
        return redirect(page)
    cover = form.cleaned_data["cover"]
    try:
        absence = name_cover(absence_id=pk, cover=cover, by=signed_in(request), at=timezone.now())
    except BadAbsence as refusal:
        messages.error(request, str(refusal))
        return redirect(page)
    if absence is None:
        messages.info(request, "This time off has already ended.")
    elif cover is None:
        messages.success(request, "No one covers. Your manager hears new requests.")
    else:
        until = date_text(last_day_of(absence))
        messages.success(request, f"{cover} covers for {absence.user} until {until}.")
    return redirect(page)


@right_required(Right.MANAGE_TEAM)
@form_of("workspace:team")
def remove_absence(request: HtmxRequest, pk: int) -> HttpResponse:
    at = timezone.now()
    member = end_absence(absence_id=pk, by=signed_in(request), at=at)
    if member is None:
        messages.info(request, "This time off has already ended.")
    elif other := Absence.objects.at(at).filter(user=member).order_by("-ends_at").first():
        until = date_text(other.ends_at.astimezone(member.zone))
        messages.warning(
            request, f"Time off ended. {member} is still away until {until} by another entry."
        )
    else:
        messages.success(request, f"Time off ended. {member} gets leads again.")
    return redirect("workspace:team")
