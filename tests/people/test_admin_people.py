from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from config.bootstrap import bootstrap
from people.models import Absence, Team, User
from people.roles import Role
from tests.admin_pages import errors_of, open_page, url_of
from tests.factories import make_person
from tests.pages import Page, signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture
def client() -> Client:
    bootstrap(at=MONDAY_9AM)
    return signed_in_as(make_person(Role.OPERATIONS, "Olga"))


def group_id(role: Role) -> int:
    return Group.objects.get(name=role.label).pk


def no_rows(*prefixes: str) -> dict[str, str]:
    return {
        f"{prefix}-{name}": "0" for prefix in prefixes for name in ("TOTAL_FORMS", "INITIAL_FORMS")
    }


def test_new_user_has_password_and_role(client: Client) -> None:
    sent = {
        "email": "Nora@Example.com",
        "name": "Nora New",
        "password1": "a-long-enough-one",
        "password2": "a-long-enough-one",
        "groups": [group_id(Role.REP)],
        "time_zone": "Europe/Berlin",
        **no_rows("memberships"),
    }

    answer = client.post(reverse("admin:people_user_add"), sent)

    assert answer.status_code == 302
    nora = User.objects.get(email="nora@example.com")
    assert nora.check_password("a-long-enough-one")
    assert nora.roles == {Role.REP}
    assert (nora.time_zone, nora.is_superuser, nora.is_staff) == ("Europe/Berlin", False, False)


@pytest.mark.parametrize("sent", ["[]", "99999999999999999999", "2026-13-01T99:99", "\u0661"])
def test_choice_that_is_not_an_id_is_an_error_at_its_field(client: Client, sent: str) -> None:
    team = Team.objects.get(name="Marketing")
    url, form = open_page(client, team)
    row = {"memberships-TOTAL_FORMS": "1", "memberships-0-user": sent}

    for wrong in ({"manager": sent}, row):
        assert "Select a valid choice." in errors_of(client.post(url, form | wrong))


@pytest.mark.parametrize("text", ["Muller", "müller", "jorg MULLER", "er@example"])
def test_users_are_found_without_accents_and_case(client: Client, text: str) -> None:
    User.objects.create_user("jorg.mueller@example.com", name="Jörg Müller")
    User.objects.create_user("jon@elsewhere.test", name="Jon Frei")

    page = Page(client.get(reverse("admin:people_user_changelist"), {"q": text}))

    assert page.texts("#result_list .field-name") == ["Jörg Müller"]


def test_percent_sign_in_a_search_is_not_a_wildcard(client: Client) -> None:
    page = Page(client.get(reverse("admin:people_user_changelist"), {"q": "O%a"}))

    assert page.texts("#result_list .field-name") == []


def test_email_is_unique_regardless_of_case(client: Client) -> None:
    User.objects.create_user("nora@example.com", name="Nora")
    other = User.objects.create_user("other@example.com", name="Other")
    url, sent = open_page(client, other)

    answer = client.post(url, sent | {"email": "NORA@example.com"})

    assert "Another user has this email." in errors_of(answer)


def test_operations_cannot_see_change_or_become_superusers(client: Client) -> None:
    root = User.objects.create_superuser("root@example.com", "secret-word-9", name="Root")

    assert client.get(url_of(root)).status_code == 302
    password = reverse("admin:auth_user_password_change", args=[root.pk])
    assert client.post(password, {"password1": "x" * 12, "password2": "x" * 12}).status_code == 404

    sam = make_person(Role.REP, "Sam")
    url, sent = open_page(client, sam)
    client.post(url, sent | {"is_superuser": "on", "user_permissions": "1", "is_staff": "on"})
    sam.refresh_from_db()
    assert (sam.is_superuser, sam.is_staff, sam.user_permissions.count()) == (False, False, 0)
    root.refresh_from_db()
    assert root.check_password("secret-word-9")


def test_operations_can_set_the_password_of_a_user(client: Client) -> None:
    sam = make_person(Role.REP, "Sam")
    url = reverse("admin:auth_user_password_change", args=[sam.pk])
    assert client.get(url).status_code == 200

    sent = {"password1": "brand-new-one", "password2": "brand-new-one", "usable_password": "true"}
    assert client.post(url, sent).status_code == 302

    sam.refresh_from_db()
    assert sam.check_password("brand-new-one")


def test_users_cannot_deactivate_themselves(client: Client) -> None:
    olga = User.objects.get(name="Olga")
    url, sent = open_page(client, olga)
    del sent["is_active"]

    answer = client.post(url, sent)

    assert "You cannot deactivate yourself" in errors_of(answer)
    olga.refresh_from_db()
    assert olga.is_active


