"""The lead page and the answers to a handoff."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET
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
from handoff.answers.undo import AlreadyUndone, undo_answer
from handoff.locking import HandoffClosed, HandoffNotFound, NotYetAccepted
from handoff.models import Attempt, Handoff
from handoff.reversal import reverse_won
from leads import context_card
from leads.lifecycle import IllegalMove
from leads.required_context import label_of
from leads.stages import Stage
from people.access import form_of, next_page, right_required
from people.models import User
from people.notices import count_unread, mark_read
from people.readers import shape_of, values_of
from people.requests import HtmxRequest, signed_in
from workspace.inbox.parts import following
from workspace.inbox.queries import inbox_rows
from workspace.inbox.views import MAX_ROWS, page_from_inbox
from workspace.lead.completion import CompletionForm, why_kept
from workspace.lead.forms import (
    AdvanceForm,
    AttemptForm,
    CardForm,
    NoteForm,
    ReversalForm,
    first_errors,
)
from workspace.lead.history import history_context
from workspace.lead.page import LeadPage, load_lead_page
from workspace.lead.queries import LEAD_OF_HANDOFF
from workspace.lead.undo_offers import undo_tags
from workspace.refusal_messages import closed_message, not_yours_message

State = Handoff.State
Answer = Callable[[User, datetime], Any]
Success = str | Callable[[Handoff], str]
# For workspace/lead/answers.jinja; `then` and `target` are empty outside the inbox.
NOTHING_REFUSED: Final[Mapping[str, Any]] = {
    "panel": "",
    "error": "",
    "typed": {},
    "then": "",
    "target": "",
}


@login_required
@require_GET
@vary_on_headers("HX-Request")
def lead(request: HtmxRequest, pk: int) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    page = load_lead_page(pk, user=user, at=at)
    if page is None:
        raise Http404
    handoff = page.handoff
    if handoff and handoff.is_open and handoff.owner_id == user.pk and handoff.viewed_at is None:
        offers.mark_viewed(handoff_id=handoff.pk, by=user, at=at)
    mark_notices_read(user, page, at)
    return render_lead(request, page)


def mark_notices_read(user: User, page: LeadPage, at: datetime) -> None:
    """Mark the notices of the lead as read; costs nothing if the reader has none at all."""
    if user.unread_count and mark_read(user, at=at, path=page.lead.get_absolute_url()):
        user.unread_count = count_unread(user, at=at)


def render_lead(
    request: HtmxRequest, page: LeadPage, *, status: int = 200, **extra: Any
) -> HttpResponse:
    """Render the full page, or the pane beside the inbox's list."""
    context = {**NOTHING_REFUSED, "page": page, "lead": page.lead, "at": page.at, **extra}
    if request.htmx:
        context |= {"target": "#inbox", "stay": inbox_with(page.lead.pk), "then": "inbox"}
        return render(request, "workspace/lead/work.jinja", context, status=status, using="jinja2")
    stay = reverse("workspace:lead", args=[page.lead.pk])
    is_from_inbox = request.GET.get("from") == "inbox" or request.POST.get("then") == "page"
    if is_from_inbox:
        context |= {"then": "page"}
        stay = page_from_inbox(page.lead.pk)
    kept = "from=inbox&" if is_from_inbox else ""
    context |= {"events_parameter": f"{kept}events", "attempts_parameter": f"{kept}attempts"}
    context |= {**history_context(page, request.GET), "stay": stay}
    context.setdefault("note_form", NoteForm())
    context.setdefault("completion", None)
    if page.may_edit:
        context.setdefault("card_form", CardForm(instance=page.card))
    if page.to_complete and context["completion"] is None:
        context["completion"] = CompletionForm(None, lead=page.lead, codes=page.to_complete)
    return render(request, "workspace/lead/lead.jinja", context, status=status, using="jinja2")


def next_url(request: HttpRequest, handoff_id: int) -> str:
    """Return the `next` of the form, else the lead if still visible, else home."""
    if page := next_page(request):
        return page
    user = signed_in(request)
    seen = LEAD_OF_HANDOFF.row(shape_of(user), handoff_id=handoff_id, **values_of(user))
    if seen is None:
        return reverse("workspace:home")
    if "HX-Request" in request.headers:
        return inbox_with(seen.pk)
    if request.POST.get("from") == "inbox":
        return page_from_inbox(seen.pk)
    return reverse("workspace:lead", args=[seen.pk])


def inbox_with(lead_id: int) -> str:
    return f"{reverse('workspace:inbox')}?lead={lead_id}"


