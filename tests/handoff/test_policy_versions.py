from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from config.bootstrap import bootstrap
from core.versioning.publishing import NotReady
from handoff.models import SlaPolicy
from handoff.sla import versions

pytestmark = pytest.mark.django_db

MONDAY_9AM = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = MONDAY_9AM + timedelta(hours=1)


@pytest.fixture
def draft() -> SlaPolicy:
    bootstrap(at=MONDAY_9AM)
    return versions.copy_to_draft(SlaPolicy.objects.get(code="standard"))


def test_new_version_leaves_targets_of_the_old_one(draft: SlaPolicy) -> None:
    draft.targets.filter(clock="first_contact", temperature="").update(within_minutes=240)

    versions.publish(policy=draft, by=None, at=LATER)

    rows = SlaPolicy.objects.filter(code="standard").order_by("version")
    assert list(rows.values_list("version", "status")) == [(1, "retired"), (2, "published")]
    general = {"clock": "first_contact", "temperature": "", "lead_type": None}
    assert [row.targets.get(**general).within_minutes for row in rows] == [480, 240]
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        rows[0].targets.update(within_minutes=1)


def test_every_clock_kind_needs_a_general_target(draft: SlaPolicy) -> None:
    draft.targets.filter(clock="answer", lead_type=None, temperature="").delete()

    with pytest.raises(NotReady, match="Add a target for “Response” without lead type"):
        versions.publish(policy=draft, by=None, at=LATER)

    assert SlaPolicy.objects.get(code="standard", status="published").version == 1


def test_exactly_one_published_policy_is_the_default(draft: SlaPolicy) -> None:
    draft.is_default = False
    draft.save()
    with pytest.raises(NotReady, match="Make this policy the default"):
        versions.publish(policy=draft, by=None, at=LATER)

    urgent = versions.copy_to_draft(SlaPolicy.objects.get(code="urgent"))
    urgent.is_default = True
    urgent.save()
    versions.publish(policy=urgent, by=None, at=LATER)

    published = SlaPolicy.objects.filter(status="published")
    assert dict(published.values_list("code", "is_default")) == {"standard": False, "urgent": True}
