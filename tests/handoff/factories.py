"""Policies, leads and handoffs with running clocks for tests."""

from datetime import datetime, timedelta
from itertools import count

from django.db import transaction

from core.unit_of_work import UnitOfWork, reserve_ids
from core.versioning.models import ContentStatus
from handoff.configuration import configuration
from handoff.models import Handoff, SlaClock, SlaPolicy, SlaTarget
from handoff.offers import Offer, offer
from handoff.sla.policy import policy_of
from leads.models import Contact, Lead, LeadType, Touch
from people.availability import editions_of
from people.models import Team, User
from tests.people.factories import MONDAY_9AM, make_team, make_user

_numbers = count(1)

FOUR_HOURS = timedelta(hours=4)


def make_policy(
    *,
    answer: timedelta | None = FOUR_HOURS,
    first_contact: timedelta | None = None,
    follow_up: timedelta | None = None,
    **fields: object,
) -> SlaPolicy:
    """Make a published policy with one target per clock kind; `target_*` go to the targets."""
    target_fields = {
        name.removeprefix("target_"): fields.pop(name)
        for name in list(fields)
        if name.startswith("target_")
    }
    policy = SlaPolicy.objects.create(
        code=f"policy-{next(_numbers)}", name="Standard", version=1, **fields
    )
    kinds = {"answer": answer, "first_contact": first_contact, "follow_up": follow_up}
    for clock, within in kinds.items():
        if within is not None:
            SlaTarget.objects.create(
                policy=policy,
                clock=clock,
                within_minutes=within // timedelta(minutes=1),
                **target_fields,
            )
    publish(policy)
    return policy


def publish(policy: SlaPolicy) -> None:
    policy.status = ContentStatus.PUBLISHED
    policy.published_at = MONDAY_9AM
    policy.save()


def make_lead(
    *,
    owner: User | None = None,
    queue: Team | None = None,
    lead_type: LeadType | None = None,
    temperature: str = "cold",
    at: datetime = MONDAY_9AM,
) -> Lead:
    number = next(_numbers)
    [touch_id] = reserve_ids(Touch, 1)
    with transaction.atomic():
        contact = Contact.objects.create(
            name=f"Contact {number}",
            email=f"contact{number}@buyer.example",
            created_at=at,
            updated_at=at,
        )
        lead = Lead.objects.create(
            contact=contact,
            stage="mql",
            stage_entered_at=at,
            opened_at=at,
            latest_touch_at=at,
            first_touch_id=touch_id,
            owner=owner,
            queue=queue,
            lead_type=lead_type,
            temperature=temperature,
        )
        Touch.objects.create(
            pk=touch_id, contact=contact, lead=lead, occurred_at=at, recorded_at=at, via="api"
        )
    return lead


def make_handoff(
    *,
    owner: User | None = None,
    queue: Team | None = None,
    team: Team | None = None,
    policy: SlaPolicy | None = None,
    at: datetime = MONDAY_9AM,
) -> Handoff:
    """Make a handoff offered at `at`, to a new rep if there is neither owner nor queue."""
    if owner is None and queue is None:
        owner = make_user()
        team = team or make_team(owner)
    policy = policy or make_policy()
    lead = make_lead(owner=owner, queue=queue, at=at)
    edition_id = queue.calendar.current_edition_id if queue else None
    if owner is not None:
        edition_id = editions_of({owner.pk})[owner.pk]
    [handoff_id] = reserve_ids(Handoff, 1)
    to = Offer(
        handoff_id=handoff_id,
        owner_id=owner.pk if owner else None,
        team_id=(queue or team or make_team()).pk,
        edition_id=edition_id,
    )
    work = UnitOfWork()
    offer(work, lead, to, policy_of(policy.pk), at=at)
    work.write()
    return Handoff.objects.get(pk=handoff_id)


def last_queue(manager: User | None = None) -> Team:
    """Return the queue of the last published rule."""
    queue = Team.objects.get(pk=configuration.now().last_queue_id)
    queue.manager = manager
    queue.save()
    return queue


def clock_of(handoff: Handoff, kind: str = "answer") -> SlaClock:
    return SlaClock.objects.get(handoff=handoff, kind=kind)
