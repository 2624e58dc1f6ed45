"""Tell the history of a lead from another system: stages with their dates, owner and amount."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Exists, OuterRef

from core.days import day_of
from core.unit_of_work import UnitOfWork
from handoff.models import Handoff
from leads import lifecycle
from leads.models import Lead
from leads.stages import FUNNEL, Stage, is_closed


class StageReached(NamedTuple):
    """A stage, and when the lead reached it: by default on the day of its touch."""

    stage: Stage
    at: datetime | None = None
    actor_id: int | None = None


@dataclass(frozen=True, slots=True)
class LeadHistory:
    """`stages` are in the order of time. `continues`: they also move an open lead on.

    `may_hold_open` says whether the owner can work leads; others only own closed ones.
    """

    stages: tuple[StageReached, ...]
    continues: bool = False
    owner_id: int | None = None
    may_hold_open: bool = False
    reason: str = ""
    amount: Decimal | None = None
    currency: str = ""


def entered(stage: Stage) -> LeadHistory:
    return LeadHistory((StageReached(stage),))


def tell_new(work: UnitOfWork, lead: Lead, history: LeadHistory, at: datetime) -> None:
    """Move a new lead through the stages of its history; `at` is the time of its touch."""
    for reached in history.stages:
        move_on(work, lead, reached, history, max(reached.at or at, at))


def tell_earlier(work: UnitOfWork, lead: Lead, history: LeadHistory, at: datetime) -> None:
    """Enter the stage again: an earlier line of the lead says that it had reached it by then."""
    reached = history.stages[-1]
    if lead.stage == reached.stage:
        move_on(work, lead, reached, history, at)


def tell_on(work: UnitOfWork, lead: Lead, history: LeadHistory) -> None:
    """Move a lead on that history opened; never back, and never back in time."""
    for reached in history.stages:
        if reached.at is not None and follows(lead, reached.stage, reached.at):
            # Files often have only days, so a move on the day of the last one follows it.
            move_on(work, lead, reached, history, max(reached.at, lead.stage_entered_at))
    give_to_owner(work, lead, history, lead.stage_entered_at)


def tell_move(work: UnitOfWork, lead: Lead, history: LeadHistory, at: datetime) -> None:
    """Move a known lead at one moment: through the stages ahead of it, then to the last."""
    at = max(at, lead.stage_entered_at)
    *passed, last = history.stages
    for reached in passed:
        if is_ahead(lead, reached.stage):
            move_on(work, lead, reached, history, at)
    move_on(work, lead, last, history, at)


def follows(lead: Lead, stage: Stage, at: datetime) -> bool:
    if lead.stage == stage or is_closed(Stage(lead.stage)):
        return False
    return day_of(at) >= day_of(lead.stage_entered_at) and (
        stage not in FUNNEL or is_ahead(lead, stage)
    )


def is_ahead(lead: Lead, stage: Stage) -> bool:
    current = Stage(lead.stage)
    return current not in FUNNEL or FUNNEL.index(stage) > FUNNEL.index(current)


def move_on(
    work: UnitOfWork, lead: Lead, reached: StageReached, history: LeadHistory, at: datetime
) -> None:
    """Move the lead; with its last stage it gets the owner, reason and amount of the history."""
    is_last = reached is history.stages[-1]
    has_amount = is_last and history.amount is not None
    if is_last:
        give_to_owner(work, lead, history, at, closes=is_closed(reached.stage))
    if has_amount:
        work.set(lead, amount=history.amount, currency=history.currency)
    lifecycle.move(
        work,
        lead=lead,
        to=reached.stage,
        at=at,
        actor_id=reached.actor_id,
        why="import",
        skipping=True,
        reason=history.reason if is_last else "",
        amount=str(history.amount) if has_amount else "",
        currency=history.currency if has_amount else "",
    )


def give_to_owner(
    work: UnitOfWork, lead: Lead, history: LeadHistory, at: datetime, *, closes: bool = False
) -> None:
    """Assign the lead; one that stays open only to an owner who can work it."""
    is_allowed = history.may_hold_open or closes or not lead.is_open
    if history.owner_id is not None and is_allowed:
        lifecycle.assign(work, lead=lead, owner_id=history.owner_id, at=at, why="import")


def complete_owner(work: UnitOfWork, lead: Lead, history: LeadHistory) -> bool:
    """Assign a lead without an owner to the one of its history; return whether that is allowed."""
    if lead.owner_id is None:
        give_to_owner(work, lead, history, lead.stage_entered_at)
        return lead.owner_id is not None
    return False


def lock_unowned(lead_ids: Collection[int]) -> dict[int, Lead]:
    """Lock the leads of history without an owner that were never offered to sales here."""
    leads = Lead.objects.filter(pk__in=lead_ids, owner=None, is_historical=True)
    never_offered = leads.exclude(Exists(Handoff.objects.filter(lead=OuterRef("pk"))))
    locked = never_offered.select_for_update(of=("self",), no_key=True).order_by("pk")
    return {lead.pk: lead for lead in locked}


def live_lead_ids(leads: Collection[Lead]) -> set[int]:
    """Find the leads that were captured here, and imported ones that are offered to sales again."""
    offered = Handoff.objects.open().filter(lead__in=leads).values_list("lead_id", flat=True)
    return {lead.pk for lead in leads if not lead.is_historical} | set(offered)
