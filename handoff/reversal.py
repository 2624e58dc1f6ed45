"""Reverse a won deal: it is an opportunity again, or lost."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.errors import Refused
from core.permissions import Right
from core.unit_of_work import UnitOfWork
from handoff.departures import reassign_leads_of
from handoff.lead_access import visible_leads
from handoff.lead_state import lock_contact_and_lead
from handoff.models import Handoff, ReversalReason
from handoff.sla.clocks import resume_clocks
from leads import lifecycle
from leads.models import Lead
from leads.stages import Stage
from people.models import User


class MayNotReverse(Refused):
    code = "may_not_reverse"


class ReversalReasonRequired(Refused):
    code = "reversal_reason_required"


class CannotReopen(Refused):
    code = "cannot_reopen"


@transaction.atomic
def reverse_won(*, lead_id: int, to: Stage, reason_code: str, by: User, at: datetime) -> None:
    """Reverse a won deal with a reason; an opportunity goes back to the rep who won it.

    If that rep can no longer work it, the routing rules choose another one.
    """
    if not by.may(Right.REVERSE_WON) or not visible_leads(by).counted().filter(pk=lead_id).exists():
        raise MayNotReverse("You may not reverse this deal.")
    _, lead = lock_contact_and_lead(lead_id)
    if not ReversalReason.objects.filter(code=reason_code, is_active=True).exists():
        raise ReversalReasonRequired("Choose the reason why the deal is reversed.")
    work = UnitOfWork()
    lifecycle.reverse_won(work, lead=lead, to=to, at=at, actor_id=by.pk, reason=reason_code)
    handoff = _reopen(work, lead, by=by, at=at) if to is Stage.OPPORTUNITY else None
    work.write()
    if handoff is not None and handoff.owner is not None:
        reassign_leads_of(handoff.owner, at=at, by=by)


def _reopen(work: UnitOfWork, lead: Lead, *, by: User, at: datetime) -> Handoff:
    if Lead.objects.open().filter(contact=lead.contact_id).exists():
        raise CannotReopen("This contact has a newer open lead. Reverse the deal as lost.")
    accepted = Handoff.objects.filter(lead=lead, state=Handoff.State.ACCEPTED)
    locked = accepted.select_for_update(no_key=True, of=("self",)).select_related("owner")
    handoff = locked.order_by("-closed_at", "-pk").first()
    if handoff is None:
        raise CannotReopen("No rep had this deal here. Reverse it as lost.")
    work.set(handoff, closed_at=None)
    resume_clocks(work, handoff)
    lifecycle.assign(
        work, lead=lead, owner_id=handoff.owner_id, at=at, actor_id=by.pk, why="reversed"
    )
    return handoff
