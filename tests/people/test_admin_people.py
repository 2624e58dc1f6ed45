from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse

from config.bootstrap import bootstrap
from people.models import Absence, ClosedDay, Team, User, WorkCalendar
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


def test_saving_a_calendar_creates_an_edition(client: Client) -> None:
    calendar = WorkCalendar.objects.get()
    before = calendar.current_edition_id
    url, sent = open_page(client, calendar)

    answer = client.post(url, sent | {"windows-4-closes": "13:00"})

    assert answer.status_code == 302
    calendar.refresh_from_db()
    assert calendar.current_edition_id != before
    assert calendar.windows.get(weekday=4).closes == time(13)


def test_calendar_that_never_opens_is_refused(client: Client) -> None:
    calendar = WorkCalendar.objects.get()
    before = calendar.current_edition_id
    url, sent = open_page(client, calendar)

    answer = client.post(url, sent | {f"windows-{row}-DELETE": "on" for row in range(5)})

    assert "Add at least one period of opening hours." in errors_of(answer)
    calendar.refresh_from_db()
    assert calendar.windows.count() == 5
    assert calendar.current_edition_id == before


@pytest.mark.parametrize(
    ("country", "region", "place"), [("XX", "", "“XX”"), ("DE", "TEXAS", "“DE, TEXAS”")]
)
def test_unknown_holiday_region_is_refused(
    client: Client, country: str, region: str, place: str
) -> None:
    url, sent = open_page(client, WorkCalendar.objects.get())

    answer = client.post(url, sent | {"country": country, "region": region})

    assert f"There is no holiday list for {place}." in errors_of(answer)
    assert WorkCalendar.objects.get().country == ""


def test_closed_days_keep_their_names(client: Client) -> None:
    calendar = WorkCalendar.objects.get()
    url, sent = open_page(client, calendar)
    closed: dict[str, Any] = {
        "closed_days-TOTAL_FORMS": "1",
        "closed_days-0-calendar": str(calendar.pk),
        "closed_days-0-day": "2026-12-24",
        "closed_days-0-name": "Christmas Eve",
    }

    assert client.post(url, sent | closed).status_code == 302

    row = ClosedDay.objects.get()
    assert (row.day, row.name) == (date(2026, 12, 24), "Christmas Eve")
    calendar.refresh_from_db()
    assert calendar.current_edition is not None
    assert "2026-12-24" in str(calendar.current_edition.value)


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

    assert page.texts(".ops-list li > :not(.ops-faint)") == [
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


def test_new_calendar_starts_in_the_users_time_zone(client: Client) -> None:
    User.objects.filter(name="Olga").update(time_zone="America/Sao_Paulo")

    page: Any = client.get(reverse("admin:people_workcalendar_add"))

    assert page.context["adminform"].form["time_zone"].value() == "America/Sao_Paulo"


def post_hours(client: Client, **fields: str) -> Any:
    url, sent = open_page(client, WorkCalendar.objects.get())
    values = {f"windows-0-{name}": value for name, value in fields.items()}
    return client.post(url, sent | values)


@pytest.mark.parametrize(
    ("opens", "closes", "error"),
    [
        (
            "09:00",
            "09:00",
            "This is not after 9:00 AM. Select the next day if it is open for 24 hours.",
        ),
        (
            "16:00",
            "12:00",
            "This is not after 4:00 PM. Select the next day if it runs into the next day.",
        ),
    ],
)
def test_likely_slip_in_opening_hours_is_asked_about(
    client: Client, opens: str, closes: str, error: str
) -> None:
    answer = post_hours(client, opens=opens, closes=closes)

    assert error in errors_of(answer)
    assert WorkCalendar.objects.get().windows.get(weekday=0).opens == time(9)


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"opens": "09:00", "closes": "24:00"}, "47 hours per week: Mon 9:00 AM–12:00 AM; "),
        ({"opens": "00:00", "closes": "00:00"}, "56 hours per week: Mon 24 hours; "),
        (
            {"opens": "22:00", "closes": "06:00", "is_next_day": "on"},
            "40 hours per week: Mon 10:00 PM–6:00 AM the next day; ",
        ),
        ({"opens": "09:00", "closes": "17:00"}, "40 hours per week: Mon–Fri 9:00 AM–5:00 PM."),
    ],
)
def test_opening_hours_say_what_they_mean_after_saving(
    client: Client, fields: dict[str, str], text: str
) -> None:
    answer = post_hours(client, **fields)

    [message] = [str(item) for item in get_messages(answer.wsgi_request) if "per week" in str(item)]
    assert text in message


def test_overlapping_opening_hours_are_refused(client: Client) -> None:
    answer = post_hours(client, opens="16:00", closes="12:00", is_next_day="on")

    assert (
        "Monday 4:00 PM to 12:00 PM and Tuesday 9:00 AM to 5:00 PM overlap. "
        "Change or delete one of them."
    ) in errors_of(answer)


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
