"""The lead page, and the answers: every write is a form that posts and goes on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_POST
from django.views.decorators.vary import vary_on_headers

from core.errors import Refused
from core.permissions import Right
from core.retries import with_retries
from handoff import offers
from handoff.answers.accept import accept_handoff
from handoff.answers.advance import advance_lead
from handoff.answers.attempts import log_attempt
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.complete import complete_and_reoffer
from handoff.answers.reject import reject_handoff
from handoff.lead_access import visible_leads
from handoff.locking import HandoffClosed, HandoffNotFound
from handoff.models import Attempt, Handoff
from leads import card
from leads.lifecycle import IllegalMove
from leads.stages import Stage
from people.access import right_required
from people.models import User
from people.requests import HtmxRequest, signed_in
from workspace.lead.completion import CompletionForm, why_kept
from workspace.lead.forms import AdvanceForm, AttemptForm, CardForm, first_errors
from workspace.lead.page import Desk, history, open_desk
from workspace.refusal_messages import too_late, why_not_theirs

State = Handoff.State
Door = Callable[[User, datetime], object]

KEYS: Final = [
    ("a", "Accept"),
    ("r", "Reject, then one digit for the reason"),
    ("e", "Cannot evaluate: say what is missing"),
    ("t", "Log a try to reach them"),
    ("?", "Show these keys"),
]


@login_required
@require_GET
@vary_on_headers("HX-Request")
def lead(request: HtmxRequest, pk: int) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    desk = open_desk(pk, user=user, at=at)
    if desk is None:
        raise Http404
    handoff = desk.handoff
    if handoff and handoff.is_open and handoff.owner_id == user.pk and handoff.viewed_at is None:
        offers.mark_viewed(handoff_id=handoff.pk, by=user, at=at)
    return show(request, desk)


def show(request: HtmxRequest, desk: Desk, *, status: int = 200, **more: Any) -> HttpResponse:
    """The whole page, or what the inbox shows beside its list."""
    context = {"desk": desk, "lead": desk.lead, "at": desk.at, "keys": KEYS, **more}
    if request.htmx:
        inbox = reverse("workspace:inbox")
        context |= {"target": "#inbox", "stay": f"{inbox}?lead={desk.lead.pk}", "leave": inbox}
        return render(request, "workspace/lead/work.html", context, status=status)
    card_form = more.get("card_form") or CardForm(instance=desk.card)
    stay = reverse("workspace:lead", args=[desk.lead.pk])
    page = {**context, **history(desk), "card_form": card_form, "stay": stay}
    if desk.returned and "completion" not in page:
        page["completion"] = CompletionForm(None, lead=desk.lead, codes=desk.returned)
    return render(request, "workspace/lead/lead.html", page, status=status)


@right_required(Right.ANSWER_HANDOFFS)
@require_POST
def accept(request: HtmxRequest, pk: int) -> HttpResponse:
    return carry_out(
        request,
        pk,
        lambda by, at: accept_handoff(handoff_id=pk, by=by, at=at),
        said="The lead is yours. Log the first contact to stop its clock.",
        repeats=State.ACCEPTED,
    )


@right_required(Right.ANSWER_HANDOFFS)
@require_POST
def reject(request: HtmxRequest, pk: int) -> HttpResponse:
    return carry_out(
        request,
        pk,
        lambda by, at: reject_handoff(
            handoff_id=pk,
            reason_code=request.POST.get("reason", ""),
            note=request.POST.get("note", "")[:200],
            by=by,
            at=at,
        ),
        said="Rejected. Marketing sees your reason.",
        repeats=State.REJECTED,
        panel="reject",
    )


@right_required(Right.ANSWER_HANDOFFS)
@require_POST
def cannot_evaluate(request: HtmxRequest, pk: int) -> HttpResponse:
    return carry_out(
        request,
        pk,
        lambda by, at: mark_cannot_evaluate(
            handoff_id=pk, missing_fields=request.POST.getlist("missing"), by=by, at=at
        ),
        said="Sent back to marketing, with what is missing.",
        repeats=State.CANNOT_EVALUATE,
        panel="cannot_evaluate",
    )


@right_required(Right.ANSWER_HANDOFFS)
@require_POST
def attempt(request: HtmxRequest, pk: int) -> HttpResponse:
    form = AttemptForm(request.POST)
    if not form.is_valid():
        return asked_again(request, pk, "attempt", first_errors(form))
    typed = form.cleaned_data
    return carry_out(
        request,
        pk,
        lambda by, at: log_attempt(
            handoff_id=pk,
            channel=Attempt.Channel(typed["channel"]),
            outcome=Attempt.Outcome(typed["outcome"]),
            occurred_at=typed["occurred_at"],
            note=typed["note"],
            link=typed["link"],
            by=by,
            at=at,
        ),
        said="Logged.",
        panel="attempt",
    )


@right_required(Right.ANSWER_HANDOFFS)
@require_POST
def advance(request: HtmxRequest, pk: int) -> HttpResponse:
    form = AdvanceForm(request.POST)
    if not form.is_valid():
        return asked_again(request, pk, "advance", first_errors(form))
    typed = form.cleaned_data
    to = Stage(typed["to"])
    return carry_out(
        request,
        pk,
        lambda by, at: advance_lead(
            handoff_id=pk,
            to=to,
            amount=typed["amount"],
            currency=typed["currency"],
            by=by,
            at=at,
        ),
        said=f"Now: {to.label.lower()}.",
    )


def carry_out(
    request: HtmxRequest,
    handoff_id: int,
    door: Door,
    *,
    said: str,
    repeats: str = "",
    panel: str = "",
) -> HttpResponse:
    """Pass through the door and go on; a no is shown where it was typed, or as a message."""
    user, at = signed_in(request), timezone.now()
    try:
        with_retries(lambda: door(user, at))
    except HandoffNotFound:
        return turned_away(request, handoff_id)
    except HandoffClosed as refusal:
        if repeats and was_mine(handoff_id, user, repeats):
            messages.info(request, "You answered this already; nothing was changed.")
        else:
            messages.error(request, too_late(refusal, handoff_id, reader=user))
    except IllegalMove as refusal:
        messages.error(request, str(refusal))  # its stage has no such panel
    except Refused as refusal:
        if panel:
            return asked_again(request, handoff_id, panel, str(refusal))
        messages.error(request, str(refusal))
    else:
        messages.success(request, said)
    return redirect(onward(request, handoff_id))


def was_mine(handoff_id: int, user: User, state: str) -> bool:
    """A button pressed twice says the same thing twice."""
    return Handoff.objects.filter(pk=handoff_id, answered_by=user, state=state).exists()


def asked_again(request: HtmxRequest, handoff_id: int, panel: str, error: str) -> HttpResponse:
    """The same screen with the panel open, what was wrong with it and what was typed."""
    user = signed_in(request)
    handoff = Handoff.objects.answerable_by(user).filter(pk=handoff_id).first()
    if handoff is None:
        return turned_away(request, handoff_id)
    desk = open_desk(handoff.lead_id, user=user, at=timezone.now())
    if desk is None:
        raise Http404
    response = show(request, desk, status=422, panel=panel, error=error, typed=request.POST)
    response["HX-Retarget"], response["HX-Reswap"] = "#work", "innerHTML"
    return response


def turned_away(request: HttpRequest, handoff_id: int) -> HttpResponse:
    """Who took it first, for somebody who may read the lead; nothing is there for others."""
    why = why_not_theirs(handoff_id, reader=signed_in(request))
    if not why:
        raise Http404
    messages.error(request, why)
    return redirect(onward(request, handoff_id))


def onward(request: HttpRequest, handoff_id: int) -> str:
    """Where the form asked to go on, else the lead if it may still be seen, else home."""
    asked_for = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(asked_for, allowed_hosts={request.get_host()}):
        return asked_for
    seen = visible_leads(signed_in(request)).filter(handoffs=handoff_id).first()
    return reverse("workspace:lead", args=[seen.pk]) if seen else reverse("workspace:home")


@right_required(Right.EDIT_CONTEXT)
@require_POST
def edit_card(request: HtmxRequest, pk: int) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    desk = open_desk(pk, user=user, at=at)
    if desk is None:
        raise Http404
    form = CardForm(request.POST)
    if not form.is_valid():
        return show(request, desk, status=422, panel="card", card_form=form)
    try:
        card.edit_card(lead_id=pk, by=user, at=at, **form.cleaned_data)
    except Refused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, "The card is saved; reps see it now.")
    return redirect("workspace:lead", pk)


@right_required(Right.EDIT_CONTEXT)
@require_POST
def complete(request: HtmxRequest, pk: int) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    desk = open_desk(pk, user=user, at=at)
    if desk is None:
        raise Http404
    form = CompletionForm(request.POST, lead=desk.lead, codes=desk.returned)
    if not form.is_valid():
        return show(request, desk, status=422, completion=form)
    try:
        handoff_id = with_retries(
            lambda: complete_and_reoffer(lead_id=pk, values=form.found, by=user, at=at)
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return show(request, desk, status=422, completion=form)
    if handoff_id is None:
        messages.warning(request, why_kept(pk))
    else:
        messages.success(request, "Completed, and offered to sales again.")
    return redirect("workspace:lead", pk)