def test_operations_cannot_drop_their_own_role(client: Client) -> None:
    olga = User.objects.get(name="Olga")
    url, sent = open_page(client, olga)

    answer = client.post(url, sent | {"groups": [group_id(Role.MARKETER)]})

    assert "You cannot remove your own right to edit users" in errors_of(answer)
    assert User.objects.get(pk=olga.pk).roles == {Role.OPERATIONS}


def test_only_marketing_team_cannot_be_deactivated(client: Client) -> None:
    marketing = Team.objects.get(name="Marketing")
    url, sent = open_page(client, marketing)
    del sent["is_active"]

    answer = client.post(url, sent)

    assert "This is the only active marketing team" in errors_of(answer)
    marketing.refresh_from_db()
    assert marketing.is_active


def test_team_page_edits_weight_and_capacity(client: Client) -> None:
    team = Team.objects.get(name="Qualification")
    sam = make_person(Role.REP, "Sam")
    url, sent = open_page(client, team)
    row = {
        "memberships-TOTAL_FORMS": "1",
        "memberships-0-team": str(team.pk),
        "memberships-0-user": str(sam.pk),
        "memberships-0-weight": "3",
        "memberships-0-capacity": "25",
    }

    assert client.post(url, sent | row).status_code == 302

    member = team.memberships.get()
    assert (member.user, member.weight, member.capacity) == (sam, 3, 25)
    # A changed round robin balance does not count as an edit: the page can still be saved.
    url, sent = open_page(client, team)
    team.memberships.update(balance=720_720, last_turn_at=MONDAY_9AM)
    assert client.post(url, sent | {"memberships-0-weight": "0"}).status_code == 200
    assert client.post(url, sent | {"memberships-0-weight": "2"}).status_code == 302


def test_history_page_shows_all_changes_with_users(client: Client) -> None:
    team = Team.objects.get(name="Qualification")
    Team.objects.filter(pk=team.pk).update(is_active=False)
    url, sent = open_page(client, team)
    client.post(url, sent | {"name": "Inside sales"})

    page = Page(client.get(reverse("admin:people_team_history", args=[team.pk])))

    assert page.texts(".ops-list li > :not(.ops-faint, bdi)") == [
        "Team “Inside sales” changed",
        "name: Qualification → Inside sales",
        "Team “Qualification” changed",
        "is active: True → False",
        "Team “Qualification” added",
    ]
    entries = page.texts(".ops-list li")
    assert [entry.split(" by ")[1].split(" ")[0] for entry in entries] == ["Olga", "the", "the"]


def test_absence_that_ends_before_it_starts_is_refused(client: Client) -> None:
    sam = make_person(Role.REP, "Sam")
    sent = {
        "user": sam.pk,
        "starts_at_0": "2026-03-09",
        "starts_at_1": "09:00",
        "ends_at_0": "2026-03-06",
        "ends_at_1": "17:00",
    }

    answer = client.post(reverse("admin:people_absence_add"), sent)

    assert "The end must be after the start." in errors_of(answer)
    assert sam.absences.count() == 0


@pytest.mark.parametrize(
    ("style", "shown"),
    [
        ("month_first", "Mar 9, 2026, 9:00 AM"),
        ("day_first", "9 Mar 2026, 09:00"),
        ("iso", "2026-03-09, 09:00"),
    ],
)
def test_dates_in_the_admin_follow_the_reader(client: Client, style: str, shown: str) -> None:
    User.objects.filter(name="Olga").update(date_style=style)
    starts_at = datetime(2026, 3, 9, 9, tzinfo=UTC)
    absence = Absence.objects.create(
        user=User.objects.get(name="Olga"), starts_at=starts_at, ends_at=starts_at + DAY
    )

    listed = Page(client.get(reverse("admin:people_absence_changelist")))
    form = Page(client.get(url_of(absence)))

    assert listed.texts("td.field-starts_at") == [shown]
    assert form.values("[name=starts_at_0], [name=starts_at_1]") == ["2026-03-09", "09:00"]


def test_absence_form_has_start_and_end_on_separate_lines(client: Client) -> None:
    page: Any = client.get(reverse("admin:people_absence_add"))

    [fieldset] = page.context["adminform"].fieldsets
    assert fieldset[1]["fields"] == [
        "user",
        "starts_at",
        "ends_at",
        "cover",
        "reassigns_leads",
        "note",
    ]


def test_doubled_hour_of_an_absence_is_the_earlier_one(client: Client) -> None:
    User.objects.filter(name="Olga").update(time_zone="Europe/Berlin")
    sent = {
        "user": str(make_person(Role.REP, "Sam").pk),
        "starts_at_0": "2026-10-25",
        "starts_at_1": "02:30",
        "ends_at_0": "2026-10-26",
        "ends_at_1": "09:00",
        "note": "",
    }

    assert client.post(reverse("admin:people_absence_add"), sent).status_code == 302

    assert Absence.objects.get().starts_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
