"""Hear a contact who sends a new request while sales has the lead."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from core.formatting import date_text
from core.unit_of_work import UnitOfWork
from handoff import clock_kinds, notice_kinds
from handoff.departed import cause_of, in_words, managers_of, notify_managers, why_gone
from handoff.intake_run import IntakeRun
from handoff.locking import Held
from handoff.models import Handoff
from handoff.offers import withdraw
from handoff.routed_offers import offer_to_sales
from handoff.sla.clocks import first_due, plan_clocks, running_clocks, start_clocks
from handoff.sla.policy import policy_of
from leads import returned
from leads.contact_state import ContactState
from leads.context_card import set_why_now
from leads.event_log import record
from leads.events import NewRequest
from leads.models import EventKind, Lead, Temperature, Touch, TouchKind
from leads.qualification import WITH_MARKETING
from leads.touches import Incoming
from people.availability import present_members
from people.notices import write_notices


def requesting_leads(
    run: IntakeRun, states: Sequence[ContactState], incomings: Sequence[Incoming]
) -> set[int]:
    """Return the leads past marketing whose contacts send a buying signal."""
    return {
        state.lead.pk
        for state, incoming in zip(states, incomings, strict=True)
        if state.lead is not None
        and state.lead.stage not in WITH_MARKETING
        and not incoming.is_historical
        and returned.is_signal(run.leads.buying_signals, incoming, run.leads)
    }


def is_new_request(run: IntakeRun, lead: Lead, incoming: Incoming) -> bool:
    held = run.held.get(lead.pk)
    if held is None or not held.handoff.is_open:
        return False
    return returned.is_signal(run.leads.buying_signals, incoming, run.leads)


def hear_request(
    run: IntakeRun,
    state: ContactState,
    lead: Lead,
    facts: dict[str, Any],
    incoming: Incoming,
    *,
    is_warmer: bool,
) -> int | None:
    """Tell sales of a new request; if the owner is gone, offer the lead to someone else."""
    held, touch_id = run.held[lead.pk], state.ids[Touch]
    if state.card is not None and state.card.pk is not None:
        kind, day = TouchKind(incoming.touch.kind).label, date_text(incoming.occurred_at)
        set_why_now(run.work, state.card, f"{kind} on {day}, while sales has the lead.")
    if held.is_gone:
        return replace_owner(run, state, lead, facts, held.handoff)
    if record_request(run.work, held, lead, incoming, touch_id=touch_id, at=run.at):
        notify_of_new_request(
            held,
            lead,
            touch_id=touch_id,
            touch_kind=incoming.touch.kind,
            is_urgent=is_warmer and lead.temperature == Temperature.HOT,
            at=run.at,
        )
    return None


def replace_owner(
    run: IntakeRun, state: ContactState, lead: Lead, facts: dict[str, Any], handoff: Handoff
) -> int:
    assert handoff.owner is not None, "someone is gone"
    handoff.lead, cause = lead, cause_of(handoff.owner)
    clocks = running_clocks([handoff.pk])
    withdraw(run.work, handoff, clocks, cause=cause.value, by_id=None, at=run.at)
    run.departed.setdefault(handoff.owner, []).append(handoff)
    why = why_gone(handoff.owner, cause)
    return offer_to_sales(run, state, lead, facts, previous=handoff, why=why)


def notify_of_departed(run: IntakeRun) -> None:
    """Notify the managers of owners whom a request found gone, once the leads are reassigned."""
    for owner, taken in run.departed.items():
        moved = list(in_words(handoff.lead for handoff in taken))
        team_ids = {handoff.team_id for handoff in taken}
        why = why_gone(owner, cause_of(owner))
        notify_managers(owner, team_ids, moved, why=why, at=run.at)


def record_request(
    work: UnitOfWork, held: Held, lead: Lead, incoming: Incoming, *, touch_id: int, at: datetime
) -> bool:
    """Record the request and start its clock; return whether the contact waits for an answer.

    A further request does not restart a running clock. An attempt that was made after the request,
    and logged before it arrived, answers it.
    """
    handoff, requested_at = held.handoff, min(incoming.occurred_at, at)
    event = NewRequest(
        handoff=handoff.pk,
        touch=touch_id,
        kind=incoming.touch.kind,
        user=handoff.owner_id if held.cover_id else None,
        cover=held.cover_id,
    )
    record(work, lead.pk, event, at=requested_at, actor_id=incoming.actor_id)
    if clock_kinds.NEW_REQUEST.is_owed(handoff):
        return True
    attempted_at = held.attempted_at
    if attempted_at is not None and attempted_at < requested_at:
        attempted_at = None
    work.set(handoff, new_request_at=requested_at, new_request_contacted_at=attempted_at)
    if attempted_at is not None:
        return False
    planned = plan_clocks(
        policy_of(handoff.policy_id),
        lead_type_id=lead.lead_type_id,
        temperature=lead.temperature,
        edition_id=held.edition_id,
        at=at,
        event=EventKind.NEW_REQUEST,
    )
    start_clocks(work, planned, handoff_id=handoff.pk, lead_id=lead.pk)
    due = [moment for moment in (handoff.due_at, first_due(planned)) if moment is not None]
    work.set(handoff, due_at=min(due, default=None))
    return True


def notify_of_new_request(
    held: Held, lead: Lead, *, touch_id: int, touch_kind: str, is_urgent: bool, at: datetime
) -> None:
    """Notify the owner, or while away the cover, else managers; of a queue, whoever works it."""
    handoff = held.handoff
    target = policy_of(handoff.policy_id).target(
        clock_kinds.NEW_REQUEST.code, lead_type_id=lead.lead_type_id, temperature=lead.temperature
    )
    owner_id, team_ids = handoff.owner_id, [handoff.team_id]
    if handoff.queue is not None:
        whose, why = f"A lead in the {handoff.queue} queue", ""
        recipients = present_members(handoff.queue.pk, at=at) or managers_of([handoff.queue.pk])
    elif held.cover_id is not None:
        whose = f"A lead of {handoff.owner}"
        why, recipients = f" You cover for {handoff.owner}.", [held.cover_id]
    elif held.is_absent and owner_id is not None:
        whose, why = f"A lead of {handoff.owner}", f" {handoff.owner} is away."
        recipients = managers_of(team_ids, owner_id)
    else:
        assert owner_id is not None, "a lead has an owner or a queue"
        whose, why, recipients = "One of your leads", "", [owner_id]
    drafts = [
        notice_kinds.NEW_REQUEST.draft(
            recipient_id,
            occasion=touch_id,
            subject=f"{whose} sent a new request"[:200],
            body=f"{TouchKind(touch_kind).label}.{why} Contact them and log the attempt.",
            path=lead.get_absolute_url(),
            is_urgent=is_urgent or (target is not None and target.is_urgent),
        )
        for recipient_id in recipients
    ]
    write_notices(drafts, at=at)
