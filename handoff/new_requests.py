"""Hear a contact who sends a new request while sales has the lead."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, Subquery

from core.unit_of_work import UnitOfWork
from handoff.clock_kinds import NEW_REQUEST
from handoff.departed import gone
from handoff.models import Attempt, Handoff
from handoff.sla.clocks import plan_clocks, start_clocks
from handoff.sla.policy import policy_of
from leads.event_log import record
from leads.events import NewRequest
from leads.models import EventKind, Lead
from leads.touches import Incoming
from people.availability import edition_of_user
from people.models import Absence, User


@dataclass(frozen=True, slots=True)
class Held:
    """A locked open handoff, and whether its owner can act on a request."""

    handoff: Handoff
    edition_id: int | None
    is_gone: bool
    is_absent: bool
    attempted_at: datetime | None


def lock_held(lead_ids: Collection[int], *, at: datetime) -> dict[int, Held]:
    """Lock the open handoffs of leads that the caller has locked; by lead id, in one statement."""
    owner = User.objects.filter(pk=OuterRef("owner"))
    attempts = Attempt.objects.filter(handoff=OuterRef("pk")).order_by("-occurred_at")
    rows = (
        Handoff.objects.open()
        .filter(lead__in=lead_ids)
        .select_related("owner", "team__calendar")
        .annotate(
            is_gone=~Q(owner=None) & gone("owner"),
            is_absent=Exists(Absence.objects.at(at).filter(user=OuterRef("owner"))),
            edition=Subquery(owner.values(edition=edition_of_user())),
            attempted_at=Subquery(attempts.values("occurred_at")[:1]),
        )
        .order_by("lead", "pk")
        .select_for_update(of=("self",), no_key=True)
    )
    return {row.lead_id: held_from_row(row) for row in rows}


def held_from_row(row: Handoff) -> Held:
    team_edition = row.team.calendar.current_edition_id if row.team else None
    return Held(
        row,
        getattr(row, "edition", None) or team_edition,
        is_gone=getattr(row, "is_gone", False),
        is_absent=getattr(row, "is_absent", False),
        attempted_at=getattr(row, "attempted_at", None),
    )


def record_request(
    work: UnitOfWork, held: Held, lead: Lead, incoming: Incoming, *, touch_id: int, at: datetime
) -> bool:
    """Record the request and start its clock; return whether the contact waits for an answer.

    A further request does not restart a running clock. An attempt that was made after the request,
    and logged before it arrived, answers it.
    """
    handoff, requested_at = held.handoff, min(incoming.occurred_at, at)
    event = NewRequest(handoff=handoff.pk, touch=touch_id, kind=incoming.touch.kind)
    record(work, lead.pk, event, at=requested_at, actor_id=incoming.actor_id)
    if NEW_REQUEST.is_owed(handoff):
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
    return True
