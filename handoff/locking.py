"""Lock a handoff with its lead, and refuse what is already answered."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from django.db import connection
from django.utils import timezone

from core.errors import Refused
from core.permissions import Right
from handoff.models import Handoff, SlaClock, SlaPolicy
from handoff.sla.clocks import (
    running_clocks,
)
from leads.contact_state import instance_of, select_list
from leads.models import Lead
from people.models import User

State = Handoff.State


class HandoffNotFound(Refused):
    code = "not_found"


class HandoffClosed(Refused):
    code = "handoff_closed"


class NotYetAccepted(Refused):
    code = "not_yet_accepted"


@dataclass(slots=True)
class Locked:
    """A handoff under lock with its lead and the clocks that still run."""

    handoff: Handoff
    lead: Lead
    clocks: list[SlaClock]


def may_answer(handoff: Handoff, by: User) -> bool:
    """One's own is seen at a glance; for a queue or a team the queryset is asked."""
    if handoff.owner_id == by.pk and Right.ANSWER_HANDOFFS in by.rights:
        return True
    return Handoff.objects.answerable_by(by).filter(pk=handoff.pk).exists()


def lock_handoff(
    handoff_id: int, *, by: User, allowed: Callable[[Handoff, User], bool] = may_answer
) -> Locked:
    """Read a handoff this person may answer, so that nobody else can answer it meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute(lock_sql(), [handoff_id])
        row = cursor.fetchone()
    values = iter(row or ())
    handoff = instance_of(Handoff, values) if row else None
    if handoff is None or not allowed(handoff, by):
        raise HandoffNotFound("There is no such lead among yours.")
    lead, policy = instance_of(Lead, values), instance_of(SlaPolicy, values)
    assert lead is not None, "a handoff has a lead"
    assert policy is not None, "a handoff has a policy"
    handoff.lead, handoff.policy = lead, policy
    return Locked(handoff, lead, running_clocks([handoff.pk]))


@cache
def lock_sql() -> str:
    """Written out once: every answer runs it, and composing it costs more than running it."""
    columns = [
        select_list(Handoff, "handoff"),
        select_list(Lead, "lead"),
        select_list(SlaPolicy, "policy"),
    ]
    return f"""
        SELECT {", ".join(columns)}
        FROM handoff_handoff AS handoff
        JOIN leads_lead AS lead ON lead.id = handoff.lead_id
        JOIN handoff_slapolicy AS policy ON policy.id = handoff.policy_id
        WHERE handoff.id = %s
        FOR NO KEY UPDATE OF lead, handoff
    """  # noqa: S608  (no input in it)


def refuse_if_answered(handoff: Handoff, *, also_accepted: bool) -> None:
    """A second answer changes nothing and is told what the first one was, in the reader's time."""
    if handoff.state == State.OFFERED and handoff.is_open:
        return
    if also_accepted and handoff.state == State.ACCEPTED and handoff.is_open:
        return
    what = "finished" if handoff.state == State.ACCEPTED and not handoff.is_open else None
    said = what or handoff.get_state_display().lower()
    when = handoff.closed_at or handoff.answered_at
    since = f" since {timezone.localtime(when):%-d %b %Y, %H:%M}" if when else ""
    raise HandoffClosed(f"This lead is already {said}{since}.")
