"""Actions of marketing on one lead or on selected leads of the list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Final
from uuid import uuid4

from django import forms
from django.contrib import messages
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from core.cache_server import ask_cache
from core.errors import Refused
from core.formatting import counted
from core.permissions import Right
from core.retries import with_retries
from handoff import marketing_actions
from handoff.action_previews import (
    Preview,
    names_by_lead,
    preview_marketing_action,
    preview_reassignment,
)
from handoff.lead_filters import read_filter_choices
from leads.models import Lead
from people.access import form_of, next_page, right_required
from people.requests import HtmxRequest, signed_in
from workspace.lead.forms import first_errors
from workspace.leads.selection import BULK_ACTIONS, read_selection, selected_leads
from workspace.leads.views import csv_of_leads

MAX_NAMES: Final = 5


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


SECONDS_TO_REMEMBER: Final = 24 * 60 * 60
SENT_TWICE: Final = "This form was sent twice. The second time did nothing."


@right_required(Right.SEE_LEADS)
@form_of("workspace:leads")
def preview_action(request: HtmxRequest) -> HttpResponseBase:
    """Show what an action will do with the selected leads; an export is sent at once."""
    user, at = signed_in(request), timezone.now()
    here = next_page(request) or reverse("workspace:leads")
    action = BULK_ACTIONS.get(request.POST.get("action", ""))
    if action is not None and not user.may(action.right):
        raise PermissionDenied
    if action is not None and action.code == "export":
        sort = QueryDict(request.POST.get("query", "")).get("sort", "")
        return csv_of_leads(selected_leads(request), sort)
    selection = read_selection(request)
    if action is None or not selection.lead_ids:
        messages.error(request, "Select leads and choose an action.")
        return redirect(here)
    preview: Preview
    if action.code == "reassign":
        preview = preview_reassignment(selection.lead_ids, by=user, at=at)
    else:
        preview = preview_marketing_action(action.code, selection.lead_ids)
    context = {
        "action": action,
        "selection": selection,
        "preview": preview,
        "next": here,
        "once": uuid4(),
        "reasons": read_filter_choices().reasons if action.code == "disqualify" else (),
    }
    return render(request, "workspace/leads/preview.html", context)


@right_required(Right.EDIT_CONTEXT)
@form_of("workspace:leads")
def act_on_leads(request: HttpRequest) -> HttpResponse:
    """Run one action on each of the leads, each in a transaction of its own."""
    user, at = signed_in(request), timezone.now()
    action = ACTIONS.get(request.POST.get("action", ""))
    lead_ids = read_selection(request).lead_ids
    if action is None or not lead_ids:
        messages.error(request, "Select leads and choose an action.")
        return redirect(next_page(request) or "workspace:leads")
    form = action.form(request.POST)
    if not form.is_valid():
        messages.error(request, first_errors(form))
        return redirect(next_page(request) or "workspace:leads")
    run = partial(action.run, by=user, at=at, **form.cleaned_data)
    with sent_once(request) as is_first:
        if is_first:
            report(request, run, action, lead_ids)
    return redirect(next_page(request) or "workspace:leads")


@contextmanager
def sent_once(request: HttpRequest) -> Iterator[bool]:
    """Say whether a form is sent for the first time, by its token; one that failed may be repeated.

    Leads refuse a repeated action anyway, but less clearly.
    """
    token = request.POST.get("once", "")[:36]
    key = f"once:{signed_in(request).pk}:{token}"
    is_first = not token or ask_cache(cache.add, key, 1, SECONDS_TO_REMEMBER) is not False
    if not is_first:
        messages.info(request, SENT_TWICE)
    try:
        yield is_first
    except Exception:
        ask_cache(cache.delete, key)
        raise


def report(
    request: HttpRequest, run: Callable[..., Any], action: Action, lead_ids: list[int]
) -> None:
    refusals: dict[str, list[int]] = defaultdict(list)
    for lead_id in lead_ids:
        try:
            with_retries(partial(run, lead_id=lead_id))
        except Refused as refusal:
            refusals[str(refusal)].append(lead_id)
    if done := len(lead_ids) - sum(map(len, refusals.values())):
        messages.success(request, f"{counted(done, 'lead', 'leads')} {action.done}.")
    report_refusals(request, refusals, of=len(lead_ids))


def report_refusals(request: HttpRequest, refusals: Mapping[str, list[int]], *, of: int) -> None:
    """List the refused leads by reason, with the names of the first ones."""
    names = names_of([lead_id for refused in refusals.values() for lead_id in refused])
    for text, refused in refusals.items():
        if of > 1:
            count = counted(len(refused), "lead", "leads")
            text = f"{count} ({some_of([names[lead_id] for lead_id in refused])}): {text}"
        messages.error(request, text)


def names_of(lead_ids: Collection[int]) -> dict[int, str]:
    if not lead_ids:
        return {}
    return names_by_lead(Lead.objects.filter(pk__in=lead_ids).select_related("contact"))


def some_of(names: Sequence[str]) -> str:
    more = len(names) - MAX_NAMES
    return ", ".join(names[:MAX_NAMES]) + (f" and {more} more" if more > 0 else "")
