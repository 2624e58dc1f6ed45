"""Read what only the full lead page shows: activity, attempts, decisions and other leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.db.models import Q

from core.permissions import Right
from handoff.models import (
    Attempt,
    Handoff,
    LossReason,
    RejectionReason,
    ReversalReason,
    RoutingDecision,
)
from leads import touch_history
from leads.events import REVERSED, Noted, payload_of
from leads.models import Correction, Lead, LeadEvent, Note, Touch
from leads.stages import Stage
from leads.value_history import EarlierValue, earlier_values
from people.models import Team, User
from workspace.lead.decisions import decision_context
from workspace.lead.linked_names import campaign_hrefs, rule_hrefs
from workspace.lead.page import LeadPage
from workspace.lead.related import related_leads
from workspace.lead.timeline import Activity, Names, entries_of

MAX_EVENTS: Final = 200
MAX_STATEMENTS: Final = 200


def history_context(page: LeadPage) -> dict[str, Any]:
    lead = page.lead
    events = list(lead.events.order_by("-occurred_at", "-pk")[:MAX_EVENTS])
    decisions = list(RoutingDecision.objects.filter(lead=lead).order_by("-decided_at", "-pk"))
    attempts = Attempt.objects.filter(lead=lead).select_related("by").order_by("-occurred_at")
    return {
        "activity": Activity(entries_of(events, names_in(events, page, decisions))),
        "attempts": list(attempts),
        "earlier_values": read_earlier_values(lead),
        "related": related_leads(lead, page.user),
        **decision_context(decisions),
    }


def read_earlier_values(lead: Lead) -> list[EarlierValue]:
    contact = lead.contact
    touches = Touch.objects.filter(contact=contact).only("kind", "occurred_at", "stated")
    corrections = Correction.objects.filter(Q(contact=contact) | Q(company=lead.company_id or 0))
    return earlier_values(
        contact,
        lead.company,
        touches.order_by("-occurred_at", "-pk")[:MAX_STATEMENTS],
        corrections.select_related("by").order_by("-pk")[:MAX_STATEMENTS],
        external_ids=", ".join(getattr(lead, "external_ids", ())),
    )


def names_in(
    events: Sequence[LeadEvent], page: LeadPage, decisions: Sequence[RoutingDecision]
) -> Names:
    """Read the names of everyone and everything the log mentions."""
    actors = {event.actor_id for event in events if event.actor_id}
    payloads = [payload_of(event) for event in events]
    users = {
        user
        for payload in payloads
        for name in ("user", "cover")
        if (user := getattr(payload, name, None))
    } | actors
    teams = {team for payload in payloads if (team := getattr(payload, "team", None))}
    reasons = RejectionReason.objects.values_list("code", "label")
    losses = LossReason.objects.values_list("code", "label")
    reversals = ReversalReason.objects.values_list("code", "label")
    notes = {payload.note for payload in payloads if isinstance(payload, Noted)}
    has_reversal = any(getattr(payload, "why", "") == REVERSED for payload in payloads)
    return Names(
        users=dict(User.objects.filter(pk__in=users).values_list("pk", "name")),
        teams=dict(Team.objects.filter(pk__in=teams).values_list("pk", "name")),
        reasons=dict(reasons),
        losses=dict(losses) if page.lead.stage == Stage.LOST else {},
        reversals=dict(reversals) if has_reversal else {},
        touches={touch.pk: touch_history.describe(touch) for touch in page.touches},
        campaign_hrefs={touch.pk: campaign_hrefs(touch) for touch in page.touches},
        rule_hrefs={decision.pk: rule_hrefs(decision) for decision in decisions}
        if page.user.may(Right.PUBLISH)
        else {},
        decisions={decision.pk: decision.because for decision in decisions},
        notes={
            handoff.pk: handoff.rejection.note
            for handoff in page.handoffs
            if handoff.state == Handoff.State.REJECTED
        },
        written=dict(Note.objects.filter(pk__in=notes).values_list("pk", "text")) if notes else {},
    )
