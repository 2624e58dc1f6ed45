"""Policies, leads and handoffs with running clocks for tests."""

from datetime import datetime, timedelta
from itertools import count

from core.versioning.models import ContentStatus
from handoff.configuration import configuration
from handoff.models import Handoff, SlaClock, SlaPolicy, SlaTarget
from people.models import Team, User
from tests import factories
from tests.factories import make_handoff_to, make_rep, route_everything_to
from tests.people.factories import MONDAY_9AM, make_team

_numbers = count(1)

FOUR_HOURS = timedelta(hours=4)


def make_policy(
    *,
    answer: timedelta | None = FOUR_HOURS,
    first_contact: timedelta | None = None,
    follow_up: timedelta | None = None,
    new_request: timedelta | None = None,
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
    kinds = {
        "answer": answer,
        "first_contact": first_contact,
        "follow_up": follow_up,
        "new_request": new_request,
    }
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


def make_handoff(
    *,
    owner: User | None = None,
    queue: Team | None = None,
    team: Team | None = None,
    policy: SlaPolicy | None = None,
    at: datetime = MONDAY_9AM,
) -> Handoff:
    """Make a handoff of this policy, to a new rep if there is neither owner nor queue."""
    policy = policy or make_policy()
    if queue:
        route_everything_to(queue, target="queue", policy_code=policy.code)
        return factories.make_handoff(at=at)
    owner = owner or make_rep()
    route_everything_to(team or make_team(owner), policy_code=policy.code)
    return make_handoff_to(owner, at=at)


def last_queue(manager: User | None = None) -> Team:
    """Return the queue of the last published rule."""
    queue = Team.objects.get(pk=configuration.now().last_queue_id)
    queue.manager = manager
    queue.save()
    return queue


def clock_of(handoff: Handoff, kind: str = "answer") -> SlaClock:
    return SlaClock.objects.get(handoff=handoff, kind=kind)
