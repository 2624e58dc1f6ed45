from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.formatting import Formats, NumberStyle, count_text, shown_in
from handoff.answers.accept import accept_handoff
from handoff.answers.attempts import log_attempt
from handoff.departures import reassign_leads_of, reassign_leads_of_the_gone
from handoff.models import Attempt, Handoff
from leads.models import EventKind, Lead
from people.models import Absence, Notice, Team, User
from people.roles import Role
from tests.admin_pages import open_page
from tests.factories import (
    make_handoff,
    make_handoff_to,
    make_person,
    make_pool,
    make_rep,
    owner_of,
)
from tests.handoff.factories import last_queue
from tests.pages import signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(hours=1)


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER, "Tom Berger")


@pytest.fixture
def team(manager: User) -> Team:
    return make_pool(make_rep("Mia Kern"), make_rep("Jon Frei"), manager=manager)


@pytest.fixture
def worked(team: Team) -> Handoff:
    """Return a handoff that its owner accepted and called."""
    handoff = make_handoff()
    owner = owner_of(handoff)
    accept_handoff(handoff_id=handoff.pk, by=owner, at=MONDAY_9AM)
    return log_attempt(
        handoff_id=handoff.pk,
        by=owner,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=MONDAY_9AM,
        at=MONDAY_9AM,
    )


