"""Actions of marketing on one lead or on selected leads of the list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone

from core.errors import Refused
from core.formatting import counted
from core.permissions import Right
from core.retries import with_retries
from handoff import marketing_actions
from handoff.lead_access import visible_leads
from people.access import form_of, next_page, right_required
from people.requests import signed_in
from workspace.lead.forms import first_errors

MAX_LEADS: Final = 100


class SendForm(forms.Form):
    why = forms.CharField(
        max_length=200, error_messages={"required": "Enter why sales should get this lead now."}
    )


class ReleaseForm(forms.Form):
    why = forms.CharField(
        max_length=200, error_messages={"required": "Enter why the contact is released."}
    )


class WakeForm(forms.Form):
    day = forms.DateField(error_messages={"required": "Choose a date."})


class DisqualifyForm(forms.Form):
    reason_code = forms.CharField(
        max_length=40, error_messages={"required": "Choose one of the reasons."}
    )


@dataclass(frozen=True)
class Action:
    """`done` follows the number of leads."""

    form: type[forms.Form]
    run: Callable[..., Any]
    done: str


ACTIONS: Final = {
    "send": Action(SendForm, marketing_actions.send_to_sales, "sent to sales"),
    "release": Action(ReleaseForm, marketing_actions.release, "released and sent to sales"),
    "wake": Action(WakeForm, marketing_actions.set_wake_date, "set to resurface"),
    "disqualify": Action(DisqualifyForm, marketing_actions.disqualify, "disqualified"),
}


@right_required(Right.EDIT_CONTEXT)
@form_of("workspace:leads")
def act_on_leads(request: HttpRequest) -> HttpResponse:
    """Run one action on each of the leads, each in a transaction of its own."""
    user, at = signed_in(request), timezone.now()
    action = ACTIONS.get(request.POST.get("action", ""))
    lead_ids = selected_leads(request)
    if action is None or not lead_ids:
        messages.error(request, "Select leads and choose an action.")
        return redirect(next_page(request) or "workspace:leads")
    form = action.form(request.POST)
    if not form.is_valid():
        messages.error(request, first_errors(form))
        return redirect(next_page(request) or "workspace:leads")
    run = partial(action.run, by=user, at=at, **form.cleaned_data)
    report(request, run, action, lead_ids)
    return redirect(next_page(request) or "workspace:leads")


def report(
    request: HttpRequest, run: Callable[..., Any], action: Action, lead_ids: list[int]
) -> None:
    refusals: Counter[str] = Counter()
    for lead_id in lead_ids:
        try:
            with_retries(partial(run, lead_id=lead_id))
        except Refused as refusal:
            refusals[str(refusal)] += 1
    if done := len(lead_ids) - refusals.total():
        messages.success(request, f"{counted(done, 'lead', 'leads')} {action.done}.")
    for text, number in refusals.items():
        messages.error(
            request, text if len(lead_ids) == 1 else f"{counted(number, 'lead', 'leads')}: {text}"
        )


def selected_leads(request: HttpRequest) -> list[int]:
    """Return the selected leads that the user may see."""
    sent = [
        int(value[:18])
        for value in request.POST.getlist("lead")[:MAX_LEADS]
        if value.isascii() and value.isdecimal()
    ]
    visible = visible_leads(signed_in(request)).filter(pk__in=sent)
    return sorted(visible.values_list("pk", flat=True))
