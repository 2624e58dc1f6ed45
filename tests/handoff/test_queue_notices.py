"""The members of a queue are notified that leads wait in it, and its manager of a long wait."""

from datetime import timedelta

import pytest
from django.core import mail

from handoff import queue_notices
from handoff.answers.accept import accept_handoff
from handoff.models import Handoff
from handoff.pipeline import receive_many
from handoff.queue_notices import notify_queues
from people.models import Absence, Notice, Team, User
from people.notices import deliver_notices
from people.roles import Role
from tests.factories import make_handoff, make_person, make_queue, make_rep, make_touch
from tests.people.factories import MONDAY_9AM, make_user
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
EIGHT_PM = MONDAY_9AM + timedelta(hours=11)
NEXT_MORNING = MONDAY_9AM + timedelta(days=1)


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER)


@pytest.fixture
def queue(manager: User) -> Team:
    return make_queue(make_rep("A"), make_rep("B"), manager=manager, name="Inbound")


def sent() -> list[tuple[str, str]]:
    """Return recipient and subject of each mail that was sent, by name of the recipient."""
    names = dict(User.objects.values_list("email", "name"))
    return sorted((names[message.to[0]], str(message.subject)) for message in mail.outbox)


def test_members_are_notified_once_of_a_lead_that_waits(queue: Team) -> None:
    handoff = make_handoff()

    notify_queues(at=MONDAY_9AM)
    notify_queues(at=MONDAY_9AM + MINUTE)
    deliver_notices(at=MONDAY_9AM + MINUTE)

    subject = f"A hot lead waits in the Inbound queue: Lead {handoff.lead_id}, "
    assert sent() == [
        ("A", subject + str(handoff.lead.company)),
        ("B", subject + str(handoff.lead.company)),
    ]


def test_leads_of_one_import_are_one_message(queue: Team) -> None:
    receive_many([make_touch() for _ in range(3)], at=MONDAY_9AM, via="test")

    notify_queues(at=MONDAY_9AM)
    deliver_notices(at=MONDAY_9AM)

    subject = "3 leads wait in your queues"
    assert sent() == [("A", subject), ("B", subject)]


def test_mail_is_not_sent_when_the_lead_left_the_queue(queue: Team) -> None:
    handoff = make_handoff(at=EIGHT_PM)
    notify_queues(at=EIGHT_PM)
    accept_handoff(handoff_id=handoff.pk, by=queue.members.get(name="A"), at=EIGHT_PM)

    deliver_notices(at=NEXT_MORNING)

    assert sent() == []


def test_member_who_is_away_or_may_not_answer_is_not_notified(queue: Team) -> None:
    away = queue.members.get(name="B")
    queue.members.add(make_user("Without a role"))
    end = MONDAY_9AM + timedelta(days=1)
    Absence.objects.create(user=away, starts_at=MONDAY_9AM, ends_at=end)
    make_handoff()

    notify_queues(at=MONDAY_9AM)

    assert [notice.recipient.name for notice in Notice.objects.all()] == ["A"]


def test_manager_is_notified_when_no_member_is_there(queue: Team, manager: User) -> None:
    for member in queue.members.all():
        end = MONDAY_9AM + timedelta(days=1)
        Absence.objects.create(user=member, starts_at=MONDAY_9AM, ends_at=end)
    make_handoff()

    notify_queues(at=MONDAY_9AM)

    assert [notice.recipient for notice in Notice.objects.all()] == [manager]


def test_manager_is_notified_after_an_hour_of_business_time(queue: Team, manager: User) -> None:
    handoff = make_handoff(at=EIGHT_PM)
    other = make_handoff(at=EIGHT_PM)
    notify_queues(at=NEXT_MORNING + 59 * MINUTE)
    accept_handoff(handoff_id=other.pk, by=queue.members.get(name="A"), at=NEXT_MORNING)
    assert not Notice.objects.filter(recipient=manager).exists()

    notify_queues(at=NEXT_MORNING + 60 * MINUTE)
    notify_queues(at=NEXT_MORNING + 61 * MINUTE)

    notice = Notice.objects.get(recipient=manager)
    assert notice.subject == "A lead has waited for more than an hour in the Inbound queue"
    assert notice.occasion_id == handoff.pk


def test_colder_leads_are_announced_together_after_half_an_hour(queue: Team) -> None:
    """A busy queue does not send a message for each lead."""
    colder = {"kind": "pricing_download", "lead_type": "download"}
    make_handoff()
    notify_queues(at=MONDAY_9AM)
    for number in range(1, 3):
        make_handoff(at=MONDAY_9AM + number * MINUTE, **colder)
        notify_queues(at=MONDAY_9AM + number * MINUTE)
    assert Notice.objects.count() == 2
    hot = make_handoff(at=MONDAY_9AM + 3 * MINUTE)
    notify_queues(at=MONDAY_9AM + 3 * MINUTE)
    assert {notice.occasion_id for notice in Notice.objects.order_by("-pk")[:2]} == {hot.pk}

    notify_queues(at=MONDAY_9AM + 33 * MINUTE)

    assert Handoff.objects.filter(members_notified_at=None).count() == 0
    assert Notice.objects.filter(created_at=MONDAY_9AM + 33 * MINUTE).count() == 4


def test_nothing_to_announce_costs_one_statement(queue: Team) -> None:
    with exactly_statements(1):
        notify_queues(at=MONDAY_9AM)


def test_old_leads_do_not_hide_new_ones(queue: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    """At night, long before the manager is due, the queue already holds a whole batch."""
    monkeypatch.setattr(queue_notices, "BATCH_SIZE", 2)
    for number in range(2):
        make_handoff(at=EIGHT_PM + number * MINUTE)
    notify_queues(at=EIGHT_PM + 2 * MINUTE)
    hot = make_handoff(at=EIGHT_PM + 60 * MINUTE)

    notify_queues(at=EIGHT_PM + 90 * MINUTE)

    latest = Notice.objects.order_by("-pk")[:2]
    assert [notice.occasion_id for notice in latest] == [hot.pk, hot.pk]


def test_queue_that_knows_of_its_leads_costs_four_statements(queue: Team) -> None:
    make_handoff(at=EIGHT_PM)
    notify_queues(at=EIGHT_PM)

    with exactly_statements(4):
        notify_queues(at=EIGHT_PM + 120 * MINUTE)
