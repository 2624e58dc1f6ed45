"""Leads and their log, written straight into the tables: what reporting reads, and no more."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from handoff.models import Handoff, SlaPolicy
from leads.models import Campaign, Contact, EventKind, Lead, LeadEvent, LeadType, Source, Touch
from leads.stages import CLOSED, Stage
from people.models import Team, User, WorkCalendar

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def make_source(name: str = "Paid search") -> Source:
    code = name.lower().replace(" ", "-")
    return Source.objects.get_or_create(code=code, defaults={"name": name})[0]


def make_campaign(name: str = "Spring", source: Source | None = None) -> Campaign:
    code = name.lower().replace(" ", "-")
    return Campaign.objects.get_or_create(code=code, defaults={"name": name, "source": source})[0]


def make_lead_type(name: str = "Demo request") -> LeadType:
    code = name.lower().replace(" ", "-")
    return LeadType.objects.get_or_create(code=code, defaults={"name": name})[0]


def make_team(name: str = "North") -> Team:
    calendar, _ = WorkCalendar.objects.get_or_create(name="Weekdays")
    return Team.objects.get_or_create(name=name, defaults={"calendar": calendar})[0]


def make_person(name: str = "Robin Reed", **fields: Any) -> User:
    email = f"{name.lower().replace(' ', '.')}@example.org"
    user = User.objects.filter(email=email).first()
    return user or User.objects.create(email=email, name=name, **fields)


@transaction.atomic
def make_lead(
    *,
    opened: datetime = MONDAY,
    source: Source | None = None,
    campaign: Campaign | None = None,
    lead_type: LeadType | None = None,
    owner: User | None = None,
    temperature: str = "cold",
) -> Lead:
    """A pursuit that was just opened, its `opened` event included."""
    contact = Contact.objects.create(created_at=opened, updated_at=opened)
    lead = Lead(
        contact=contact,
        stage=Stage.NEW,
        stage_entered_at=opened,
        opened_at=opened,
        latest_touch_at=opened,
        source=source,
        campaign=campaign,
        lead_type=lead_type,
        owner=owner,
        queue=make_team("Marketing"),
        temperature=temperature,
    )
    touch_id = _next_touch_id()
    lead.first_touch_id = touch_id
    lead.save()
    Touch.objects.create(
        id=touch_id, contact=contact, lead=lead, occurred_at=opened, recorded_at=opened, via="test"
    )
    log(lead, EventKind.OPENED, opened, to_stage=Stage.NEW, touch=touch_id)
    return lead


def log(
    lead: Lead, kind: EventKind, at: datetime, /, *, to_stage: Stage | str = "", **payload: Any
) -> LeadEvent:
    return LeadEvent.objects.create(
        lead=lead, kind=kind, occurred_at=at, to_stage=to_stage, payload=payload
    )


def move(lead: Lead, to: Stage, at: datetime) -> None:
    log(lead, EventKind.STAGE_CHANGED, at, to_stage=to, why="test")
    Lead.objects.filter(pk=lead.pk).update(
        stage=to, stage_entered_at=at, closed_at=at if to in CLOSED else None
    )


def offer(
    lead: Lead, at: datetime, *, user: User | None = None, team: Team | None = None
) -> Handoff:
    policy, _ = SlaPolicy.objects.get_or_create(code="test", version=1, defaults={"name": "Test"})
    team = team or make_team()
    Handoff.objects.filter(lead=lead, closed_at=None).update(state="withdrawn", closed_at=at)
    handoff = Handoff.objects.create(
        lead=lead, owner=user, queue=None if user else team, team=team, offered_at=at, policy=policy
    )
    user_id = user.pk if user else None
    log(lead, EventKind.OFFERED, at, handoff=handoff.pk, user=user_id, team=team.pk, hop=0)
    return handoff


def accept(handoff: Handoff, at: datetime, by: User) -> None:
    log(handoff.lead, EventKind.ACCEPTED, at, handoff=handoff.pk, user=by.pk)
    move(handoff.lead, Stage.SAL, at)


def reject(handoff: Handoff, at: datetime, by: User, reason: str) -> None:
    log(handoff.lead, EventKind.REJECTED, at, handoff=handoff.pk, reason=reason, user=by.pk)


def attempt(handoff: Handoff, at: datetime) -> None:
    log(handoff.lead, EventKind.ATTEMPTED, at, handoff=handoff.pk, is_first=True)


def keep(handoff: Handoff, at: datetime, kind: str = "first_contact") -> None:
    log(handoff.lead, EventKind.CLOCK_MET, at, handoff=handoff.pk, kind=kind)


def miss(handoff: Handoff, at: datetime, kind: str = "first_contact") -> None:
    log(handoff.lead, EventKind.CLOCK_BREACHED, at, handoff=handoff.pk, kind=kind)


def _next_touch_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('leads_touch', 'id'))")
        return int(cursor.fetchone()[0])
