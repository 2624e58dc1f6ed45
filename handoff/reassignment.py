"""A manager gives an open lead to another member: the old offer is withdrawn, a new one opens."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.errors import Refused
from core.permissions import Right
from core.unit_of_work import UnitOfWork, reserve_ids
from handoff.locking import Locked, lock_handoff, may_answer, refuse_if_answered
from handoff.models import Handoff
from handoff.notices import notify_owner
from handoff.offers import Offer, offer
from handoff.sla.clocks import cancel_clocks
from handoff.sla.policy import policy_of
from leads.event_log import record
from leads.events import Withdrawn
from people.absences import members_run_by
from people.availability import editions_of
from people.models import Absence, User


class NotAMember(Refused):
    code = "not_a_member"


class MayNotAnswer(Refused):
    code = "may_not_answer"


class HadItBefore(Refused):
    code = "had_it_before"


class IsAbsent(Refused):
    code = "is_absent"


@transaction.atomic
def reassign(
    *, handoff_id: int, to: User, by: User, at: datetime, although_had_it: bool = False
) -> int:
    """Returns the new handoff's id. Who had the lead before gets it again only if confirmed."""
    locked = lock_handoff(handoff_id, by=by, allowed=may_give_on)
    handoff = locked.handoff
    if not handoff.is_open:
        has_it = Handoff.objects.open().filter(lead=locked.lead, owner=to).first()
        if has_it is not None:
            return has_it.pk  # a button pressed twice
    refuse_if_answered(handoff, also_accepted=True)
    refuse_unfit(locked, to, by=by, at=at, although_had_it=although_had_it)
    work = UnitOfWork()
    withdraw(work, locked, by=by, at=at)
    offered = Offer(
        handoff_id=reserve_ids(Handoff, 1)[0],
        owner_id=to.pk,
        team_id=handoff.team_id,
        edition_id=editions_of({to.pk}).get(to.pk),
        decision_id=handoff.decision_id,
        hop=handoff.hop + 1,
        previous_id=handoff.pk,
        leg=Handoff.Leg(handoff.leg),
    )
    policy = policy_of(handoff.policy_id)
    offer(work, locked.lead, offered, policy, at=at, why="reassigned")
    notify_owner(work, locked.lead, offered, policy, at=at)
    work.write()
    return offered.handoff_id


def may_give_on(handoff: Handoff, by: User) -> bool:
    """A superuser gives on also what no manager can: a team may have none."""
    return by.may(Right.MANAGE_EVERY_TEAM) or may_answer(handoff, by)


def refuse_unfit(
    locked: Locked, to: User, *, by: User, at: datetime, although_had_it: bool
) -> None:
    handoff = locked.handoff
    if not members_run_by(by).filter(pk=to.pk).exists():
        raise NotAMember(f"{to} is not an active member of a team of yours.")
    if Right.ANSWER_HANDOFFS not in to.rights:
        raise MayNotAnswer(f"{to} may not answer leads; operations give roles.")
    if handoff.owner_id == to.pk:
        raise HadItBefore(f"{to} has this lead already.")
    if Absence.objects.at(at).filter(user=to).exists():
        raise IsAbsent(f"{to} is absent now; choose somebody who is here.")
    earlier = Handoff.objects.filter(lead=locked.lead, owner=to)
    if not although_had_it and earlier.exists():
        raise HadItBefore(f"{to} had this lead before. Confirm to give it back to them.")


def withdraw(work: UnitOfWork, locked: Locked, *, by: User, at: datetime) -> None:
    handoff = locked.handoff
    cancel_clocks(work, locked.clocks, at=at)
    work.set(handoff, state=Handoff.State.WITHDRAWN.value, closed_at=at)
    record(
        work,
        handoff.lead_id,
        Withdrawn(
            handoff=handoff.pk, user=handoff.owner_id, team=handoff.team_id, cause="reassigned"
        ),
        at=at,
        actor_id=by.pk,
    )