def deactivate(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def newest(handoff: Handoff) -> Handoff:
    return Handoff.objects.open().get(lead=handoff.lead_id)


def test_worked_lead_of_a_user_who_left_is_offered_to_a_colleague(
    worked: Handoff, team: Team, manager: User
) -> None:
    """R4: before, no one was notified and no clock ran, for good."""
    owner = owner_of(worked)
    colleague = team.members.exclude(pk=owner.pk).get()
    deactivate(owner)

    assert reassign_leads_of_the_gone(at=LATER) == 1

    worked.refresh_from_db()
    new = newest(worked)
    assert (worked.state, worked.closed_at) == ("withdrawn", LATER)
    assert (new.owner, new.state, new.hop, new.previous) == (colleague, "offered", 1, worked)
    assert new.clocks.filter(stopped_at=None).count() == 2
    assert (new.lead.owner, new.lead.stage) == (colleague, "sal")
    assert new.decision is not None
    assert new.decision.because.startswith(f"{owner} has left. ")
    notice = Notice.objects.get(recipient=manager)
    assert notice.subject == f"1 lead was reassigned: {owner} has left"
    assert notice.body == f"Lead {worked.lead_id}: {colleague}"
    assert Notice.objects.filter(recipient=colleague, kind="offered").count() == 1


def test_notice_keeps_the_formats_of_messages(
    worked: Handoff, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts: list[str] = []
    owner = owner_of(worked)
    deactivate(owner)
    monkeypatch.setattr(
        "handoff.departures.notify_managers",
        lambda *args, **kwargs: counts.append(count_text(1234)),
    )

    with shown_in(Formats(numbers=NumberStyle.POINT)):
        reassign_leads_of(owner, at=LATER)

    assert counts == ["1,234"]


def test_second_run_changes_nothing(worked: Handoff) -> None:
    deactivate(owner_of(worked))
    reassign_leads_of_the_gone(at=LATER)
    count = Notice.objects.count()

    assert reassign_leads_of_the_gone(at=LATER + timedelta(minutes=1)) == 0

    assert (Notice.objects.count(), Handoff.objects.count()) == (count, 2)


def test_lead_goes_to_the_last_queue_when_no_colleague_is_there(manager: User) -> None:
    rep = make_rep()
    make_pool(rep, manager=manager)
    handoff = make_handoff()
    deactivate(rep)

    reassign_leads_of_the_gone(at=LATER)

    assert newest(handoff).queue == last_queue()


def test_lead_missing_required_fields_still_goes_to_sales(worked: Handoff) -> None:
    """Rules may send a new lead to nurture, but not one that sales works."""
    Lead.objects.filter(pk=worked.lead_id).update(source=None, lead_type=None, timing="")
    deactivate(owner_of(worked))

    reassign_leads_of_the_gone(at=LATER)

    assert newest(worked).state == "offered"
    assert newest(worked).lead.stage == "sal"


def test_leads_of_a_user_without_the_role_are_reassigned(worked: Handoff) -> None:
    owner = owner_of(worked)
    owner.groups.clear()

    reassign_leads_of_the_gone(at=LATER)

    new = newest(worked)
    assert new.owner != owner
    assert new.decision is not None
    assert new.decision.because.startswith(f"{owner} may no longer answer leads. ")


def test_imported_lead_of_a_user_who_left_goes_to_marketing(team: Team, worked: Handoff) -> None:
    lead = worked.lead
    rep = owner_of(worked)
    Handoff.objects.filter(pk=worked.pk).update(closed_at=LATER)
    deactivate(rep)

    reassign_leads_of_the_gone(at=LATER)

    lead.refresh_from_db()
    assert (lead.owner, lead.queue) == (None, Team.objects.get(name="Marketing"))
    assert not Handoff.objects.open().filter(lead=lead).exists()


def test_active_rep_keeps_their_leads(worked: Handoff) -> None:
    assert reassign_leads_of(owner_of(worked), at=LATER) == []
    assert reassign_leads_of_the_gone(at=LATER) == 0


@pytest.mark.parametrize(("reassigns", "expected"), [(True, 1), (False, 0)])
def test_time_off_reassigns_leads_only_by_choice(
    worked: Handoff, reassigns: bool, expected: int
) -> None:
    owner = owner_of(worked)
    Absence.objects.create(
        user=owner,
        starts_at=LATER,
        ends_at=LATER + timedelta(days=90),
        reassigns_leads=reassigns,
    )

    before = reassign_leads_of_the_gone(at=LATER - timedelta(minutes=1))

    assert before == 0
    assert reassign_leads_of_the_gone(at=LATER) == expected
    assert (newest(worked).owner == owner) is not reassigns


def test_lead_accepted_during_time_off_stays(team: Team) -> None:
    rep = team.members.order_by("pk")[0]
    handoff = make_handoff_to(rep)
    accept_handoff(handoff_id=handoff.pk, by=rep, at=LATER)
    Absence.objects.create(
        user=rep,
        starts_at=MONDAY_9AM,
        ends_at=LATER + timedelta(days=90),
        reassigns_leads=True,
    )

    assert reassign_leads_of_the_gone(at=LATER) == 0


def test_statements_do_not_grow_with_the_leads(team: Team) -> None:
    rep = team.members.order_by("pk")[0]
    counts = []
    for number in (1, 5):
        for _ in range(number):
            make_handoff_to(rep)
        deactivate(rep)
        with CaptureQueriesContext(connection) as statements:
            assert len(reassign_leads_of(rep, at=LATER)) == number
        counts.append(len(statements))
        User.objects.filter(pk=rep.pk).update(is_active=True)

    assert counts[0] == counts[1]


def test_without_a_manager_operations_are_notified(worked: Handoff, team: Team) -> None:
    olga = make_person(Role.OPERATIONS, "Olga")
    Team.objects.update(manager=None)
    deactivate(owner_of(worked))

    reassign_leads_of_the_gone(at=LATER)

    assert Notice.objects.filter(recipient=olga, kind="leads_reassigned").count() == 1


def test_admin_lists_and_reassigns_the_leads_of_a_deactivated_user(
    worked: Handoff, team: Team
) -> None:
    owner = owner_of(worked)
    colleague = team.members.exclude(pk=owner.pk).get()
    client = signed_in_as(make_person(Role.OPERATIONS, "Olga"))
    url, sent = open_page(client, owner)
    assert str(worked.lead.contact) in client.get(url).content.decode()
    del sent["is_active"]

    answer = client.post(url, sent)

    assert answer.status_code == 302
    assert newest(worked).owner == colleague
    event = worked.lead.events.get(kind=EventKind.WITHDRAWN)
    assert (event.payload["cause"], event.actor) == ("left", User.objects.get(name="Olga"))
    page = client.get(answer["Location"]).content.decode()
    assert f"1 lead reassigned: 1 to {colleague}." in page


def test_manager_chooses_reassignment_with_time_off(team: Team, manager: User) -> None:
    rep = team.members.order_by("pk")[0]
    client = signed_in_as(manager)
    sent = {
        "member": rep.pk,
        "first_day": "2026-11-02",
        "last_day": "2027-02-02",
        "reassigns_leads": "yes",
    }

    client.post("/team/absences/", sent)

    assert Absence.objects.get(user=rep).reassigns_leads
