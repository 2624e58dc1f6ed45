"""Leads selected in a list: some rows of the page, or all that match its filters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.http import HttpRequest, QueryDict

from core.permissions import Right
from handoff.lead_access import visible_leads
from handoff.lead_filters import (
    PREVIOUSLY_MINE,
    FilterChoices,
    LeadFilter,
    read_filter_choices,
    with_current_names,
)
from leads.models import Lead, LeadQuerySet
from people.models import User
from people.requests import signed_in

MAX_LEADS: Final = 500


@dataclass(frozen=True)
class BulkAction:
    """An action on selected leads, and the right it needs; `title` heads its preview."""

    code: str
    label: str
    title: str
    icon: str
    right: Right


BULK_ACTIONS: Final = {
    action.code: action
    for action in (
        BulkAction("reassign", "Reassign", "Reassign leads", "handoff", Right.MANAGE_TEAM),
        BulkAction("send", "Send to sales", "Send leads to sales", "handoff", Right.EDIT_CONTEXT),
        BulkAction(
            "release",
            "Release and send to sales",
            "Release contacts and send their leads to sales",
            "handoff",
            Right.EDIT_CONTEXT,
        ),
        BulkAction(
            "wake", "Set a date", "Nurture leads until a date", "calendar", Right.EDIT_CONTEXT
        ),
        BulkAction("disqualify", "Disqualify", "Disqualify leads", "cross", Right.EDIT_CONTEXT),
        BulkAction("export", "Export selected", "Export leads", "download", Right.SEE_LEADS),
    )
}


def actions_for(user: User, *, shows_suppressed: bool) -> list[BulkAction]:
    """Return the actions of the user's rights; suppressed contacts are released, not sent."""
    left_out = "send" if shows_suppressed else "release"
    return [
        action
        for action in BULK_ACTIONS.values()
        if user.may(action.right) and action.code != left_out
    ]


@dataclass(frozen=True)
class Selection:
    """At most `MAX_LEADS` ids, of `total` selected leads."""

    lead_ids: list[int]
    total: int

    @property
    def is_cut(self) -> bool:
        return self.total > len(self.lead_ids)


def read_selection(request: HttpRequest) -> Selection:
    leads = selected_leads(request).order_by()
    ids = sorted(leads.values_list("pk", flat=True)[: MAX_LEADS + 1])
    total = len(ids) if len(ids) <= MAX_LEADS else leads.count()
    return Selection(ids[:MAX_LEADS], total)


def selected_leads(request: HttpRequest) -> LeadQuerySet:
    """Return the selected leads that the user may see, or all under the filters that were sent."""
    user = signed_in(request)
    if request.POST.get("all"):
        lead_filter = filter_of(user, QueryDict(request.POST.get("query", "")))
        return lead_filter.qs if lead_filter.form.is_valid() else Lead.objects.none()
    sent = [
        int(value[:18])
        for value in request.POST.getlist("lead")[:MAX_LEADS]
        if value.isascii() and value.isdecimal()
    ]
    return visible_leads(user).filter(pk__in=sent)


def filter_of(user: User, params: QueryDict, choices: FilterChoices | None = None) -> LeadFilter:
    """Search and “Previously mine” look through all visible leads, otherwise current ones."""
    params = with_current_names(params)
    sees_former = params.get("q", "").strip() or params.get("owner") == PREVIOUSLY_MINE
    leads = visible_leads(user) if sees_former else Lead.objects.held_for(user)
    return LeadFilter(params, leads.counted(), user=user, choices=choices or read_filter_choices())
