"""Read what only the full lead page shows: activity, attempts, decisions and other leads."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet

from core.pagination import Order, Page, PageSlice, read_cursor
from core.permissions import Right
from core.raw_sql import BoundQuery, run_together
from handoff.models import Attempt, Handoff, Rejection, RoutingDecision
from handoff.reasons import labels
from leads import touch_history
from leads.events import Noted, Payload, Rejected, payload_of
from leads.models import EventKind, Lead, LeadEvent, Note, Touch
from leads.value_history import earlier_values
from workspace.lead import queries
from workspace.lead.decisions import decision_context
from workspace.lead.linked_names import campaign_hrefs, rule_hrefs
from workspace.lead.page import LeadPage
from workspace.lead.related import related_leads, related_query
from workspace.lead.timeline import Activity, Names, entries_of

BY_TIME: Final = Order("occurred_at", descending=True, read=datetime.fromisoformat)
TAKING_BACK: Final = (EventKind.IMPORT_UNDONE, EventKind.ANSWER_UNDONE)


@dataclass(frozen=True)
class HistoryPart:
    """A page of the history; the first one is read together with the rest of the lead."""

    newest: BoundQuery[Any]
    all_rows: Callable[[], QuerySet[Any]]
    part: PageSlice

    @property
    def queries(self) -> list[BoundQuery[Any]]:
        return [self.newest] if self.part.start is None else []

    def page(self) -> Page[Any]:
        """Return the page after the queries have run."""
        is_newest = self.part.start is None
        return self.part.page(
            self.newest.rows if is_newest else list(self.part.of(self.all_rows())),
            value_of=lambda row: row.occurred_at,
            key_of=lambda row: row.pk,
        )


def history_context(page: LeadPage, params: Mapping[str, str]) -> dict[str, Any]:
    """Return a page of events and one of attempts, from their cursors `events` and `attempts`."""
    lead, contact_id, company_id = page.lead, page.lead.contact_id, page.lead.company_id or 0
    event_part = HistoryPart(
        queries.EVENTS.bound(lead_id=lead.pk),
        lambda: LeadEvent.objects.filter(lead=lead.pk),
        slice_in(params, "events", size=queries.MAX_EVENTS),
    )
    attempt_part = HistoryPart(
        queries.ATTEMPTS.bound(lead_id=lead.pk),
        lambda: Attempt.objects.filter(lead=lead.pk).select_related("by"),
        slice_in(params, "attempts", size=queries.MAX_ATTEMPTS),
    )
    decisions = queries.DECISIONS.bound(lead_id=lead.pk)
    statements = queries.STATEMENTS.bound(contact_id=contact_id)
    corrections = queries.CORRECTIONS.bound(contact_id=contact_id, company_id=company_id)
    related = related_query(lead, page.user)
    parts = [*event_part.queries, *attempt_part.queries]
    run_together(*parts, decisions, statements, corrections, related)
    events = event_part.page()
    later = later_events(lead) if events.before else []
    names = names_in([*later, *events.rows], page, decisions.rows)
    return {
        "events": events,
        "activity": Activity(entries_of(events.rows, names, later=later)),
        "attempts": attempt_part.page(),
        "earlier_values": earlier_values(
            lead.contact,
            lead.company,
            statements.rows,
            corrections.rows,
            external_ids=", ".join(getattr(lead, "external_ids", ())),
        ),
        "related": related_leads(lead, related.rows),
        **decision_context(decisions.rows),
    }


def slice_in(params: Mapping[str, str], name: str, *, size: int) -> PageSlice:
    return PageSlice.at(read_cursor(params.get(name, "")), BY_TIME, size=size)


def later_events(lead: Lead) -> list[LeadEvent]:
    """Return the events that may take back some of an earlier page."""
    taking_back = LeadEvent.objects.filter(lead=lead.pk, kind__in=TAKING_BACK)
    return list(taking_back.order_by("-occurred_at", "-pk")[: queries.MAX_EVENTS])


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
    touches = [*page.touches, *touches_beyond(page.touches, payloads)]
    decisions = [*decisions, *decisions_beyond(decisions, payloads)]
    reasons = page.all_reasons
    user_names, team_names = queries.names_of(users, teams)
    return Names(
        users=user_names,
        teams=team_names,
        reasons=labels(reasons.rejection),
        losses=labels(reasons.loss),
        reversals=labels(reasons.reversal),
        touches={touch.pk: touch_history.describe(touch) for touch in touches},
        campaign_hrefs={touch.pk: campaign_hrefs(touch) for touch in touches},
        rule_hrefs={decision.pk: rule_hrefs(decision) for decision in decisions}
        if page.user.may(Right.PUBLISH)
        else {},
        decisions={decision.pk: decision.because for decision in decisions},
        notes=rejection_notes(page.handoffs, payloads),
        written=dict(Note.objects.filter(pk__in=notes).values_list("pk", "text")) if notes else {},
    )


def touches_beyond(touches: Sequence[Touch], payloads: Sequence[Payload]) -> list[Touch]:
    """Return the touches that events name and the page has not read."""
    named = {pk for payload in payloads if (pk := getattr(payload, "touch", None))}
    rest = named - {touch.pk for touch in touches}
    return list(Touch.objects.filter(pk__in=rest).select_related("campaign")) if rest else []


def decisions_beyond(
    decisions: Sequence[RoutingDecision], payloads: Sequence[Payload]
) -> list[RoutingDecision]:
    named = {pk for payload in payloads if (pk := getattr(payload, "decision", None))}
    rest = named - {decision.pk for decision in decisions}
    return list(RoutingDecision.objects.filter(pk__in=rest).defer("facts")) if rest else []


def rejection_notes(handoffs: Sequence[Handoff], payloads: Sequence[Payload]) -> dict[int, str]:
    rejected = {payload.handoff for payload in payloads if isinstance(payload, Rejected)}
    rest = rejected - {handoff.pk for handoff in handoffs}
    notes = {
        handoff.pk: handoff.rejection.note
        for handoff in handoffs
        if handoff.state == Handoff.State.REJECTED
    }
    if rest:
        rejections = Rejection.objects.filter(handoff__in=rest)
        notes |= dict(rejections.values_list("handoff", "note"))
    return notes