NEXT_LEAD: Final[Mapping[str, Callable[[int], str]]] = {
    "inbox": inbox_with,
    "page": page_from_inbox,
}


def lead_address(_request: HttpRequest, lead_id: int) -> str:
    return reverse("workspace:lead", args=[lead_id])


@right_required(Right.ANSWER_HANDOFFS)
@form_of(next_url)
def accept(request: HtmxRequest, pk: int) -> HttpResponse:
    return perform(
        request,
        pk,
        lambda by, at: accept_handoff(handoff_id=pk, by=by, at=at),
        success=lambda handoff: f"Accepted {handoff.lead.contact}.",
        repeats=State.ACCEPTED,
    )


@right_required(Right.ANSWER_HANDOFFS)
@form_of(next_url)
def reject(request: HtmxRequest, pk: int) -> HttpResponse:
    return perform(
        request,
        pk,
        lambda by, at: reject_handoff(
            handoff_id=pk,
            reason_code=request.POST.get("reason", ""),
            note=request.POST.get("note", "")[:200],
            by=by,
            at=at,
        ),
        success=lambda handoff: f"Rejected {handoff.lead.contact} ({handoff.reason}).",
        repeats=State.REJECTED,
        panel="reject",
    )


@right_required(Right.ANSWER_HANDOFFS)
@form_of(next_url)
def cannot_evaluate(request: HtmxRequest, pk: int) -> HttpResponse:
    return perform(
        request,
        pk,
        lambda by, at: mark_cannot_evaluate(
            handoff_id=pk, missing_fields=request.POST.getlist("missing"), by=by, at=at
        ),
        success=lambda handoff: (
            f"Returned {handoff.lead.contact} to marketing (Missing: {labels_of(handoff)})."
        ),
        repeats=State.CANNOT_EVALUATE,
        panel="cannot_evaluate",
    )


@right_required(Right.ANSWER_HANDOFFS)
@form_of(next_url)
def undo(request: HtmxRequest, pk: int) -> HttpResponse:
    return perform(
        request,
        pk,
        lambda by, at: undo_answer(handoff_id=pk, by=by, at=at),
        success="Answer undone. The lead is as it was before.",
    )


@right_required(Right.ANSWER_HANDOFFS)
@form_of(next_url)
def attempt(request: HtmxRequest, pk: int) -> HttpResponse:
    form = AttemptForm(request.POST)
    if not form.is_valid():
        return show_panel(request, pk, "attempt", first_errors(form))
    values = form.cleaned_data
    return perform(
        request,
        pk,
        lambda by, at: log_attempt(
            handoff_id=pk,
            channel=Attempt.Channel(values["channel"]),
            outcome=Attempt.Outcome(values["outcome"]),
            occurred_at=values["occurred_at"],
            note=values["note"],
            link=values["link"],
            by=by,
            at=at,
        ),
        success="Attempt logged.",
        panel="attempt",
    )


@right_required(Right.ANSWER_HANDOFFS)
@form_of(next_url)
def advance(request: HtmxRequest, pk: int) -> HttpResponse:
    form = AdvanceForm(request.POST)
    if not form.is_valid():
        return show_panel(request, pk, "advance", first_errors(form))
    values = form.cleaned_data
    to = Stage(values["to"])
    return perform(
        request,
        pk,
        lambda by, at: advance_lead(
            handoff_id=pk,
            to=to,
            amount=values["amount"],
            currency=values["currency"],
            loss_reason_code=values["reason"],
            by=by,
            at=at,
        ),
        success=f"Lead moved to {to.label}.",
        panel="advance",
    )


def labels_of(handoff: Handoff) -> str:
    return ", ".join(label_of(code) for code in handoff.missing_fields)


def perform(
    request: HtmxRequest,
    handoff_id: int,
    answer: Answer,
    *,
    success: Success,
    repeats: str = "",
    panel: str = "",
) -> HttpResponse:
    """Run the answer and redirect; show a refusal in its panel, or as a message."""
    user, at = signed_in(request), timezone.now()
    following = following_page(request, handoff_id, at)
    try:
        answered = with_retries(lambda: answer(user, at))
    except HandoffNotFound:
        return show_not_yours(request, handoff_id)
    except HandoffClosed as refusal:
        if repeats and is_repeat(handoff_id, user, repeats):
            messages.info(request, "You already answered this handoff. Nothing changed.")
        else:
            messages.error(request, closed_message(refusal, handoff_id, reader=user))
    except (IllegalMove, NotYetAccepted) as refusal:
        messages.error(request, str(refusal))  # the panel does not exist at its stage
    except AlreadyUndone as refusal:
        messages.info(request, str(refusal))
    except Refused as refusal:
        if panel:
            return show_panel(request, handoff_id, panel, str(refusal))
        messages.error(request, str(refusal))
    else:
        tags = undo_tags(handoff_id, answered_at=at) if repeats else ""
        text = success(answered) if callable(success) else success
        messages.success(request, text, extra_tags=tags)
    return redirect(following or next_url(request, handoff_id))


