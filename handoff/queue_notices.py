"""Notify the members of a queue that leads wait in it, and its manager when one waits too long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from itertools import takewhile
from typing import Final

from django.db import transaction

from handoff.models import Handoff, HandoffQuerySet
from handoff.notice_kinds import QUEUE_WAITS, QUEUE_WAITS_LONG
from handoff.notices import is_urgent_offer
from handoff.sla.policy import policy_of
from leads.models import Temperature
from people.availability import present_members
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
    to_announce = in_queues.filter(manager_notified_at=None)
    queues = Team.objects.filter(pk__in=to_announce.values("queue")).select_related("calendar")
    drafts: list[NoticeDraft] = []
    for queue in queues.order_by("pk"):
        waiting = in_queues.filter(queue=queue)
        new = locked(not_announced(waiting, at))
        late = locked(waiting.filter(pk__in=waiting_too_long(waiting, queue, at)))
        drafts += [*for_members(new, queue, at), *for_manager(late, queue)]
        mark(new, members_notified_at=at)
        mark(late, manager_notified_at=at)
    write_notices(drafts, at=at)
    return len(drafts)


def locked(handoffs: HandoffQuerySet) -> list[Handoff]:
    rows = handoffs.select_related("lead").order_by("offered_at", "pk")[:BATCH_SIZE]
    return list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True))


def mark(handoffs: list[Handoff], **columns: datetime) -> None:
    if handoffs:
        Handoff.objects.filter(pk__in=[row.pk for row in handoffs]).update(**columns)


def not_announced(waiting: HandoffQuerySet, at: datetime) -> HandoffQuerySet:
    new = waiting.filter(members_notified_at=None)
    is_quiet = waiting.filter(members_notified_at__gt=at - QUIET).exists()
    return new.filter(lead__temperature=Temperature.HOT) if is_quiet else new


def waiting_too_long(waiting: HandoffQuerySet, queue: Team, at: datetime) -> list[int]:
    """Return the handoffs of which the manager has to know; the oldest ones are due first."""
    calendar = value_of(queue.calendar.current_edition_id)
    rows = waiting.filter(manager_notified_at=None, offered_at__lte=at - TOO_LONG)
    by_age = rows.order_by("offered_at", "pk").values_list("pk", "offered_at")

    def is_due(row: tuple[int, datetime]) -> bool:
        return calendar.add(row[1], TOO_LONG) <= at

    return [pk for pk, _ in takewhile(is_due, by_age[:BATCH_SIZE])]


def for_members(handoffs: list[Handoff], queue: Team, at: datetime) -> Iterator[NoticeDraft]:
    """Yield a notice for each member who is there, or else for the manager."""
    if not handoffs:
        return
    there: list[int | None] = [*present_members(queue.pk, at=at)]
    for recipient_id in there or [queue.manager_id]:
        if recipient_id is not None:
            for handoff in handoffs:
                yield draft(
                    QUEUE_WAITS,
                    recipient_id,
                    handoff,
                    subject=f"A {handoff.lead.temperature} lead waits in the {queue} queue",
                    body="The SLA timer is running. Accept the lead from the queue.",
                )


def for_manager(handoffs: Iterable[Handoff], queue: Team) -> Iterator[NoticeDraft]:
    if queue.manager_id is None:
        return
    for handoff in handoffs:
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
