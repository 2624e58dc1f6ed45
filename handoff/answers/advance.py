"""Move an accepted lead on: qualify it, open an opportunity, win it or lose it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import transaction

from core.errors import Refused
from core.unit_of_work import UnitOfWork
from handoff.locking import NotYetAccepted, lock_handoff, refuse_if_answered
from handoff.models import Handoff, LossReason
from handoff.sla.clocks import miss_clocks
from leads import lifecycle
from leads.event_log import record
from leads.events import Completed
from leads.stages import Stage, is_closed
from people.models import User

NEXT_STAGES: Final[dict[Stage, tuple[Stage, ...]]] = {
    Stage.SAL: (Stage.SQL,),
    Stage.SQL: (Stage.OPPORTUNITY, Stage.LOST),
    Stage.OPPORTUNITY: (Stage.WON, Stage.LOST),
}


class LossReasonRequired(Refused):
    code = "loss_reason_required"


@transaction.atomic
def advance_lead(
    *,
    handoff_id: int,
    to: Stage,
    by: User,
    at: datetime,
    amount: Decimal | None = None,
    currency: str = "",
    loss_reason_code: str = "",
) -> Handoff:
    """Move an accepted lead to the next stage; won and lost complete its handoff.

    A lead is lost only with a reason.
    """
    locked = lock_handoff(handoff_id, by=by, at=at)
    handoff, lead = locked.handoff, locked.lead
    is_accepted = handoff.state == Handoff.State.ACCEPTED
    is_same_amount = amount is None or (amount, currency) == (lead.amount, lead.currency)
    if is_accepted and lead.stage == to and is_same_amount:
        return handoff  # the button was pressed twice
    refuse_if_answered(handoff, also_accepted=True)
    if not is_accepted:
        raise NotYetAccepted("Accept the lead first.")
    lifecycle.refuse_unless_legal(lead, to)
    reason = loss_reason(loss_reason_code) if to is Stage.LOST else ""
    work = UnitOfWork()
    if amount is not None:
        work.set(lead, amount=amount, currency=currency)
    lifecycle.move(
        work,
        lead=lead,
        to=to,
        at=at,
        actor_id=by.pk,
        why="rep",
        reason=reason,
        amount="" if amount is None else str(amount),
        currency="" if amount is None else currency,
    )
    if is_closed(to):
        work.set(handoff, closed_at=at)
        miss_clocks(work, locked.clocks, at=at)
        record(
            work,
            lead.pk,
            Completed(handoff=handoff.pk),
            at=at,
            actor_id=by.pk,
        )
    work.write()
    return handoff


def loss_reason(code: str) -> str:
    if not LossReason.objects.filter(code=code, is_active=True).exists():
        raise LossReasonRequired("Choose the reason why the lead is lost.")
    return code
