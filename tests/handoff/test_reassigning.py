from datetime import timedelta

import pytest

from handoff.answers.accept import accept_handoff
from handoff.locking import HandoffClosed, HandoffNotFound
from handoff.models import Handoff, SlaClock
from handoff.reassignment import HadItBefore, IsAbsent, MayNotAnswer, NotAMember, reassign
from leads.models import EventKind
from people.models import Absence, Membership, Notice, Team, User
from people.roles import Role
from tests.factories import make_handoff, make_person, make_pool, make_rep, owner_of
from tests.handoff.factories import make_handoff as make_waiting_handoff
from tests.pages import signed_in_as
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


def test_the_old_offer_is_withdrawn_and_a_new_one_opens_with_its_own_clocks(
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
    assert Notice.objects.filter(recipient=to, key=f"offered:{new_id}").count() == 1


def test_what_was_accepted_is_offered_to_the_next_one_who_can_accept_it(
    handoff: Handoff, team: Team, manager: User
) -> None:
    accept_handoff(handoff_id=handoff.pk, by=owner_of(handoff), at=MONDAY_9AM)
    to = other_than(handoff, team)

    new_id = reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER)
    accept_handoff(handoff_id=new_id, by=to, at=LATER)

    assert Handoff.objects.get(pk=new_id).lead.stage == "sal"


def test_who_had_it_before_gets_it_again_only_if_that_is_confirmed(
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


def test_nobody_gets_a_lead_who_may_not_answer_it(
    handoff: Handoff, team: Team, manager: User
) -> None:
    to = make_person(Role.MARKETER)
    Membership.objects.create(team=team, user=to)

    with pytest.raises(MayNotAnswer, match="may not answer leads"):
        reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER)

    assert Handoff.objects.open().get(lead=handoff.lead_id) == handoff


def test_nobody_gets_a_lead_who_is_away_has_left_or_works_elsewhere(
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


def test_what_somebody_had_who_left_is_given_on_by_the_manager_of_the_team_it_came_through(
    handoff: Handoff, team: Team, manager: User
) -> None:
    to = other_than(handoff, team)
    leave(owner_of(handoff))

    desk = signed_in_as(manager).get("/team/").content.decode()
    new_id = reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER)

    assert f'name="handoff" value="{handoff.pk}"' in desk
    new = Handoff.objects.get(pk=new_id)
    assert (new.owner, new.team, new.lead.owner) == (to, team, to)


def test_what_they_pulled_from_a_queue_is_given_on_by_its_manager(
    team: Team, manager: User
) -> None:
    puller, to = team.members.order_by("pk")
    handoff = make_waiting_handoff(queue=team)
    accept_handoff(handoff_id=handoff.pk, by=puller, at=MONDAY_9AM)
    leave(puller)

    new_id = reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER)

    assert Handoff.objects.get(pk=new_id).owner == to


def test_what_no_manager_can_give_on_is_given_on_by_a_superuser(
    handoff: Handoff, team: Team
) -> None:
    to = other_than(handoff, team)
    Team.objects.filter(pk=team.pk).update(manager=None)
    leave(owner_of(handoff))
    superuser = make_user(is_superuser=True)

    page = signed_in_as(superuser).post(
        "/team/reassign/", {"handoff": handoff.pk, "to": to.pk}, follow=True
    )

    assert f"1 lead is offered to {to}, with new clocks." in page.content.decode()
    assert Handoff.objects.open().get(lead=handoff.lead_id).owner == to


def test_who_gives_leads_on_as_a_superuser_answers_none(handoff: Handoff) -> None:
    with pytest.raises(HandoffNotFound):
        accept_handoff(handoff_id=handoff.pk, by=make_user(is_superuser=True), at=LATER)

    assert Handoff.objects.get(pk=handoff.pk).state == "offered"


def test_what_somebody_had_who_left_is_not_for_the_manager_of_another_team(
    handoff: Handoff, team: Team
) -> None:
    other = make_person(Role.SALES_MANAGER)
    to = make_rep()
    make_team(to, manager=other)
    leave(owner_of(handoff))

    desk = signed_in_as(other).get("/team/").content.decode()
    with pytest.raises(HandoffNotFound):
        reassign(handoff_id=handoff.pk, to=to, by=other, at=LATER)

    assert f'value="{handoff.pk}"' not in desk
    assert Handoff.objects.open().get(lead=handoff.lead_id) == handoff


def test_a_manager_of_another_team_and_a_closed_handoff_are_refused(
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


def test_given_twice_to_the_same_member_it_is_given_once(
    handoff: Handoff, team: Team, manager: User
) -> None:
    to = other_than(handoff, team)

    given = [reassign(handoff_id=handoff.pk, to=to, by=manager, at=LATER) for _ in range(2)]

    assert given == [Handoff.objects.open().get(owner=to).pk] * 2
    assert Handoff.objects.filter(lead=handoff.lead_id).count() == 2
