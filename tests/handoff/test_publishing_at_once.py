from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from django.db import connection, transaction

from handoff.models import RuleSet
from handoff.routing import publishing
from people.models import Membership, Team
from tests.factories import make_rep
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db(transaction=True)


def test_publishing_two_drafts_at_once_leaves_one_live() -> None:
    Membership.objects.create(team=Team.objects.get(name="Qualification"), user=make_rep("Sam"))
    first, second = (publishing.copy_to_draft(RuleSet.objects.get(version=1)) for _ in range(2))
    has_published, may_commit = Event(), Event()

    def publish_slowly() -> None:
        with transaction.atomic():
            publishing.publish(rule_set=first, by=None, at=MONDAY_9AM)
            has_published.set()
            may_commit.wait(10)
        connection.close()

    def publish() -> None:
        publishing.publish(rule_set=second, by=None, at=MONDAY_9AM)
        connection.close()

    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(publish_slowly)
        assert has_published.wait(10)
        waiting = threads.submit(publish)
        may_commit.set()
        slow.result(10)
        waiting.result(10)

    assert dict(RuleSet.objects.values_list("version", "status")) == {
        1: "retired",
        2: "retired",
        3: "published",
    }
