from datetime import timedelta

import pytest

from handoff.answers.accept import accept_handoff
from handoff.locking import HandoffClosed, HandoffNotFound
from handoff.models import Handoff, SlaClock
from handoff.reassignment import HadItBefore, IsAbsent, MayNotAnswer, NotAMember, reassign
from leads.models import EventKind
from people.models import Absence, Membership, Notice, Team, User
from people.roles import Role
from tests.factories import (
    make_handoff,
    make_person,
    make_pool,
    make_rep,
    owner_of,
    route_everything_to,
)
from tests.pages import messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team, make_user

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER, "Tom Berger")


@pytest.fixture
def team(manager: User) -> Team:
    return make_pool(make_rep("Mia"), make_rep("Jon"), manager=manager)


@pytest.fixture
def handoff(team: Team) -> Handoff:
    return make_handoff()


def other_than(handoff: Handoff, team: Team) -> User:
    return team.members.exclude(pk=handoff.owner_id).get()


def test_reassignment_withdraws_the_offer_and_opens_a_new_one(
    handoff: Handoff, team: Team, manager: User
) -> None:
    to = other_than(handoff, team)

    new_id = reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER)

    handoff.refresh_from_db()
    new = Handoff.objects.get(pk=new_id)
    assert (handoff.state, handoff.closed_at) == ("withdrawn", LATER)
    assert not SlaClock.objects.filter(handoff=handoff, stopped_at=None).exists()
    assert (new.state, new.owner, new.hop, new.previous) == ("offered", to, 1, handoff)
    assert new.policy == handoff.policy
    assert {clock.started_at for clock in new.clocks.all()} == {LATER}
    assert new.lead.owner == to
    event = new.lead.events.get(kind=EventKind.WITHDRAWN)
    assert event.actor == manager
    assert event.payload["cause"] == "reassigned"
    assert Notice.objects.filter(recipient=to, key=f"offered:{new_id}:{to.pk}").count() == 1


def test_reassigned_accepted_lead_can_be_accepted_again(
    handoff: Handoff, team: Team, manager: User
) -> None:
    accept_handoff(handoff_id=handoff.pk, by=owner_of(handoff), at=MONDAY_9AM)
    to = other_than(handoff, team)

    new_id = reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER)
    accept_handoff(handoff_id=new_id, by=to, at=LATER)

    assert Handoff.objects.get(pk=new_id).lead.stage == "sal"


def test_previous_owner_gets_the_lead_only_when_confirmed(
    handoff: Handoff, team: Team, manager: User
) -> None:
    first, to = owner_of(handoff), other_than(handoff, team)
    second_id = reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER)

    with pytest.raises(HadItBefore):
        reassign(handoff_id=second_id, to=to, by=manager, at=LATER)
    with pytest.raises(HadItBefore, match="had this lead before"):
        reassign(handoff_id=second_id, to=first, by=manager, at=LATER)
    assert Handoff.objects.open().get(lead=handoff.lead_id).pk == second_id

    third_id = reassign(handoff_id=second_id, to=first, by=manager, at=LATER, although_had_it=True)
    assert Handoff.objects.get(pk=third_id).owner == first


def test_user_who_may_not_answer_is_refused(handoff: Handoff, team: Team, manager: User) -> None:
    to = make_person(Role.MARKETER)
    Membership.objects.create(team=team, user=to)

    with pytest.raises(MayNotAnswer, match="may not answer leads"):
        reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER)

    assert Handoff.objects.open().get(lead=handoff.lead_id) == handoff


def test_absent_inactive_and_foreign_users_are_refused(
    handoff: Handoff, team: Team, manager: User
) -> None:
    to = other_than(handoff, team)
    stranger = make_rep()
    make_team(stranger)
    away = Absence.objects.create(
        user=to, starts_at=MONDAY_9AM, ends_at=MONDAY_9AM + timedelta(days=1)
    )

    with pytest.raises(IsAbsent):
        reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER)
    away.delete()
    User.objects.filter(pk=to.pk).update(is_active=False)
    for unfit in (to, stranger):
        with pytest.raises(NotAMember):
            reassign(handoff_id=handoff.pk, to=unfit, by=manager, at=LATER)

    assert Handoff.objects.open().get(lead=handoff.lead_id) == handoff


def leave(user: User) -> None:
    Membership.objects.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(is_active=False)


def test_manager_can_reassign_leads_of_a_former_member(
    handoff: Handoff, team: Team, manager: User
) -> None:
    to = other_than(handoff, team)
    leave(owner_of(handoff))

    page = page_at("/team/", manager)
    new_id = reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER)

    assert page.values("[name=lead]") == [str(handoff.lead_id)]
    new = Handoff.objects.get(pk=new_id)
    assert (new.owner, new.team, new.lead.owner) == (to, team, to)


def test_queue_manager_can_reassign_leads_of_a_former_member(team: Team, manager: User) -> None:
    puller, to = team.members.order_by("pk")
    route_everything_to(team, target="queue")
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=puller, at=MONDAY_9AM)
    leave(puller)

    new_id = reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER)

    assert Handoff.objects.get(pk=new_id).owner == to


def test_superuser_can_reassign_leads_of_a_team_without_manager(
    handoff: Handoff, team: Team
) -> None:
    to = other_than(handoff, team)
    Team.objects.filter(pk=team.pk).update(manager=None)
    leave(owner_of(handoff))
    superuser = make_user(is_superuser=True)

    response = signed_in_as(superuser).post(
        "/team/reassign/", {"handoff": handoff.pk, "to": to.pk}, follow=True
    )

    assert messages_of(response) == [f"1 lead reassigned to {to}. SLA timers restarted."]
    assert Handoff.objects.open().get(lead=handoff.lead_id).owner == to


def test_superuser_who_may_reassign_may_not_answer(handoff: Handoff) -> None:
    with pytest.raises(HandoffNotFound):
        accept_handoff(handoff_id=handoff.pk, by=make_user(is_superuser=True), at=LATER)

    assert Handoff.objects.get(pk=handoff.pk).state == "offered"


def test_other_manager_cannot_reassign_leads_of_a_former_member(
    handoff: Handoff, team: Team
) -> None:
    other = make_person(Role.SALES_MANAGER)
    to = make_rep()
    make_team(to, manager=other)
    leave(owner_of(handoff))

    page = page_at("/team/", other)
    with pytest.raises(HandoffNotFound):
        reassign(handoff_id=handoff.pk, to=to, by=other, at=LATER)

    assert not page.has("[name=handoff]")
    assert Handoff.objects.open().get(lead=handoff.lead_id) == handoff


def test_other_manager_and_closed_handoff_are_refused(
    handoff: Handoff, team: Team, manager: User
) -> None:
    to = other_than(handoff, team)
    other = make_person(Role.SALES_MANAGER)
    make_team(make_rep(), manager=other)

    with pytest.raises(HandoffNotFound):
        reassign(handoff_id=handoff.pk, to=to, by=other, at=LATER)
    reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER)
    with pytest.raises(HandoffClosed):
        reassign(handoff_id=handoff.pk, to=owner_of(handoff), by=manager, at=LATER)


def test_repeated_reassignment_is_a_no_op(handoff: Handoff, team: Team, manager: User) -> None:
    to = other_than(handoff, team)

    handoff_ids = [reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER) for _ in range(2)]

    assert handoff_ids == [Handoff.objects.open().get(owner=to).pk] * 2
    assert Handoff.objects.filter(lead=handoff.lead_id).count() == 2
