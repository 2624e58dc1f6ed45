from datetime import UTC, datetime, time

import pytest
from django.apps import apps
from django.db.models import Model, QuerySet

from core.history import recorded_for
from people.models import CalendarWindow, Membership, Team, User, WorkCalendar

pytestmark = pytest.mark.django_db

MONDAY_9AM = datetime(2026, 3, 2, 9, tzinfo=UTC)


def kept_of(row: Model, pk: int) -> QuerySet[Model]:
    event = apps.get_model("people", f"{type(row).__name__}Event")
    kept: QuerySet[Model] = event._default_manager.filter(pgh_obj_id=pk)
    return kept.order_by("pgh_id")


def make_team() -> Team:
    return Team.objects.create(name="Inbound", calendar=WorkCalendar.objects.create(name="Days"))


def test_a_change_is_kept_with_who_made_it_and_where() -> None:
    operator = User.objects.create_user("ops@example.com", name="Ops")
    team = make_team()

    with recorded_for(user_id=operator.pk, path="/admin/people/team/1/change/"):
        Team.objects.filter(pk=team.pk).update(name="Outbound")

    columns = ["pgh_label", "name", "pgh_context__metadata"]
    assert list(kept_of(team, team.pk).values_list(*columns)) == [
        ("insert", "Inbound", None),
        ("update", "Outbound", {"user": operator.pk, "url": "/admin/people/team/1/change/"}),
    ]


def test_what_was_deleted_can_still_be_read() -> None:
    calendar = WorkCalendar.objects.create(name="Days")
    window = CalendarWindow.objects.create(
        calendar=calendar, weekday=0, opens=time(9), closes=time(17)
    )
    pk = window.pk

    calendar.windows.all().delete()

    assert list(kept_of(window, pk).values_list("pgh_label", "opens")) == [
        ("insert", time(9)),
        ("delete", time(9)),
    ]


def test_a_turn_in_a_pool_and_a_sign_in_are_no_changes_of_settings() -> None:
    team = make_team()
    user = User.objects.create_user("sam@example.com", name="Sam")
    member = Membership.objects.create(team=team, user=user)

    Membership.objects.filter(pk=member.pk).update(balance=5, last_turn_at=MONDAY_9AM)
    User.objects.filter(pk=user.pk).update(last_login=MONDAY_9AM, password="other")

    assert kept_of(member, member.pk).count() == 1
    assert kept_of(user, user.pk).count() == 1
