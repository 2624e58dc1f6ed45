from datetime import UTC, datetime, time

import pytest
from django.apps import apps
from django.db.models import Model, QuerySet

from core.history import recorded_for
from people.models import CalendarWindow, Membership, Team, User, WorkCalendar

pytestmark = pytest.mark.django_db

MONDAY_9AM = datetime(2026, 3, 2, 9, tzinfo=UTC)


def recorded_versions(row: Model, pk: int) -> QuerySet[Model]:
    event = apps.get_model("people", f"{type(row).__name__}Event")
    versions: QuerySet[Model] = event._default_manager.filter(pgh_obj_id=pk)
    return versions.order_by("pgh_id")


def make_team() -> Team:
    return Team.objects.create(name="Inbound", calendar=WorkCalendar.objects.create(name="Days"))


def test_change_is_recorded_with_user_and_page() -> None:
    operator = User.objects.create_user("ops@example.com", name="Ops")
    team = make_team()

    with recorded_for(user_id=operator.pk, path="/admin/people/team/1/change/"):
        Team.objects.filter(pk=team.pk).update(name="Outbound")

    columns = ["pgh_label", "name", "pgh_context__metadata"]
    assert list(recorded_versions(team, team.pk).values_list(*columns)) == [
        ("insert", "Inbound", None),
        ("update", "Outbound", {"user": operator.pk, "url": "/admin/people/team/1/change/"}),
    ]


def test_deleted_row_is_recorded() -> None:
    calendar = WorkCalendar.objects.create(name="Days")
    window = CalendarWindow.objects.create(
        calendar=calendar, weekday=0, opens=time(9), closes=time(17)
    )
    pk = window.pk

    calendar.windows.all().delete()

    assert list(recorded_versions(window, pk).values_list("pgh_label", "opens")) == [
        ("insert", time(9)),
        ("delete", time(9)),
    ]


def test_round_robin_balance_and_sign_in_are_not_recorded() -> None:
    team = make_team()
    user = User.objects.create_user("sam@example.com", name="Sam")
    member = Membership.objects.create(team=team, user=user)

    Membership.objects.filter(pk=member.pk).update(balance=5, last_turn_at=MONDAY_9AM)
    User.objects.filter(pk=user.pk).update(last_login=MONDAY_9AM, password="other")

    assert recorded_versions(member, member.pk).count() == 1
    assert recorded_versions(user, user.pk).count() == 1
