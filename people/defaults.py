"""Defaults of a new installation: roles with admin permissions, a calendar and two teams."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time
from typing import Final

from django.contrib.auth.models import Group, Permission

from people.calendars import edition_for
from people.models import CalendarWindow, Team, WorkCalendar
from people.roles import Role

Actions = tuple[str, ...]
Grants = Mapping[Role, Mapping[str, Actions]]

VIEW: Final[Actions] = ("view",)
CHANGE: Final[Actions] = ("view", "change")
EDIT: Final[Actions] = ("view", "add", "change")
FULL: Final[Actions] = ("view", "add", "change", "delete")

# Admin permissions by model. `people.roles` grants rights on the pages.
GRANTS: Final[Grants] = {
    Role.OPERATIONS: {
        "user": EDIT,
        "team": EDIT,
        "membership": FULL,
        "workcalendar": EDIT,
        "calendarwindow": FULL,
        "closedday": FULL,
        "calendaredition": VIEW,
        "absence": FULL,
    },
    Role.HANDOFF_OWNER: {"user": VIEW, "team": VIEW, "membership": VIEW, "workcalendar": VIEW},
    Role.SALES_MANAGER: {"absence": FULL, "membership": VIEW, "team": VIEW},
}


def ensure_grants(app: str, grants: Grants) -> None:
    """Add permissions on the models of one app to roles, removing none."""
    for role, models in grants.items():
        group, _ = Group.objects.get_or_create(name=role.label)
        codenames = [f"{action}_{model}" for model in models for action in models[model]]
        rights = Permission.objects.filter(content_type__app_label=app, codename__in=codenames)
        group.permissions.add(*rights)


def ensure_people(*, at: datetime) -> list[str]:
    """Create missing defaults and return their names."""
    created = []
    for role in Role:
        _, is_new = Group.objects.get_or_create(name=role.label)
        if is_new:
            created.append(f"role {role.label}")
    ensure_grants("people", GRANTS)
    calendar = WorkCalendar.objects.order_by("pk").first()
    if calendar is None:
        calendar = create_calendar(at=at)
        created.append(f"calendar {calendar}")
    for function, name in {
        Team.Function.MARKETING: "Marketing",
        Team.Function.SDR: "Qualification",
    }.items():
        if not Team.objects.filter(function=function).exists():
            Team.objects.create(name=name, function=function, calendar=calendar)
            created.append(f"team {name}")
    return created


def create_calendar(*, at: datetime) -> WorkCalendar:
    calendar = WorkCalendar.objects.create(name="Weekdays 9 AM to 5 PM UTC", time_zone="UTC")
    CalendarWindow.objects.bulk_create(
        CalendarWindow(calendar=calendar, weekday=weekday, opens=time(9), closes=time(17))
        for weekday in range(5)
    )
    edition_for(calendar, at=at)
    return calendar
