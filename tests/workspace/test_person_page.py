"""The page of a person: whole for themselves and those in charge, in short for colleagues."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine

from people.models import Absence, Membership, User
from people.roles import Role
from reporting.tasks import follow_log
from tests.factories import make_handoff_to, make_person, make_pool, make_rep
from tests.pages import Page, card, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

NOW = MONDAY_9AM + timedelta(hours=4)
WHOLE = ["Next seven days", "Open leads", "Time off"]


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def manager() -> User:
    manager = make_person(Role.SALES_MANAGER, "Ines Kaya")
    make_pool(make_rep("Mia Hoffmann"), make_rep("Jon Berg"), manager=manager)
    return manager


@pytest.fixture
def mia(manager: User) -> User:
    return User.objects.get(name="Mia Hoffmann")


def page_of(person: User, reader: User) -> Page:
    return page_at(f"/people/{person.pk}/", reader)


def is_whole(page: Page) -> bool:
    titles = page.texts("h2")
    shown = [title in titles for title in [*WHOLE, "SLA attainment"]]
    assert len(set(shown)) == 1
    return shown[0]


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        (Role.REP, False),
        (Role.SALES_MANAGER, False),
        (Role.MARKETER, False),
        (Role.HANDOFF_OWNER, True),
        (Role.OPERATIONS, True),
        (Role.LEADER, True),
    ],
)
def test_reader_of_another_team_sees_the_whole_page_by_role(
    role: Role, expected: bool, mia: User
) -> None:
    assert is_whole(page_of(mia, make_person(role))) is expected


def test_person_and_their_manager_see_the_whole_page(mia: User, manager: User) -> None:
    assert is_whole(page_of(mia, mia))
    assert is_whole(page_of(mia, manager))
    assert not is_whole(page_of(mia, User.objects.get(name="Jon Berg")))
    assert not is_whole(page_of(manager, mia))


def test_colleague_sees_roles_teams_and_availability(mia: User, manager: User) -> None:
    Absence.objects.create(
        user=mia, starts_at=NOW, ends_at=NOW + timedelta(days=1), note="Hospital"
    )

    page = page_of(mia, User.objects.get(name="Jon Berg"))

    assert page.text(".lead-name p") == "Sales rep"
    assert "Away until Nov 3" in page.texts(".lead-marks .badge")
    assert page.links(f"{card('Teams')} a") == [f"/people/{manager.pk}/"]
    assert "Hospital" not in page.html


def test_week_shows_hours_and_time_off(mia: User) -> None:
    Absence.objects.create(
        user=mia, starts_at=NOW + timedelta(days=1), ends_at=NOW + timedelta(days=2), note="Course"
    )

    page = page_of(mia, mia)

    days = page.texts(".week li")
    assert days[0] == "Mon Nov 2 9:00 AM to 6:00 PM"
    assert days[1] == "Tue Nov 3 9:00 AM to 6:00 PM Time off"
    assert days[5] == "Sat Nov 7 Closed"
    assert "Available" in page.texts(".lead-marks .badge")
    assert "Course" in page.text(card("Time off"))


def test_week_is_in_the_time_zone_of_the_person_for_every_reader(mia: User, manager: User) -> None:
    User.objects.filter(pk=mia.pk).update(time_zone="America/New_York")
    User.objects.filter(pk=manager.pk).update(time_zone="Asia/Tokyo")
    manager.refresh_from_db()

    days = page_of(mia, manager).texts(".week li")

    assert days[0] == "Mon Nov 2 4:00 AM to 1:00 PM"


def test_person_outside_business_hours_is_back_at_the_next_opening(mia: User) -> None:
    with time_machine.travel(MONDAY_9AM + timedelta(hours=12), tick=False):
        badges = page_of(mia, mia).texts(".lead-marks .badge")

    assert badges[0] == "Outside business hours until Nov 3, 9:00 AM"


def test_open_leads_are_the_open_handoffs_by_deadline(mia: User, manager: User) -> None:
    first = make_handoff_to(mia)
    second = make_handoff_to(mia, at=MONDAY_9AM + timedelta(hours=1))

    page = page_of(mia, manager)

    assert page.links(f"{card('Open leads')} th a") == [
        f"/leads/{first.lead_id}/",
        f"/leads/{second.lead_id}/",
    ]
    assert page.text(f"{card('Open leads')} .card-head a") == "2 open, see all leads"


def test_person_who_left_is_marked(mia: User, manager: User) -> None:
    User.objects.filter(pk=mia.pk).update(is_active=False)

    assert "Left" in page_of(mia, manager).texts(".lead-marks .badge")


def test_person_in_no_team_has_a_page() -> None:
    leader = make_person(Role.LEADER)

    page = page_of(leader, leader)

    assert page.text(f"{card('Teams')} p") == "In no team."
    assert page.text(f"{card('Next seven days')} p").startswith("No business hours.")


def test_unknown_person_is_not_found(mia: User) -> None:
    assert signed_in_as(mia).get("/people/999999999/").status_code == 404


@pytest.mark.parametrize("leads", [1, 12])
def test_statements_do_not_grow_with_leads(leads: int, mia: User, manager: User) -> None:
    Membership.objects.filter(user=mia).update(capacity=None)
    for _ in range(leads):
        make_handoff_to(mia)
    follow_log()
    client = signed_in_as(manager)
    client.get(f"/people/{mia.pk}/")

    # User, person, memberships, managed teams, roles, time off, calendar, leads, status, figures.
    with exactly_statements(10):
        client.get(f"/people/{mia.pk}/")


@pytest.mark.parametrize(
    ("role", "is_link"),
    [
        (Role.REP, False),
        (Role.SALES_MANAGER, False),
        (Role.MARKETER, False),
        (Role.HANDOFF_OWNER, True),
        (Role.OPERATIONS, False),
        (Role.LEADER, True),
    ],
)
def test_team_is_a_link_for_those_whose_team_page_shows_it(
    role: Role, is_link: bool, mia: User, manager: User
) -> None:
    team = mia.teams.get()
    href = f"/team/#team-{team.pk}"

    for reader, expected in ((make_person(role), is_link), (manager, True)):
        assert (href in page_of(mia, reader).links(f"{card('Teams')} a")) is expected
        if expected:
            assert page_at("/team/", reader).has(f"#team-{team.pk}")
