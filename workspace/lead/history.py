"""Read what only the full lead page shows: activity, attempts, decisions and other leads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from core.permissions import Right
from handoff.models import Handoff, RoutingDecision
from handoff.reasons import labels
from leads import touch_history
from leads.events import Noted, payload_of
from leads.models import Lead, LeadEvent, Note
from leads.value_history import EarlierValue, earlier_values
from workspace.lead import queries
from workspace.lead.decisions import decision_context
from workspace.lead.linked_names import campaign_hrefs, rule_hrefs
from workspace.lead.page import LeadPage
from workspace.lead.related import related_leads
from workspace.lead.timeline import Activity, Names, entries_of


def history_context(page: LeadPage) -> dict[str, Any]:
    lead = page.lead
    events = queries.EVENTS.rows(lead_id=lead.pk)
    decisions = queries.DECISIONS.rows(lead_id=lead.pk)
    return {
        "activity": Activity(entries_of(events, names_in(events, page, decisions))),
        "attempts": queries.ATTEMPTS.rows(lead_id=lead.pk),
        "earlier_values": read_earlier_values(lead),
        "related": related_leads(lead, page.user),
        **decision_context(decisions),
    }


def read_earlier_values(lead: Lead) -> list[EarlierValue]:
    contact_id, company_id = lead.contact_id, lead.company_id or 0
    return earlier_values(
        lead.contact,
        lead.company,
        queries.STATEMENTS.rows(contact_id=contact_id),
        queries.CORRECTIONS.rows(contact_id=contact_id, company_id=company_id),
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
    notes = {payload.note for payload in payloads if isinstance(payload, Noted)}
    reasons = page.all_reasons
    user_names, team_names = queries.names_of(users, teams)
    return Names(
        users=user_names,
        teams=team_names,
        reasons=labels(reasons.rejection),
        losses=labels(reasons.loss),
        reversals=labels(reasons.reversal),
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
