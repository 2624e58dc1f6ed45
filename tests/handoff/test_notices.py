"""Notices say what is true when they arrive, once per act, and name their leads."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
import time_machine
from django.core import mail

from handoff.answers.accept import accept_handoff
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.complete import complete_and_reoffer
from handoff.escalation.sweep import sweep
from handoff.models import Handoff
from handoff.notices import notify_marketing
from handoff.pipeline import receive, receive_many
from handoff.reassignment import reassign
from leads.models import Lead
from people.models import Membership, Notice, Team
from people.notices import deliver_notices, unread
from people.roles import Role
from tests.factories import (
    make_handoff,
    make_person,
    make_pool,
    make_rep,
    make_touch,
    owner_of,
)
from tests.handoff import factories
from tests.pages import page_at
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

EIGHT_PM = MONDAY_9AM + timedelta(hours=11)
NEXT_MORNING = MONDAY_9AM + timedelta(days=1, minutes=1)
HOUR = timedelta(hours=1)
BELL = '.bar-end [href="/notices/"]'


def mails() -> list[tuple[str, str]]:
    return [(message.to[0], str(message.subject)) for message in mail.outbox]


def name_of(lead: Lead) -> str:
    return f"Lead {lead.pk}, {lead.company}" if lead.company else f"Lead {lead.pk}"


def test_only_the_rep_who_has_the_lead_gets_a_mail() -> None:
    manager = make_person(Role.SALES_MANAGER)
    team = make_pool(make_rep("A"), make_rep("B"), manager=manager)
    handoff = make_handoff(at=EIGHT_PM)
    other = team.members.exclude(pk=handoff.owner_id).get()
    reassign(handoff_id=handoff.pk, to=other, by=manager, at=EIGHT_PM + HOUR / 2)

    deliver_notices(at=NEXT_MORNING)

    assert mails() == [(other.email, f"A hot lead is offered to you: {name_of(handoff.lead)}")]
    assert not unread(owner_of(handoff), at=NEXT_MORNING).exists()
    assert not Notice.objects.filter(delivered_at=None).exists()


def test_an_accepted_offer_is_not_mailed() -> None:
    make_pool(make_rep())
    handoff = make_handoff(at=EIGHT_PM)
    accept_handoff(handoff_id=handoff.pk, by=owner_of(handoff), at=EIGHT_PM + HOUR / 12)

    deliver_notices(at=NEXT_MORNING)

    assert mails() == []


def test_lead_returned_twice_is_mailed_once_with_the_latest_reason() -> None:
    marketer = make_person(Role.MARKETER)
    Membership.objects.create(team=Team.objects.get(name="Marketing"), user=marketer)
    make_pool(make_rep(), make_rep())
    touch = make_touch(industry="", employees=None)
    for hours, missing in enumerate(["company.industry", "company.employees"]):
        at = EIGHT_PM + hours * HOUR
        receipt = receive(replace(touch, occurred_at=at), at=at, via="test")
        handoff = Handoff.objects.get(pk=receipt.handoff_id or 0)
        mark_cannot_evaluate(
            handoff_id=handoff.pk, missing_fields=[missing], by=owner_of(handoff), at=at + HOUR / 2
        )

    deliver_notices(at=NEXT_MORNING)

    bodies = [str(message.body) for message in mail.outbox if marketer.email in message.to]
    assert len(bodies) == 1
    assert "Missing: Company size." in bodies[0]
    assert "Industry" not in bodies[0]


def test_a_warning_is_not_mailed_once_the_target_is_met() -> None:
    handoff = factories.make_handoff(policy=factories.make_policy(answer=HOUR))
    clock = factories.clock_of(handoff)
    deliver_notices(at=MONDAY_9AM)
    mail.outbox.clear()
    sweep(at=clock.warn_at)
    accept_handoff(handoff_id=handoff.pk, by=owner_of(handoff), at=clock.warn_at)

    deliver_notices(at=clock.warn_at)

    assert mails() == []


@pytest.mark.parametrize(("is_answered", "count"), [(True, 0), (False, 1)])
def test_a_breach_is_mailed_until_it_is_answered(is_answered: bool, count: int) -> None:
    policy = factories.make_policy(answer=HOUR, target_reassigns_on_breach=False)
    handoff = factories.make_handoff(policy=policy)
    deliver_notices(at=MONDAY_9AM)
    mail.outbox.clear()
    late = MONDAY_9AM + HOUR * 2
    sweep(at=late)
    if is_answered:
        accept_handoff(handoff_id=handoff.pk, by=owner_of(handoff), at=late)

    deliver_notices(at=late)

    assert (
        mails()
        == [
            (owner_of(handoff).email, f"Response overdue: {name_of(handoff.lead)}"),
        ]
        * count
    )


def test_a_returned_lead_that_was_completed_is_not_mailed() -> None:
    make_pool(make_rep(), make_rep())
    handoff = make_handoff(at=EIGHT_PM)
    marketer = make_person(Role.MARKETER)
    code = "company.employees"
    rep = owner_of(handoff)
    mark_cannot_evaluate(handoff_id=handoff.pk, missing_fields=[code], by=rep, at=EIGHT_PM)
    returned = Lead.objects.get(pk=handoff.lead_id)
    assert returned.queue is not None
    Membership.objects.create(team=returned.queue, user=marketer)
    notify_marketing(Handoff.objects.get(pk=handoff.pk), why="", at=EIGHT_PM)
    complete_and_reoffer(lead_id=returned.pk, values={code: 40}, by=marketer, at=EIGHT_PM + HOUR)

    deliver_notices(at=NEXT_MORNING)

    assert marketer.email not in [to for to, _ in mails()]
    assert not unread(marketer, at=NEXT_MORNING).exists()


def test_thirty_leads_of_one_import_are_one_mail_by_urgency() -> None:
    rep = make_rep()
    make_pool(rep)
    touches = [make_touch(email=f"p{number}@firm{number}.example") for number in range(30)]
    receipts = receive_many(touches, at=EIGHT_PM, via="csv:fair")
    last = Lead.objects.get(pk=receipts[-1].lead_id)
    last.handoffs.update(due_at=EIGHT_PM + HOUR)
    last.handoffs.get().clocks.update(due_at=EIGHT_PM + HOUR, warn_at=EIGHT_PM)

    deliver_notices(at=NEXT_MORNING, batch=7)

    assert mails() == [(rep.email, "30 leads are offered to you")]
    body = str(mail.outbox[0].body)
    assert body.startswith(f"{name_of(last)}: Hot\n")
    assert body.count(": Hot\n") == 30
    assert f"/leads/{receipts[0].lead_id}/" in body


def test_thirty_reassigned_leads_are_one_mail() -> None:
    manager = make_person(Role.SALES_MANAGER)
    rep, other = make_rep("A"), make_rep("B")
    team = make_pool(rep, manager=manager)
    handoffs = [make_handoff() for _ in range(30)]
    deliver_notices(at=MONDAY_9AM)
    mail.outbox.clear()
    team.memberships.create(user=other)
    for handoff in handoffs:
        reassign(handoff_id=handoff.pk, to=other, by=manager, at=MONDAY_9AM + HOUR)

    deliver_notices(at=MONDAY_9AM + HOUR)

    assert mails() == [(other.email, "30 leads are offered to you")]


def test_a_mail_lists_only_what_is_still_true() -> None:
    rep = make_rep()
    make_pool(rep)
    kept, answered = make_handoff(at=EIGHT_PM), make_handoff(at=EIGHT_PM)
    accept_handoff(handoff_id=answered.pk, by=rep, at=EIGHT_PM)

    deliver_notices(at=NEXT_MORNING)

    assert mails() == [(rep.email, f"A hot lead is offered to you: {name_of(kept.lead)}")]


def test_nothing_of_the_contact_is_in_a_mail() -> None:
    make_pool(make_rep())
    touch = make_touch(name="Jane Doe", email="jane.doe@acme.example", company="Acme")
    receive(touch, at=MONDAY_9AM, via="test")

    deliver_notices(at=MONDAY_9AM)

    text = f"{mail.outbox[0].subject} {mail.outbox[0].body}"
    assert "Acme" in text
    assert "Jane" not in text
    assert "jane.doe" not in text


@pytest.fixture
def _at_nine() -> Iterator[None]:
    with time_machine.travel(MONDAY_9AM, tick=False):
        yield


@pytest.mark.usefixtures("_at_nine")
def test_page_names_the_lead_and_opening_it_marks_it_read() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()
    contact = f"{handoff.lead.contact}, {handoff.lead.company}"

    before = page_at("/notices/", rep)
    lead = page_at(f"/leads/{handoff.lead_id}/", rep)

    assert before.texts(".timeline-what p")[0] == contact
    assert before.values(".timeline-what a", "href") == [f"/leads/{handoff.lead_id}/"]
    assert before.values(BELL, "aria-label") == ["Notices, 1 unread"]
    assert lead.values(BELL, "aria-label") == ["Notices"]
    assert not unread(rep, at=MONDAY_9AM).exists()


@pytest.mark.usefixtures("_at_nine")
def test_page_shows_one_act_as_one_notice() -> None:
    rep = make_rep()
    make_pool(rep)
    receive_many([make_touch() for _ in range(3)], at=MONDAY_9AM, via="csv:fair")

    page = page_at("/notices/", rep)

    assert len(page.texts(".timeline-event")) == 1
    assert page.text(".timeline-what").startswith("3 leads are offered to you New")
    assert len(page.values(".timeline-what a", "href")) == 3
    assert page.values(BELL, "aria-label") == ["Notices, 1 unread"]


@pytest.mark.usefixtures("_at_nine")
def test_page_marks_what_is_no_longer_true() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM)

    page = page_at("/notices/", rep)

    assert page.texts(".timeline-what .badge") == ["Outdated"]


@pytest.mark.usefixtures("_at_nine")
def test_page_of_a_former_manager_names_no_contact() -> None:
    manager, rep = make_person(Role.SALES_MANAGER), make_rep()
    make_pool(rep)
    handoff = make_handoff()
    Notice.objects.update(recipient=manager)

    page = page_at("/notices/", manager)

    assert page.texts(".timeline-what p")[0] == name_of(handoff.lead)
    assert page.values(".timeline-what a", "href") == []
