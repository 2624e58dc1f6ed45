"""Read the page of a person: whole for themselves and those in charge, in short for colleagues."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from core.permissions import Right
from people.availability import editions_of
from people.calendars import value_of
from people.covers import possible_covers
from people.models import Absence, Membership, Team, User
from people.roles import LABELS
from people.week import WeekDay, week_of
from people.worktime import WorkCalendar
from reporting.pages.person import person_figures
from reporting.queries.scope import today
from workspace.inbox.queries import InboxRow
from workspace.team.queries import team_rows

MAX_LEADS: Final = 50
# Readers of the team page of all teams, and those who set calendars and time off in the admin.
SEES_EVERYONE: Final = (Right.SEE_TEAMS, Right.EDIT_CONFIGURATION, Right.MANAGE_EVERY_TEAM)


@dataclass
class PersonPage:
    person: User
    reader: User
    at: datetime

    @cached_property
    def memberships(self) -> list[Membership]:
        memberships = self.person.memberships.filter(team__is_active=True)
        return list(memberships.select_related("team__manager").order_by("team__name"))

    @cached_property
    def managed_teams(self) -> list[Team]:
        return list(self.person.managed_teams.filter(is_active=True).order_by("name"))

    @property
    def roles(self) -> list[str]:
        return [label for role, label in LABELS.items() if role in self.person.roles]

    @property
    def is_own(self) -> bool:
        return self.person.pk == self.reader.pk

    @property
    def is_manager(self) -> bool:
        """Return whether the reader manages one of the person's teams."""
        if Right.MANAGE_TEAM not in self.reader.rights:
            return False
        return any(row.team.manager_id == self.reader.pk for row in self.memberships)

    @property
    def is_whole(self) -> bool:
        """Return whether the reader sees week, leads and figures."""
        in_charge = any(self.reader.may(right) for right in SEES_EVERYONE)
        return self.is_own or in_charge or self.is_manager

    @cached_property
    def absences(self) -> list[Absence]:
        """Return present and coming time off."""
        absences = self.person.absences.filter(ends_at__gt=self.at).select_related("cover")
        return list(absences.order_by("starts_at", "pk"))

    @cached_property
    def covers(self) -> list[User]:
        """Return among whom the reader may choose a cover for their own time off."""
        if not self.is_own or not self.absences or not self.reader.may(Right.ANSWER_HANDOFFS):
            return []
        return list(possible_covers(self.person).order_by("name", "pk"))

    @property
    def present_absence(self) -> Absence | None:
        return next((row for row in self.absences if row.starts_at <= self.at), None)

    @cached_property
    def calendar(self) -> WorkCalendar | None:
        """Return the business hours; None for a person in no team and without a calendar."""
        edition_id = editions_of([self.person.pk]).get(self.person.pk)
        return value_of(edition_id) if edition_id else None

    @property
    def is_open(self) -> bool:
        return self.calendar is None or self.calendar.is_open(self.at)

    @property
    def opens_at(self) -> datetime | None:
        return self.calendar.next_open(self.at) if self.calendar and not self.is_open else None

    @property
    def week(self) -> list[WeekDay]:
        if self.calendar is None:
            return []
        absences = [(row.starts_at, row.ends_at) for row in self.absences]
        return week_of(self.calendar, absences, self.person.zone, at=self.at)

    @cached_property
    def leads(self) -> list[InboxRow]:
        return team_rows([self.person.pk], [], MAX_LEADS + 1)

    @property
    def is_cut(self) -> bool:
        return len(self.leads) > MAX_LEADS

    @cached_property
    def figures(self) -> dict[str, Any]:
        return person_figures(self.person.pk, today=today())


def load_person_page(person_id: int, *, reader: User, at: datetime) -> PersonPage | None:
    person = User.objects.filter(pk=person_id).first()
    return PersonPage(person, reader, at) if person else None
