"""Lock a handoff with its lead, and refuse what is already answered."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from core.compiled import CompiledQuery
from core.errors import Refused
from core.formatting import date_time_text
from core.permissions import Right
from handoff.departed import gone
from handoff.models import Attempt, Handoff, SlaClock
from handoff.sla.clocks import running_clocks_and_ids
from leads.models import Contact, Lead
from people.availability import edition_of_user
from people.covers import cover_of
from people.models import Absence, User

State = Handoff.State


class HandoffNotFound(Refused):
    code = "not_found"


class HandoffClosed(Refused):
    """Worded where it is shown, with the date as its reader reads dates."""

    code = "handoff_closed"

    def __init__(self, answer: str, when: datetime | None) -> None:
        super().__init__(answer, when)
        self.answer, self.when = answer, when

    def __str__(self) -> str:
        since = f" on {date_time_text(timezone.localtime(self.when))}" if self.when else ""
        return f"This lead was already {self.answer}{since}."


class NotYetAccepted(Refused):
    code = "not_yet_accepted"


@dataclass(slots=True)
class Locked:
    """A locked handoff with its lead and running clocks, and ids for the events of an answer."""

    handoff: Handoff
    lead: Lead
    clocks: list[SlaClock]
    event_ids: list[int] = field(default_factory=list)


def lock_contact(handoff_id: int) -> Contact | None:
    """Lock the contact before its lead, in the order in which a touch locks them."""
    contacts = Contact.objects.select_for_update(no_key=True, of=("self",)).order_by()
    return contacts.filter(leads__handoffs=handoff_id).first()


def may_answer(handoff: Handoff, by: User, at: datetime) -> bool:
    # Saves the query for the most common case.
    if handoff.owner_id == by.pk and Right.ANSWER_HANDOFFS in by.rights:
        return True
    return Handoff.objects.answerable_by(by, at=at).filter(pk=handoff.pk).exists()


def locked_handoff(*, handoff_id: int) -> QuerySet[Handoff]:
    handoffs = Handoff.objects.select_related("lead__contact", "policy").order_by()
    # PostgreSQL locks in the order of `of`.
    return handoffs.select_for_update(of=("lead", "self"), no_key=True).filter(pk=handoff_id)


LOCKED_HANDOFF: Final = CompiledQuery(locked_handoff)


def lock_handoff(
    handoff_id: int,
    *,
    by: User,
    at: datetime,
    allowed: Callable[[Handoff, User, datetime], bool] = may_answer,
    events: int = 0,
) -> Locked:
    """Lock a handoff that the user may answer, after its lead; raise HandoffNotFound otherwise.

    `events` is for how many events the caller needs ids. It gets none if no clock runs.
    """
    handoff = LOCKED_HANDOFF.row(handoff_id=handoff_id)
    if handoff is None or not allowed(handoff, by, at):
        raise HandoffNotFound("This lead was not found among yours.")
    # Only after the lock: events that others wrote under it come first in the log.
    clocks, event_ids = running_clocks_and_ids(handoff.pk, events=events)
    return Locked(handoff, handoff.lead, clocks, event_ids)


def refuse_if_answered(handoff: Handoff, *, also_accepted: bool) -> None:
    """Raise HandoffClosed with the earlier answer and its time, if there is one."""
    if handoff.state == State.OFFERED and handoff.is_open:
        return
    if also_accepted and handoff.state == State.ACCEPTED and handoff.is_open:
        return
    is_completed = handoff.state == State.ACCEPTED and not handoff.is_open
    answer = "finished" if is_completed else handoff.get_state_display().lower()
    raise HandoffClosed(answer, handoff.closed_at or handoff.answered_at)


@dataclass(frozen=True, slots=True)
class Held:
    """A locked open handoff, and whether its owner, or else a cover, can act on a request."""

    handoff: Handoff
    edition_id: int | None
    is_gone: bool
    is_absent: bool
    cover_id: int | None
    attempted_at: datetime | None


def lock_open_handoffs(lead_ids: Collection[int], *, at: datetime) -> dict[int, Held]:
    """Lock the open handoffs of leads that the caller has locked; by lead id, in one statement."""
    acting = User.objects.filter(pk=OuterRef("acting"))
    attempts = Attempt.objects.filter(handoff=OuterRef("pk")).order_by("-occurred_at")
    rows = (
        Handoff.objects.open()
        .filter(lead__in=lead_ids)
        .select_related("owner", "team__calendar")
        .annotate(
            is_gone=~Q(owner=None) & gone("owner"),
            is_absent=Exists(Absence.objects.at(at).filter(user=OuterRef("owner"))),
            cover=cover_of("owner", at=at),
            acting=Coalesce("cover", "owner_id", output_field=BigIntegerField()),
            edition=Subquery(acting.values(edition=edition_of_user())),
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
        cover_id=getattr(row, "cover", None),
        attempted_at=getattr(row, "attempted_at", None),
    )
