"""Write leads and their log directly, for histories that the product would not let happen.

Reporting must count a log in any order and with any dates. Stories that the product tells itself
are in test_log_contract.py and test_from_touch_to_figure.py, which reach states through it.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from handoff.models import Handoff, SlaPolicy
from leads.events import (
    Accepted,
    Attempted,
    CannotEvaluate,
    ClockBreached,
    ClockMet,
    Offered,
    Opened,
    Payload,
    Rejected,
    StageChanged,
)
from leads.models import Campaign, Contact, Lead, LeadEvent, LeadType, Source, Touch
from leads.stages import CLOSED, Stage
from people.models import Team, User, WorkCalendar

MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def settle() -> None:
    """Wait until no transaction is open that is older than what is committed now.

    The log is counted up to the oldest open transaction of the cluster, whose other databases
    other tests use at the same time.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        committed = cursor.fetchone()[0]
        oldest = 0
        while oldest <= committed:
            time.sleep(0.01)
            cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
            oldest = cursor.fetchone()[0]


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
    """Create a lead that was just opened, with its event."""
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
    payload = Opened(
        touch=touch_id,
        source=lead.source_id,
        campaign=lead.campaign_id,
        lead_type=lead.lead_type_id,
        predecessor=None,
    )
    log(lead, payload, opened, Stage.NEW)
    return lead


def log(lead: Lead, payload: Payload, at: datetime, to_stage: Stage | str = "") -> LeadEvent:
    return LeadEvent.objects.create(
        lead=lead,
        kind=payload.EVENT,
        occurred_at=at,
        to_stage=to_stage,
        payload=payload.to_json(),
    )


def move(lead: Lead, to: Stage, at: datetime) -> None:
    log(lead, StageChanged(why="test"), at, to)
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
        lead=lead,
        owner=user,
        queue=None if user else team,
        team=team,
        offered_at=at,
        temperature=lead.temperature,
        policy=policy,
    )
    user_id = user.pk if user else None
    payload = Offered(
        handoff=handoff.pk,
        leg=handoff.leg,
        user=user_id,
        team=team.pk,
        hop=handoff.hop,
        contact_due=(at + HOUR).isoformat(),
    )
    log(lead, payload, at)
    return handoff


def accept(handoff: Handoff, at: datetime, by: User) -> None:
    log(handoff.lead, Accepted(handoff=handoff.pk, user=by.pk), at)
    move(handoff.lead, Stage.SAL, at)


def reject(handoff: Handoff, at: datetime, by: User, reason: str) -> None:
    log(handoff.lead, Rejected(handoff=handoff.pk, reason=reason, user=by.pk), at)


def cannot_evaluate(handoff: Handoff, at: datetime, by: User) -> None:
    payload = CannotEvaluate(handoff=handoff.pk, fields=["company.industry"], user=by.pk)
    log(handoff.lead, payload, at)


def attempt(handoff: Handoff, at: datetime) -> None:
    payload = Attempted(handoff=handoff.pk, channel="call", outcome="reached", is_first=True)
    log(handoff.lead, payload, at)


def meet_sla(handoff: Handoff, at: datetime, kind: str = "first_contact") -> None:
    payload = ClockMet(clock=handoff.pk, kind=kind, handoff=handoff.pk, due_at=at.isoformat())
    log(handoff.lead, payload, at)


def breach_sla(handoff: Handoff, at: datetime, kind: str = "first_contact") -> None:
    payload = ClockBreached(clock=handoff.pk, kind=kind, handoff=handoff.pk, due_at=at.isoformat())
    log(handoff.lead, payload, at)


def _next_touch_id() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence('leads_touch', 'id'))")
        return int(cursor.fetchone()[0])
