"""Reassign the leads of people who left, lost the role to answer or are away for long."""

from __future__ import annotations

import logging
from datetime import datetime
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from core.formatting import AMERICAN, shown_in
from core.retries import with_retries
from core.unit_of_work import reserve_ids
from handoff.departed import Cause, Reassigned, cause_of, gone, in_words, notify_managers, why_gone
from handoff.intake_run import IntakeRun
from handoff.lead_state import company_reps_of
from handoff.locking import Locked
from handoff.models import Handoff, RoutingDecision
from handoff.offers import withdraw
from handoff.rescoring import facts_of_state
from handoff.routed_offers import offer_to_person, offer_to_sales, select_person
from handoff.sla.clocks import running_clocks
from leads import lifecycle
from leads.contact_state import ContactState
from leads.models import Lead
from people.covers import available_covers
from people.models import Absence, User

logger = logging.getLogger(__name__)


def leads_held_by(user: User) -> QuerySet[Lead]:
    return Lead.objects.open().filter(owner=user).order_by("pk")


def reassign_leads_of_the_gone(*, at: datetime) -> int:
    """Reassign what people hold who are gone or on such time off, each in a transaction."""
    holds = Exists(Lead.objects.open().filter(owner=OuterRef("pk")))
    away = Absence.objects.at(at).filter(reassigns_leads=True).values("user")
    count = 0
    for user in User.objects.filter(holds, gone() | Q(pk__in=away)).order_by("pk"):
        try:
            count += len(with_retries(partial(reassign_leads_of, user, at=at)))
        except Exception:
            logger.exception("Could not reassign the leads of user %s", user.pk)
    return count


@transaction.atomic
@shown_in(AMERICAN)
def reassign_leads_of(user: User, *, at: datetime, by: User | None = None) -> list[Reassigned]:
    """Offer a person's leads to sales again if the person is gone, and notify the manager.

    A lead that another transaction holds is skipped, and reassigned by the next periodic run.
    """
    if not User.objects.filter(gone(), pk=user.pk).exists():
        absence = Absence.objects.at(at).filter(user=user, reassigns_leads=True).first()
        if absence is None:
            return []
        cause, held = Cause.AWAY, held_since_before(absence)
    else:
        absence, cause, held = None, cause_of(user), leads_held_by(user)
    locked = lock_held(held)
    if not locked:
        return []
    why = why_gone(user, cause)
    run = IntakeRun.on_leads([lead.pk for lead, _ in locked], at=at)
    cover = cover_in(absence, at=at)
    reps_by_company = company_reps_of([lead for lead, _ in locked])
    ids = zip(
        reserve_ids(RoutingDecision, len(locked)), reserve_ids(Handoff, len(locked)), strict=True
    )
    for (lead, open_handoff), (decision_id, handoff_id) in zip(locked, ids, strict=True):
        if open_handoff is None:
            marketing = run.leads.marketing_team_id
            lifecycle.assign(run.work, lead=lead, queue_id=marketing, at=at, why=cause.value)
            continue
        withdraw(
            run.work,
            open_handoff.handoff,
            open_handoff.clocks,
            cause=cause.value,
            by_id=by.pk if by else None,
            at=at,
        )
        state = ContactState(
            contact=lead.contact,
            company=lead.company,
            lead=lead,
            company_reps=reps_by_company.get(lead.pk, {}),
            ids={RoutingDecision: decision_id, Handoff: handoff_id},
        )
        facts = facts_of_state(state, lead, run.leads)
        offered = cover is not None and offer_to_cover(
            run, state, lead, facts, cover, previous=open_handoff.handoff, why=why
        )
        if not offered:
            offer_to_sales(run, state, lead, facts, previous=open_handoff.handoff, why=why)
    run.work.write()
    moved = list(in_words(lead for lead, _ in locked))
    team_ids = {open_handoff.handoff.team_id for _, open_handoff in locked if open_handoff}
    notify_managers(user, team_ids, moved, why=why, at=at)
    return moved


def cover_in(absence: Absence | None, *, at: datetime) -> Absence | None:
    """Return the absence with its cover if that person can take leads now."""
    if absence is None or absence.cover_id is None:
        return None
    return available_covers(at=at).select_related("cover").filter(pk=absence.pk).first()


def offer_to_cover(
    run: IntakeRun,
    state: ContactState,
    lead: Lead,
    facts: dict[str, Any],
    absence: Absence,
    *,
    previous: Handoff,
    why: str,
) -> int | None:
    """Offer a lead to the cover, and return the id of the handoff; None if they declined it."""
    assert absence.cover_id is not None, "someone covers"
    selection = select_person(
        run.pools.person(absence.cover_id)[0],
        seed=lead.pk,
        declined=run.decliners.get(lead.pk, ()),
    )
    if selection.chosen is None:
        return None
    because = f"{why} Assigned to {absence.cover}, who covers for them."
    return offer_to_person(run, state, lead, facts, selection, because=because, previous=previous)


def held_since_before(absence: Absence) -> QuerySet[Lead]:
    """Return the leads that a person was offered, and did not accept while away."""
    handoffs = Handoff.objects.open().filter(owner=absence.user_id)
    before = handoffs.filter(Q(answered_at=None) | Q(answered_at__lt=absence.starts_at))
    return leads_held_by(absence.user).filter(pk__in=before.values("lead"))


def lock_held(held: QuerySet[Lead]) -> list[tuple[Lead, Locked | None]]:
    leads = held.select_related("contact", "company").select_for_update(
        of=("self",), no_key=True, skip_locked=True
    )
    by_id = {lead.pk: lead for lead in leads}
    rows = Handoff.objects.open().filter(lead__in=by_id).order_by("lead", "pk")
    handoffs = {row.lead_id: row for row in rows.select_for_update(no_key=True)}
    clocks = running_clocks([handoff.pk for handoff in handoffs.values()])
    locked: list[tuple[Lead, Locked | None]] = []
    for lead in by_id.values():
        handoff = handoffs.get(lead.pk)
        own = [clock for clock in clocks if handoff and clock.handoff_id == handoff.pk]
        locked.append((lead, Locked(handoff, lead, own) if handoff else None))
    return locked
