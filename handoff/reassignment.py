"""Reassign an open lead by hand: the old offer is withdrawn, a new one opens."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from core.errors import Refused
from core.permissions import Right
from core.unit_of_work import UnitOfWork, reserve_ids
from handoff.assignment import engine as assignment
from handoff.assignment.eligibility import Candidate, Exclusion, exclude_previous_owners
from handoff.assignment.pools import candidate_from_user
from handoff.assignment.strategies import named_person
from handoff.locking import Locked, lock_handoff, may_answer, refuse_if_answered
from handoff.models import Handoff
from handoff.notices import notify_owner
from handoff.offers import Offer, offer, withdraw
from handoff.sla.policy import policy_of
from people.absences import members_run_by
from people.models import User


class NotAMember(Refused):
    code = "not_a_member"


class MayNotAnswer(Refused):
    code = "may_not_answer"


class HadItBefore(Refused):
    code = "had_it_before"


class IsAbsent(Refused):
    code = "is_absent"


# A manager may go against working hours and capacity, but not against these.
REFUSALS: Final[dict[Exclusion, tuple[type[Refused], str]]] = {
    Exclusion.INACTIVE: (NotAMember, "{} is no longer active."),
    Exclusion.MAY_NOT_ANSWER: (MayNotAnswer, "{} may not answer leads. Ask operations for a role."),
    Exclusion.ABSENT: (IsAbsent, "{} is absent. Choose someone who is available."),
    Exclusion.HAD_IT: (
        HadItBefore,
        "{} had this lead before. Include previous owners to reassign it to them again.",
    ),
}


@transaction.atomic
def reassign(
    *, handoff_id: int, to: User, by: User, at: datetime, although_had_it: bool = False
) -> int:
    """Return the new handoff's id; a previous owner gets the lead only if `although_had_it`."""
    locked = lock_handoff(handoff_id, by=by, at=at, allowed=may_reassign)
    handoff = locked.handoff
    if not handoff.is_open:
        current = Handoff.objects.open().filter(lead=locked.lead, owner=to).first()
        if current is not None:
            return current.pk  # a button pressed twice
    refuse_if_answered(handoff, also_accepted=True)
    owner = choose_owner(locked, to, by=by, at=at, although_had_it=although_had_it)
    work = UnitOfWork()
    withdraw(work, handoff, locked.clocks, cause="reassigned", by_id=by.pk, at=at)
    offered = Offer(
        handoff_id=reserve_ids(Handoff, 1)[0],
        owner_id=owner.user_id,
        team_id=handoff.team_id,
        edition_id=owner.edition_id,
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


def may_reassign(handoff: Handoff, by: User, at: datetime) -> bool:
    """Return whether a manager may; superusers may always, because a team may lack a manager."""
    return by.may(Right.MANAGE_EVERY_TEAM) or may_answer(handoff, by, at)


def choose_owner(
    locked: Locked, to: User, *, by: User, at: datetime, although_had_it: bool
) -> Candidate:
    """Return the new owner, or refuse with the reason why they cannot get the lead."""
    if not members_run_by(by).filter(pk=to.pk).exists():
        raise NotAMember(f"{to} is not an active member of your teams.")
    if locked.handoff.owner_id == to.pk:
        raise HadItBefore(f"{to} already has this lead.")
    earlier = Handoff.objects.filter(lead=locked.lead).exclude(owner=None)
    previous_owner_ids = () if although_had_it else earlier.values_list("owner_id", flat=True)
    selection = assignment.select(
        [candidate_from_user(to, at=at)],
        exclude_previous_owners(set(previous_owner_ids), checks_capacity=False),
        strategy=named_person,
        seed=locked.lead.pk,
    )
    if selection.chosen is None:
        refusal, message = REFUSALS[selection.exclusions[to.pk]]
        raise refusal(message.format(to))
    return selection.chosen
