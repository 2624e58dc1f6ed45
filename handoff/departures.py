"""Reassign the leads of people who left, lost the role to answer or are away for long."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from core.formatting import counted
from core.permissions import Right
from core.retries import with_retries
from core.unit_of_work import reserve_ids
from handoff.lead_state import company_reps_of
from handoff.locking import Locked
from handoff.models import Handoff, RoutingDecision
from handoff.notice_kinds import LEADS_REASSIGNED
from handoff.pipeline import IntakeRun, facts_of_state, offer_to_sales
from handoff.reassignment import withdraw
from handoff.sla.clocks import running_clocks
from leads import lifecycle
from leads.contact_state import ContactState
from leads.models import Lead
from people.availability import ANSWERING_ROLES
from people.models import Absence, Team, User
from people.notices import write_notices
from people.roles import roles_with

logger = logging.getLogger(__name__)

MAX_LISTED: Final = 20


class Cause(StrEnum):
    """The values are stored with the withdrawn offer."""

    LEFT = "left"
    NO_ROLE = "no_role"
    AWAY = "away"


TEXTS: Final[Mapping[Cause, str]] = {
    Cause.LEFT: "{} has left",
    Cause.NO_ROLE: "{} may no longer answer leads",
    Cause.AWAY: "{} is away",
}


@dataclass(frozen=True, slots=True)
class Reassigned:
    """A lead and its new owner or queue, by name."""

    lead_id: int
    to: str


def gone(person: str = "") -> Q:
    """Match users, or rows whose `person` is one, who cannot work leads any more."""
    prefix = f"{person}__" if person else ""
    able = User.objects.filter(is_active=True, groups__name__in=ANSWERING_ROLES)
    return ~Q(**{f"{prefix}pk__in": able.values("pk")})


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
        cause, held = Cause.NO_ROLE if user.is_active else Cause.LEFT, leads_held_by(user)
    locked = lock_held(held)
    if not locked:
        return []
    why = f"{TEXTS[cause].format(user)}."
    run = IntakeRun.on_leads([lead.pk for lead, _ in locked], at=at)
    reps_by_company = company_reps_of([lead for lead, _ in locked])
    ids = zip(
        reserve_ids(RoutingDecision, len(locked)), reserve_ids(Handoff, len(locked)), strict=True
    )
    for (lead, open_handoff), (decision_id, handoff_id) in zip(locked, ids, strict=True):
        if open_handoff is None:
            marketing = run.leads.marketing_team_id
            lifecycle.assign(run.work, lead=lead, queue_id=marketing, at=at, why=cause.value)
            continue
        withdraw(run.work, open_handoff, cause=cause.value, by_id=by.pk if by else None, at=at)
        state = ContactState(
            contact=lead.contact,
            company=lead.company,
            lead=lead,
            company_reps=reps_by_company.get(lead.pk, {}),
            ids={RoutingDecision: decision_id, Handoff: handoff_id},
        )
        facts = facts_of_state(state, lead, run.leads)
        offer_to_sales(run, state, lead, facts, previous=open_handoff.handoff, why=why)
    run.work.write()
    moved = list(in_words(lead for lead, _ in locked))
    notify_managers(user, [handoff for _, handoff in locked], moved, why=why, at=at)
    return moved


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


def in_words(leads: Iterable[Lead]) -> Iterator[Reassigned]:
    moved = list(leads)
    users = User.objects.in_bulk({lead.owner_id for lead in moved if lead.owner_id})
    teams = Team.objects.in_bulk({lead.queue_id for lead in moved if lead.queue_id})
    for lead in moved:
        owner = users.get(lead.owner_id or 0)
        yield Reassigned(lead.pk, str(owner or f"the {teams[lead.queue_id or 0]} queue"))


def notify_managers(
    user: User,
    handoffs: Collection[Locked | None],
    moved: Collection[Reassigned],
    *,
    why: str,
    at: datetime,
) -> None:
    count = counted(len(moved), "lead was", "leads were")
    lines = [f"Lead {row.lead_id}: {row.to}" for row in list(moved)[:MAX_LISTED]]
    if len(moved) > MAX_LISTED:
        lines.append(f"and {len(moved) - MAX_LISTED} more")
    first = next(iter(moved))
    drafts = [
        LEADS_REASSIGNED.draft(
            recipient_id,
            occasion=f"{user.pk}:{at:%Y%m%dT%H%M%S.%f}",
            subject=f"{count} reassigned: {why.removesuffix('.')}"[:200],
            body="\n".join(lines),
            path=Lead(pk=first.lead_id).get_absolute_url() if len(moved) == 1 else "",
        )
        for recipient_id in recipients(user, handoffs)
    ]
    write_notices(drafts, at=at)


def recipients(user: User, handoffs: Collection[Locked | None]) -> list[int]:
    """Return the managers of the teams involved; without any, everyone in operations."""
    team_ids = {locked.handoff.team_id for locked in handoffs if locked is not None}
    teams = Team.objects.filter(Q(pk__in=team_ids - {None}) | Q(memberships__user=user))
    managers = teams.filter(manager__is_active=True).exclude(manager=user)
    user_ids = set(managers.values_list("manager_id", flat=True))
    if not user_ids:
        roles = [role.label for role in roles_with(Right.EDIT_CONFIGURATION)]
        operations = User.objects.filter(is_active=True, groups__name__in=roles)
        user_ids = set(operations.values_list("pk", flat=True))
    return sorted(pk for pk in user_ids if pk is not None)
