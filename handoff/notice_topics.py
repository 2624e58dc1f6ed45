"""Read which lead a notice is about, and whether what it says is still true.

A lead is named by its number and company: nothing of the contact leaves the product.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

from django.db.models import Exists, OuterRef

from handoff.clock_kinds import CLOCK_KINDS
from handoff.lead_access import is_returned, visible_leads
from handoff.models import Handoff, SlaClock
from handoff.notice_kinds import (
    BECAME_HOT,
    CLOCK_BREACHED,
    CLOCK_WARNED,
    INCOMPLETE,
    MENTIONED,
    NEW_REQUEST,
    OFFERED,
    QUEUE_WAITS,
    QUEUE_WAITS_LONG,
    RETURNED,
    SUPPRESSED_REQUEST,
)
from handoff.suppression import asking_leads, suppression_texts
from leads.models import Lead, Note, Temperature, Touch
from leads.qualification import lacks_way_to_reach
from people.covers import cover_of
from people.models import Notice, User
from people.notice_topics import Topic, reads_topics_of

State = Handoff.State
T = TypeVar("T")

NEVER: Final = datetime.max.replace(tzinfo=UTC)
WARMEST_FIRST: Final = (Temperature.HOT, Temperature.WARM, Temperature.COLD)


@reads_topics_of(OFFERED)
def offered_topics(notices: Collection[Notice], at: datetime) -> dict[int, Topic]:
    """Count an offer as true until it is answered or moves to another person."""
    return _offer_topics(
        notices, lambda handoff, notice: handoff.owner_id in (notice.recipient_id, None)
    )


@reads_topics_of(QUEUE_WAITS)
@reads_topics_of(QUEUE_WAITS_LONG)
def queue_topics(notices: Collection[Notice], at: datetime) -> dict[int, Topic]:
    """Count a lead as waiting until someone accepts it from the queue or it is reassigned."""
    return _offer_topics(notices, lambda handoff, notice: handoff.owner_id is None)


def _offer_topics(
    notices: Collection[Notice], is_true: Callable[[Handoff, Notice], bool]
) -> dict[int, Topic]:
    handoffs = Handoff.objects.filter(pk__in=_occasions(notices))
    by_id = {row.pk: row for row in handoffs.select_related("lead__company")}
    return {
        notice.pk: _topic(
            handoff.lead,
            is_current=handoff.is_open
            and handoff.state == State.OFFERED
            and is_true(handoff, notice),
            detail=Temperature(handoff.lead.temperature).label,
            urgency=(
                handoff.due_at or NEVER,
                WARMEST_FIRST.index(handoff.lead.temperature),
            ),
        )
        for notice, handoff in _pairs(notices, by_id)
    }


@reads_topics_of(RETURNED)
def returned_topics(notices: Collection[Notice], at: datetime) -> dict[int, Topic]:
    """Count a return as true until the lead is offered again or closed."""
    later = Handoff.objects.filter(lead=OuterRef("lead"), offered_at__gt=OuterRef("offered_at"))
    handoffs = Handoff.objects.filter(pk__in=_occasions(notices)).annotate(is_past=Exists(later))
    by_id = {row.pk: row for row in handoffs.select_related("lead__company", "reason")}
    return {
        notice.pk: _topic(
            handoff.lead,
            is_current=is_returned(handoff.lead, handoff)
            and not getattr(handoff, "is_past", False),
            detail=str(handoff.reason or handoff.get_state_display()),
            urgency=(WARMEST_FIRST.index(handoff.lead.temperature), handoff.closed_at),
        )
        for notice, handoff in _pairs(notices, by_id)
    }


@reads_topics_of(INCOMPLETE)
def incomplete_topics(notices: Collection[Notice], at: datetime) -> dict[int, Topic]:
    """Count a lead as incomplete until marketing added a way to reach it."""
    leads = Lead.objects.select_related("company").in_bulk(_occasions(notices))
    return {
        notice.pk: _topic(lead, is_current=lead.is_open and lacks_way_to_reach(lead))
        for notice, lead in _pairs(notices, leads)
    }


@reads_topics_of(CLOCK_WARNED)
def warned_topics(notices: Collection[Notice], at: datetime) -> dict[int, Topic]:
    """Count a warning as true while the recipient, or whom they cover for, still has time."""
    return {
        notice.pk: _clock_topic(
            clock,
            is_current=clock.stopped_at is None
            and clock.breached_at is None
            and _works_for(notice, clock.handoff.owner_id, clock),
        )
        for notice, clock in _pairs(notices, _clocks(notices, at))
    }


@reads_topics_of(CLOCK_BREACHED)
def breached_topics(notices: Collection[Notice], at: datetime) -> dict[int, Topic]:
    """Count a breach as true until what is late is done, or an answer closes the handoff."""
    return {
        notice.pk: _clock_topic(
            clock,
            is_current=clock.stopped_at is None
            if clock.handoff.is_open
            else clock.handoff.state == State.EXPIRED
            and CLOCK_KINDS[clock.kind].is_owed(clock.handoff),
        )
        for notice, clock in _pairs(notices, _clocks(notices, at))
    }


@reads_topics_of(BECAME_HOT)
def hot_topics(notices: Collection[Notice], at: datetime) -> dict[int, Topic]:
    touches = Touch.objects.filter(pk__in=_occasions(notices))
    touches = touches.select_related("lead__company").annotate(cover=cover_of("lead__owner", at=at))
    return {
        notice.pk: _topic(
            touch.lead,
            is_current=touch.lead.is_open
            and touch.lead.temperature == Temperature.HOT
            and _works_for(notice, touch.lead.owner_id, touch),
        )
        for notice, touch in _pairs(notices, {touch.pk: touch for touch in touches})
    }


@reads_topics_of(NEW_REQUEST)
def new_request_topics(notices: Collection[Notice], at: datetime) -> dict[int, Topic]:
    """Count a request as unanswered until an attempt is logged, or the lead moves on."""
    owed = Handoff.objects.open().filter(new_request_contacted_at=None)
    touches = (
        Touch.objects.filter(pk__in=_occasions(notices))
        .select_related("lead__company")
        .annotate(is_owed=Exists(owed.filter(lead=OuterRef("lead")).exclude(new_request_at=None)))
    )
    return {
        notice.pk: _topic(
            touch.lead,
            is_current=bool(getattr(touch, "is_owed", False)),
            detail=touch.get_kind_display(),
            urgency=(WARMEST_FIRST.index(touch.lead.temperature), touch.occurred_at),
        )
        for notice, touch in _pairs(notices, {touch.pk: touch for touch in touches})
    }


@reads_topics_of(MENTIONED)
def mentioned_topics(notices: Collection[Notice], at: datetime) -> dict[int, Topic]:
    """Count a mention as true while the recipient may see the lead."""
    notes = Note.objects.filter(pk__in=_occasions(notices)).select_related("lead__company", "by")
    by_id = {note.pk: note for note in notes}
    visible = _visible_leads(notices, {note.lead_id for note in by_id.values()})
    return {
        notice.pk: _topic(
            note.lead,
            is_current=note.lead_id in visible.get(notice.recipient_id, ()),
            detail=f"By {note.by}",
            urgency=note.at,
        )
        for notice, note in _pairs(notices, by_id)
    }


@reads_topics_of(SUPPRESSED_REQUEST)
def suppressed_request_topics(notices: Collection[Notice], at: datetime) -> dict[int, Topic]:
    """Count a request as open until marketing releases the contact or closes the lead."""
    leads = Lead.objects.filter(pk__in=_occasions(notices)).select_related("company")
    asking = set(asking_leads(leads).values_list("pk", flat=True))
    reasons = suppression_texts(asking)
    return {
        notice.pk: _topic(
            lead,
            is_current=lead.pk in asking,
            detail=reasons.get(lead.pk, ""),
            urgency=(WARMEST_FIRST.index(lead.temperature), lead.latest_touch_at),
        )
        for notice, lead in _pairs(notices, {lead.pk: lead for lead in leads})
    }


def _visible_leads(
    notices: Iterable[Notice], lead_ids: Collection[int]
) -> Mapping[int, Collection[int]]:
    """Return which of the leads each recipient may open."""
    people = User.objects.filter(pk__in={notice.recipient_id for notice in notices})
    return {
        person.pk: set(visible_leads(person).filter(pk__in=lead_ids).values_list("pk", flat=True))
        for person in people
    }


def _clocks(notices: Iterable[Notice], at: datetime) -> dict[int, SlaClock]:
    clocks = SlaClock.objects.filter(pk__in=_occasions(notices))
    clocks = clocks.annotate(cover=cover_of("handoff__owner", at=at))
    return {row.pk: row for row in clocks.select_related("handoff__lead__company")}


def _works_for(notice: Notice, owner_id: int | None, row: SlaClock | Touch) -> bool:
    """Return whether the recipient is the owner, or the `cover` that the row was read with."""
    return notice.recipient_id in (owner_id, getattr(row, "cover", None))


def _clock_topic(clock: SlaClock, *, is_current: bool) -> Topic:
    return _topic(clock.handoff.lead, is_current=is_current, urgency=clock.due_at)


def _topic(lead: Lead, *, is_current: bool, detail: str = "", urgency: Any = ()) -> Topic:
    name = f"{lead}, {lead.company.name}" if lead.company else str(lead)
    return Topic(lead.pk, name, is_current, detail, urgency)


def _occasions(notices: Iterable[Notice]) -> set[int]:
    return {notice.occasion_id for notice in notices if notice.occasion_id is not None}


def _pairs(notices: Iterable[Notice], by_id: Mapping[int, T]) -> Iterator[tuple[Notice, T]]:
    for notice in notices:
        if (about := by_id.get(notice.occasion_id or 0)) is not None:
            yield notice, about
