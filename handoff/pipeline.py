"""Process touches: capture, score, qualify, route, offer, start the clocks.

Read, decide, write: one statement reads the state, pure functions decide and one statement writes
everything. Members of a pool are read under lock, only when a rule needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model

from core.unit_of_work import UnitOfWork
from handoff.assignment.history import decliners_of
from handoff.assignment.waiting_order import keep_places
from handoff.configuration import configuration as handoff_configuration
from handoff.history import LeadHistory, live_lead_ids, tell_earlier, tell_new, tell_on
from handoff.intake_run import IntakeRun
from handoff.locking import lock_open_handoffs
from handoff.models import Handoff, RoutingDecision
from handoff.new_requests import (
    hear_request,
    is_new_request,
    notify_of_departed,
    requesting_leads,
)
from handoff.notices import notify_of_hot_leads
from handoff.rescoring import score_lead
from handoff.routed_offers import route_and_offer
from handoff.taking import take
from leads import lifecycle, returned
from leads.capture import capture, is_repetition
from leads.configuration import configuration as lead_configuration
from leads.contact_state import ContactState, read_contact_states
from leads.import_batch import ImportBatch
from leads.models import Lead, Touch
from leads.stages import Stage
from leads.touches import Incoming, TouchIn
from people.models import User

# Returns rows to write together with those of the touches.
AlsoWrite = Callable[["list[Receipt]"], Iterable[Model]]


@dataclass(frozen=True, slots=True)
class Receipt:
    """Result of one touch; `is_live`: history left the lead as it is worked here."""

    touch_id: int
    contact_id: int
    lead_id: int
    is_new: bool
    stage: str
    score: int
    owner_id: int | None
    queue_id: int | None
    handoff_id: int | None
    is_live: bool = False


def receive(
    touch: TouchIn,
    *,
    at: datetime,
    via: str,
    actor_id: int | None = None,
    also_write: AlsoWrite | None = None,
    taker: User | None = None,
) -> Receipt:
    """Receive one touch; see `receive_many`."""
    more: dict[str, Any] = {"actor_id": actor_id, "also_write": also_write, "taker": taker}
    return receive_many([touch], at=at, via=via, **more)[0]


@transaction.atomic
def receive_many(
    touches: Sequence[TouchIn],
    *,
    at: datetime,
    via: str,
    actor_id: int | None = None,
    histories: Sequence[LeadHistory] | None = None,
    also_write: AlsoWrite | None = None,
    taker: User | None = None,
) -> list[Receipt]:
    """Receive touches in one transaction, in their order; return one receipt each.

    `histories`, one for each touch, marks history from another system: a new lead goes through
    its stages, and nothing is scored, routed, timed or notified. `also_write` returns rows to
    add to the same write. `taker` gets the leads that are opened, or MayNotTake is raised. Two
    touches of one contact at once end in a unique violation: wrap calls in `with_retries`.
    """
    if not touches:
        return []
    states, stamp = read_contact_states(touches, reserve=(RoutingDecision, Handoff))
    open_leads = {state.lead.pk: state.lead for state in states if state.lead is not None}
    run = IntakeRun(
        at,
        UnitOfWork(),
        lead_configuration.at(stamp),
        handoff_configuration.at(stamp),
        decliners_of(open_leads) if open_leads and histories is None else {},
        live=live_lead_ids(open_leads.values()) if open_leads and histories is not None else (),
        taker=taker,
    )
    incomings = [
        Incoming(touch, at, via, actor_id, is_historical=histories is not None) for touch in touches
    ]
    if requesting := requesting_leads(run, states, incomings):
        run.held = lock_open_handoffs(requesting, at=at)
    batch = ImportBatch()
    receipts = []
    for number, (touch, read) in enumerate(zip(touches, states, strict=True)):
        state = batch.merge(touch, read)
        history = histories[number] if histories is not None else None
        receipts.append(process_touch(run, state, incomings[number], history))
        batch.remember(touch, state)
    if also_write:
        for row in also_write(receipts):
            run.work.add(row)
    notify_of_hot_leads(run.work, run.warmer, at=at)
    run.work.write()
    keep_places(run.of_other_temperature)
    notify_of_departed(run)
    return receipts


def process_touch(
    run: IntakeRun, state: ContactState, incoming: Incoming, history: LeadHistory | None
) -> Receipt:
    is_new = state.lead is None
    opened_before = state.lead.opened_at if state.lead else None
    temperature_before = state.lead.temperature if state.lead else ""
    is_repeat = state.lead is not None and is_repetition(state.lead, incoming)
    lead = capture(run.work, state, incoming, run.leads)
    handoff_id = None
    if history is not None:
        opened_earlier = opened_before is not None and lead.opened_at < opened_before
        tell_history(run, lead, history, incoming, is_new=is_new, opened_earlier=opened_earlier)
    else:
        promote_engaged(run, lead)
        facts = score_lead(run, state, lead)
        if run.taker is not None:
            handoff_id = take(run, state, lead, facts, run.taker, is_new=is_new)
        else:
            handoff_id = offer_unless_kept(run, state, lead, facts, incoming, is_repeat=is_repeat)
        is_warmer = not is_new and lead.temperature != temperature_before
        if is_warmer:
            run.of_other_temperature.append(lead)
        if not is_repeat and is_new_request(run, lead, incoming):
            handoff_id = hear_request(run, state, lead, facts, incoming, is_warmer=is_warmer)
        elif is_warmer and handoff_id is None:
            run.warmer[state.ids[Touch]] = lead
    assert state.contact is not None, "capture leaves a contact"
    return Receipt(
        touch_id=state.ids[Touch],
        contact_id=state.contact.pk,
        lead_id=lead.pk,
        is_new=is_new,
        stage=lead.stage,
        score=lead.score,
        owner_id=lead.owner_id,
        queue_id=lead.queue_id,
        handoff_id=handoff_id,
        is_live=lead.pk in run.live,
    )


def tell_history(
    run: IntakeRun,
    lead: Lead,
    history: LeadHistory,
    incoming: Incoming,
    *,
    is_new: bool,
    opened_earlier: bool,
) -> None:
    """Give a lead the stages of its line; a lead that is worked here keeps its own."""
    if is_new:
        tell_new(run.work, lead, history, incoming.occurred_at)
    elif lead.pk in run.live:
        return
    elif opened_earlier:
        tell_earlier(run.work, lead, history, incoming.occurred_at)
    elif history.continues:
        tell_on(run.work, lead, history)


def promote_engaged(run: IntakeRun, lead: Lead) -> None:
    """Move a new lead to engaged at its second touch."""
    if lead.stage == Stage.NEW and lead.touch_count > 1:
        lifecycle.move(run.work, lead=lead, to=Stage.ENGAGED, at=run.at, why="touched_again")


def offer_unless_kept(
    run: IntakeRun,
    state: ContactState,
    lead: Lead,
    facts: dict[str, Any],
    incoming: Incoming,
    *,
    is_repeat: bool,
) -> int | None:
    """Offer a lead that is ready; one that sales returned only if the touch ends its wait."""
    if lead.returned_at is None:
        return route_and_offer(run, state, lead, facts)
    reason = returned.why_now(lead, incoming, facts, run.leads, is_repeat=is_repeat)
    return route_and_offer(run, state, lead, facts, why_now=reason) if reason else None
