"""Buttons that are pressed twice at once, and two users who copy a version at once."""

import pytest
from django.db.models import QuerySet
from django.urls import reverse

from config.bootstrap import bootstrap
from handoff.models import RuleSet, SlaPolicy
from handoff.routing import publishing
from people.roles import Role
from tests.factories import make_person
from tests.pages import signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.threads import queued_for

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("kind", ["ruleset", "slapolicy"])
def test_edit_pressed_twice_at_once_makes_one_draft(kind: str) -> None:
    bootstrap(at=MONDAY_9AM)
    versions: QuerySet[RuleSet] | QuerySet[SlaPolicy] = (
        RuleSet.objects.all() if kind == "ruleset" else SlaPolicy.objects.filter(code="standard")
    )
    live = versions.get(status="published")
    url = reverse(f"admin:handoff_{kind}_copy", args=[live.pk])
    client = signed_in_as(make_person(Role.OPERATIONS))

    first, second = queued_for(versions, lambda: client.post(url), lambda: client.post(url))

    assert versions.get(status="draft")
    assert first["Location"] == second["Location"]


def test_two_copies_at_once_have_two_numbers() -> None:
    bootstrap(at=MONDAY_9AM)
    live = RuleSet.objects.get()

    drafts = queued_for(RuleSet.objects.all(), *[lambda: publishing.copy_to_draft(live)] * 2)

    assert [draft.version for draft in drafts] == [2, 3]
