from datetime import timedelta

import pytest

from handoff.models import SlaPolicy, SlaTarget
from handoff.sla.policy import policy_of
from leads.models import LeadType
from tests.handoff.factories import make_policy, publish

pytestmark = pytest.mark.django_db

DEMO, TEMPERATURES = "demo", ("hot", "warm", "cold")


@pytest.mark.parametrize(
    ("of_type", "temperature", "minutes"),
    [
        ("demo", "hot", 15),
        ("demo", "cold", 60),
        ("guide", "hot", 120),
        ("guide", "cold", 480),
        (None, "warm", 480),
        (None, "hot", 120),
    ],
)
def test_most_specific_target_applies(of_type: str | None, temperature: str, minutes: int) -> None:
    types = {
        code: LeadType.objects.get_or_create(code=code, defaults={"name": code})[0]
        for code in ("demo", "guide")
    }
    policy = SlaPolicy.objects.create(code="draft", name="Draft", version=1)
    for lead_type, warmth, within in (
        (types["demo"], "hot", 15),
        (types["demo"], "", 60),
        (None, "hot", 120),
        (None, "", 480),
    ):
        SlaTarget.objects.create(
            policy=policy,
            clock="answer",
            lead_type=lead_type,
            temperature=warmth,
            within_minutes=within,
        )
    publish(policy)

    target = policy_of(policy.pk).target(
        "answer", lead_type_id=types[of_type].pk if of_type else None, temperature=temperature
    )

    assert target is not None
    assert target.within == timedelta(minutes=minutes)


def test_policy_may_have_no_target_for_a_clock_kind() -> None:
    policy = policy_of(make_policy().pk)

    assert policy.target("first_contact", lead_type_id=None, temperature="hot") is None


def test_draft_policy_is_not_cached() -> None:
    policy = SlaPolicy.objects.create(code="draft", name="Draft", version=1)
    assert policy_of(policy.pk).targets == {}
    SlaTarget.objects.create(policy=policy, clock="answer", within_minutes=60)

    assert len(policy_of(policy.pk).targets) == 1