def following_page(request: HttpRequest, handoff_id: int, at: datetime) -> str:
    """Return where the lead after this one opens, if the form wants that one next.

    To be called before the answer, which may take the lead out of the list.
    """
    address = NEXT_LEAD.get(request.POST.get("then", ""))
    if address is None:
        return ""
    rows = inbox_rows(signed_in(request), MAX_ROWS, at=at)
    lead_id = next((row.lead_id for row in rows if row.handoff_id == handoff_id), 0)
    row = following(rows, lead_id)
    return address(row.lead_id) if row else reverse("workspace:inbox")


def is_repeat(handoff_id: int, user: User, state: str) -> bool:
    """Check for a button that was pressed twice."""
    return Handoff.objects.filter(pk=handoff_id, answered_by=user, state=state).exists()


def show_panel(request: HtmxRequest, handoff_id: int, panel: str, error: str) -> HttpResponse:
    """Show the page again with the panel open, the error and what was typed."""
    user, at = signed_in(request), timezone.now()
    handoff = Handoff.objects.answerable_by(user, at=at).filter(pk=handoff_id).first()
    if handoff is None:
        return show_not_yours(request, handoff_id)
    page = load_lead_page(handoff.lead_id, user=user, at=at)
    if page is None:
        raise Http404
    response = render_lead(request, page, status=422, panel=panel, error=error, typed=request.POST)
    response["HX-Retarget"], response["HX-Reswap"] = "#work", "innerHTML"
    return response


def show_not_yours(request: HttpRequest, handoff_id: int) -> HttpResponse:
    """Say who has the lead; raise Http404 if the reader may not see it."""
    message = not_yours_message(handoff_id, reader=signed_in(request))
    if not message:
        raise Http404
    messages.error(request, message)
    return redirect(next_url(request, handoff_id))


@right_required(Right.REVERSE_WON)
@form_of(lead_address)
def reverse_deal(request: HtmxRequest, pk: int) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    page = load_lead_page(pk, user=user, at=at)
    if page is None:
        raise Http404
    if not page.may_reverse:
        messages.error(request, "This deal is not won, so there is nothing to reverse.")
        return redirect("workspace:lead", pk)
    form = ReversalForm(request.POST)
    error = first_errors(form)
    if not error:
        to, reason = Stage(form.cleaned_data["to"]), form.cleaned_data["reason"]
        try:
            with_retries(lambda: reverse_won(lead_id=pk, to=to, reason_code=reason, by=user, at=at))
        except Refused as refusal:
            error = str(refusal)
    if error:
        return render_lead(
            request, page, status=422, panel="reverse", error=error, typed=request.POST
        )
    messages.success(request, f"Deal reversed. It is {to.label.lower()} now.")
    return redirect("workspace:lead", pk)


@right_required(Right.EDIT_CONTEXT)
@form_of(lead_address)
def edit_card(request: HtmxRequest, pk: int) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    page = load_lead_page(pk, user=user, at=at)
    if page is None:
        raise Http404
    form = CardForm(request.POST)
    if not form.is_valid():
        return render_lead(request, page, status=422, panel="card", card_form=form)
    try:
        context_card.edit_card(
            lead_id=pk, by=user, at=at, seen=request.POST.get("seen"), **form.cleaned_data
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return render_lead(request, page, status=422, panel="card", card_form=form)
    messages.success(request, "Context card saved.")
    return redirect("workspace:lead", pk)


@right_required(Right.EDIT_CONTEXT)
@form_of(lead_address)
def complete(request: HtmxRequest, pk: int) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    page = load_lead_page(pk, user=user, at=at)
    if page is None:
        raise Http404
    form = CompletionForm(request.POST, lead=page.lead, codes=page.to_complete)
    if not form.is_valid():
        return render_lead(request, page, status=422, completion=form)
    try:
        handoff_id = with_retries(
            lambda: complete_and_reoffer(lead_id=pk, values=form.entered, by=user, at=at)
        )
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return render_lead(request, page, status=422, completion=form)
    if handoff_id is None:
        messages.warning(request, why_kept(pk))
    else:
        messages.success(request, "Lead completed and offered to sales.")
    return redirect("workspace:lead", pk)
