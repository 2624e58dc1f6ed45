"""Query the team page: workload, overdue leads, time off and answers by member."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.db.models import Count, Exists, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from core.formatting import date_text
from core.permissions import Right
from handoff.acceptance_metric import ACCEPTANCE, REJECTED, first_answers, start_of_period
from handoff.models import Handoff
from people.absences import first_day_of, last_day_of
from people.choices import WORKS_IN_TEAM, able_users
from people.models import Absence, Membership, Team, User

State = Handoff.State
DAYS: Final = 30
DEFINITIONS: Final = (
    ("Sales acceptance", ACCEPTANCE),
    ("Rejected", "Leads whose first answer from sales was a rejection."),
    ("Cannot evaluate", "Handoffs returned because data was missing."),
)


class Member(NamedTuple):
    user_id: int
    name: str
    zone: str
    team_id: int
    capacity: int | None
    open_leads: int
    to_answer: int
    late: int
    accepted: int
    rejected: int
    cannot_evaluate: int
    absent_until: datetime | None
    next_absence_at: datetime | None
    may_answer: bool
    works_in_team: bool

    @property
    def answered(self) -> int:
        return self.accepted + self.rejected

    @property
    def is_full(self) -> bool:
        return self.capacity is not None and self.open_leads >= self.capacity


def teams_of(user: User) -> QuerySet[Team]:
    """Return the teams a manager runs, or every sales team for readers of all teams."""
    teams = Team.objects.filter(is_active=True).select_related("manager").order_by("name")
    if Right.MANAGE_TEAM in user.rights and not user.may(Right.MANAGE_EVERY_TEAM):
        return teams.filter(manager=user)
    return teams.exclude(function=Team.Function.MARKETING)


def shows_team(user: User, team: Team) -> bool:
    """Return whether `teams_of` shows a user the team, without a statement."""
    if not team.is_active or not (user.may(Right.MANAGE_TEAM) or user.may(Right.SEE_TEAMS)):
        return False
    if Right.MANAGE_TEAM in user.rights and not user.may(Right.MANAGE_EVERY_TEAM):
        return team.manager_id == user.pk
    return team.function != Team.Function.MARKETING


def members_of(team_ids: Collection[int], *, at: datetime) -> list[Member]:
    """Read every active member with workload, time off and answers in one statement."""
    held = Handoff.objects.open().filter(owner=OuterRef("user"))
    late = held.filter(clocks__stopped_at=None, clocks__due_at__lte=at)
    since = start_of_period(DAYS, at=at)
    by_user = {"answered_by": OuterRef("user")}
    answered = first_answers(opened_since=since).filter(**by_user)
    returned = Handoff.objects.filter(
        **by_user, state=State.CANNOT_EVALUATE, answered_at__gte=since, offered_at__gte=since
    )
    away = Absence.objects.filter(user=OuterRef("user"), ends_at__gt=at).order_by("starts_at")
    away_now = away.filter(starts_at__lte=at)
    rows = (
        Membership.objects.filter(team__in=team_ids, user__is_active=True)
        .order_by("team__name", "user__name", "pk")
        .values_list(
            "user_id",
            "user__name",
            "user__time_zone",
            "team_id",
            "capacity",
            counted(held),
            counted(held.filter(state=State.OFFERED)),
            counted(late, distinct=True),
            counted(answered.exclude(REJECTED), by="answered_by"),
            counted(answered.filter(REJECTED), by="answered_by"),
            counted(returned, by="answered_by"),
            Subquery(away_now.values("ends_at")[:1]),
            Subquery(away.filter(starts_at__gt=at).values("starts_at")[:1]),
            Exists(able_users(Right.ANSWER_HANDOFFS).filter(pk=OuterRef("user"))),
            Exists(able_users(*WORKS_IN_TEAM).filter(pk=OuterRef("user"))),
        )
    )
    return [Member(*row) for row in rows]


class TimeOff(NamedTuple):
    """Time off in progress or to come, by days in the zone of the member."""

    absence_id: int
    name: str
    zone: str
    first_day: date
    last_day: date
    is_now: bool
    note: str
    reassigns_leads: bool
    cover_id: int | None
    cover: str

    @property
    def days(self) -> str:
        first = date_text(self.first_day)
        if self.first_day == self.last_day:
            return first
        return f"{first} to {date_text(self.last_day)}"


def time_off_of(user_ids: Collection[int], *, at: datetime) -> list[TimeOff]:
    absences = Absence.objects.filter(user__in=user_ids, ends_at__gt=at).select_related(
        "user", "cover"
    )
    return [
        TimeOff(
            absence.pk,
            str(absence.user),
            absence.user.time_zone,
            first_day_of(absence),
            last_day_of(absence),
            absence.starts_at <= at,
            absence.note,
            absence.reassigns_leads,
            absence.cover_id,
            str(absence.cover or ""),
        )
        for absence in absences.order_by("starts_at", "pk")
    ]


def counted(rows: QuerySet[Any], *, by: str = "owner", distinct: bool = False) -> Coalesce:
    """Count the rows of each user, 0 if there are none."""
    count = rows.order_by().values(by).annotate(number=Count("pk", distinct=distinct))
    return Coalesce(Subquery(count.values("number"), output_field=IntegerField()), 0)
