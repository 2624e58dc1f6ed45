"""Forms of the leads list that keep something: saved views, density and rows per page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.urls import reverse

from core.errors import Refused
from core.permissions import Right
from leads import saved_views
from leads.models import PAGE_SIZES
from people.access import form_of, next_page, right_required
from people.requests import signed_in
from workspace.lead.forms import first_errors
from workspace.leads.addresses import read_address


class ViewForm(forms.Form):
    name = forms.CharField(max_length=60, error_messages={"required": "Enter a name for the view."})
    team = forms.IntegerField(required=False)


class DisplayForm(forms.Form):
    density = forms.ChoiceField(choices=[("comfortable", ""), ("compact", "")])
    size = forms.TypedChoiceField(choices=[(size, "") for size in PAGE_SIZES], coerce=int)


@right_required(Right.SEE_LEADS)
@form_of("workspace:leads")
def add_view(request: HttpRequest) -> HttpResponse:
    form, user = ViewForm(request.POST), signed_in(request)
    if not form.is_valid():
        messages.error(request, first_errors(form))
        return redirect(next_page(request) or "workspace:leads")
    values = form.cleaned_data
    try:
        view = saved_views.save_view(
            name=values["name"], query=sent_query(request), team_id=values["team"], by=user
        )
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(next_page(request) or "workspace:leads")
    messages.success(request, f"View “{view}” saved.")
    return redirect(href_of(view.pk))


@right_required(Right.SEE_LEADS)
@form_of("workspace:leads")
def change_view(request: HttpRequest, pk: int) -> HttpResponse:
    """Run what the pressed button names: rename or share, update, delete, or open by default."""
    run = CHANGES.get(request.POST.get("action", ""))
    if run is None:
        return redirect(href_of(pk))
    try:
        page, text = run(request, pk)
    except Refused as refusal:
        messages.error(request, str(refusal))
        return redirect(next_page(request) or "workspace:leads")
    messages.success(request, text)
    return redirect(page)


def rename(request: HttpRequest, pk: int) -> tuple[str, str]:
    form = ViewForm(request.POST)
    if not form.is_valid():
        raise saved_views.BadView(first_errors(form))
    name, team_id = form.cleaned_data["name"], form.cleaned_data["team"]
    saved_views.change_view(pk=pk, name=name, team_id=team_id, by=signed_in(request))
    return href_of(pk), f"View “{name}” saved."


def update(request: HttpRequest, pk: int) -> tuple[str, str]:
    query = sent_query(request)
    view = saved_views.replace_filters(pk=pk, query=query, by=signed_in(request))
    return href_of(pk), f"View “{view}” has these filters now."


def delete(request: HttpRequest, pk: int) -> tuple[str, str]:
    name = saved_views.delete_view(pk=pk, by=signed_in(request))
    return reverse("workspace:leads"), f"View “{name}” deleted."


def open_first(request: HttpRequest, pk: int) -> tuple[str, str]:
    saved_views.choose_default(pk=pk, by=signed_in(request))
    return href_of(pk), "The leads list opens with this view from now on."


def open_all_first(request: HttpRequest, pk: int) -> tuple[str, str]:
    saved_views.choose_default(pk=None, by=signed_in(request))
    return href_of(pk), "The leads list opens with all leads from now on."


CHANGES: Final[dict[str, Callable[[HttpRequest, int], tuple[str, str]]]] = {
    "rename": rename,
    "update": update,
    "delete": delete,
    "default": open_first,
    "no_default": open_all_first,
}


@right_required(Right.SEE_LEADS)
@form_of("workspace:leads")
def choose_display(request: HttpRequest) -> HttpResponse:
    form = DisplayForm(request.POST)
    if form.is_valid():
        saved_views.choose_display(
            is_compact=form.cleaned_data["density"] == "compact",
            page_size=form.cleaned_data["size"],
            by=signed_in(request),
        )
    return redirect(next_page(request) or "workspace:leads")


def href_of(pk: int) -> str:
    return f"{reverse('workspace:leads')}?view={pk}"


def sent_query(request: HttpRequest) -> str:
    """Return the filters that a form carries, without what the list would not keep."""
    sent: Any = QueryDict(request.POST.get("query", ""))
    choices = saved_views.ListChoices(None, False, 50, {}, ())
    return urlencode(read_address(sent, choices).kept())
