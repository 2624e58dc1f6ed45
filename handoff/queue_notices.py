"""Notify the members of a queue that leads wait in it, and its manager when one waits too long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from handoff.models import Handoff, HandoffQuerySet
from handoff.notice_kinds import QUEUE_WAITS, QUEUE_WAITS_LONG
from handoff.notices import is_urgent_offer
from handoff.sla.policy import policy_of
from leads.models import Temperature
from people.availability import Availability, availability
from people.calendars import value_of
from people.models import Team
from people.notice_kinds import NoticeDraft, NoticeKind
from people.notices import write_notices

# Business time of the queue after which its manager is notified.
TOO_LONG: Final = timedelta(hours=1)
# While the members know that leads wait, those that are not hot are announced together.
QUIET: Final = timedelta(minutes=30)
BATCH_SIZE: Final = 500


@transaction.atomic
def notify_queues(*, at: datetime) -> int:
    """Announce what waits in queues, each lead once to each group; return the number of notices."""
    in_queues = Handoff.objects.offered().filter(owner=None)
    waiting = list(
        in_queues.filter(manager_notified_at=None)
        .select_related("lead", "queue__calendar")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .order_by("offered_at", "pk")[:BATCH_SIZE]
    )
    quiet = quiet_queues(in_queues, at) if waiting else set()
    new = [row for row in waiting if row.members_notified_at is None and is_heard(row, quiet)]
    late = [row for row in waiting if has_waited_too_long(row, at)]
    drafts = [*for_members(new, at), *for_managers(late)]
    write_notices(drafts, at=at)
    for column, rows in (("members_notified_at", new), ("manager_notified_at", late)):
        if rows:
            Handoff.objects.filter(pk__in=[row.pk for row in rows]).update(**{column: at})
    return len(drafts)


def quiet_queues(in_queues: HandoffQuerySet, at: datetime) -> set[int | None]:
    lately = in_queues.filter(members_notified_at__gt=at - QUIET)
    return set(lately.values_list("queue", flat=True))


def is_heard(handoff: Handoff, quiet: set[int | None]) -> bool:
    return handoff.lead.temperature == Temperature.HOT or handoff.queue_id not in quiet


def has_waited_too_long(handoff: Handoff, at: datetime) -> bool:
    calendar = value_of(queue_of(handoff).calendar.current_edition_id)
    return calendar.add(handoff.offered_at, TOO_LONG) <= at


def for_members(handoffs: Iterable[Handoff], at: datetime) -> Iterator[NoticeDraft]:
    """Yield a notice for each member who is there, or else for the manager."""
    rows = list(handoffs)
    members = availability({queue_of(row).pk for row in rows}, at=at) if rows else []
    for handoff in rows:
        queue = queue_of(handoff)
        there: list[int | None] = [
            row.user_id for row in members if row.team_id == queue.pk and is_there(row)
        ]
        for recipient_id in there or [queue.manager_id]:
            if recipient_id is not None:
                yield draft(
                    QUEUE_WAITS,
                    recipient_id,
                    handoff,
                    subject=f"A {handoff.lead.temperature} lead waits in the {queue} queue",
                    body="The SLA timer is running. Accept the lead from the queue.",
                )


def for_managers(handoffs: Iterable[Handoff]) -> Iterator[NoticeDraft]:
    for handoff in handoffs:
        queue = queue_of(handoff)
        if queue.manager_id is not None:
            yield draft(
                QUEUE_WAITS_LONG,
                queue.manager_id,
                handoff,
                subject=f"A lead has waited for more than an hour in the {queue} queue",
                body="No one accepted it. Reassign it, or ask a member of the queue to accept it.",
            )


def draft(
    kind: NoticeKind, recipient_id: int, handoff: Handoff, *, subject: str, body: str
) -> NoticeDraft:
    return kind.draft(
        recipient_id,
        occasion=handoff.pk,
        subject=subject[:200],
        body=body,
        path=handoff.lead.get_absolute_url(),
        is_urgent=is_urgent_offer(policy_of(handoff.policy_id), handoff.lead),
    )


def is_there(member: Availability) -> bool:
    return member.is_active and member.may_answer and not member.is_absent


def queue_of(handoff: Handoff) -> Team:
    assert handoff.queue is not None, "it is in a queue"
    return handoff.queue
