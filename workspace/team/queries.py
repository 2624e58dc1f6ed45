"""Query the team page: workload, time off and the most urgent handoffs.

Raw SQL where what is open is counted and sorted: each part of it reads a range of an index.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db.models import Exists, OuterRef, QuerySet, Subquery

from core.formatting import date_text
from core.permissions import Right
from core.raw_sql import fetch_rows
from handoff.acceptance_metric import ACCEPTANCE
from people.absences import first_day_of, last_day_of
from people.choices import WORKS_IN_TEAM, able_users
from people.models import Absence, Membership, Team, User
from workspace.inbox.queries import BY_URGENCY, COLUMNS_SQL, FIRST_DUE_SQL, FROM_SQL, InboxRow

DAYS: Final = 30
# Open handoffs of a person are counted so far.
MAX_COUNT: Final = 1_000
# Of handoffs that are due at the same time, so many are compared by score.
MAX_COMPARED: Final = 100
DEFINITIONS: Final = (
    ("Sales acceptance", ACCEPTANCE),
    ("Rejected", "Leads whose first answer from sales was a rejection."),
    ("Cannot evaluate", "Handoffs returned because data was missing."),
)


# Counts in ranges of an index, without a row for each handoff.
WORKLOAD_SQL: Final = """
SELECT person.id, sum(counted.open), sum(counted.open) FILTER (WHERE open.state = 'offered'),
    sum(counted.late)
FROM unnest(%(users)s::bigint[]) AS person(id)
CROSS JOIN (VALUES ('offered'), ('accepted')) AS open(state)
CROSS JOIN LATERAL (
    SELECT
        (SELECT count(*) FROM (
            SELECT FROM handoff_handoff
            WHERE owner_id = person.id AND state = open.state AND closed_at IS NULL
            LIMIT %(most)s
        ) AS handoff) AS open,
        (SELECT count(*) FROM (
            SELECT FROM handoff_handoff
            WHERE owner_id = person.id AND state = open.state AND closed_at IS NULL
                AND due_at <= %(at)s
            LIMIT %(most)s
        ) AS handoff) AS late
) AS counted
GROUP BY person.id
"""
# The most urgent of each person and team, of these the most urgent, and only then their leads.
# A handoff comes from its owner and from its team, so up to twice.
TEAM_SQL: Final = f"""
WITH candidate AS (
    SELECT handoff.id, handoff.due_at
    FROM unnest(%(users)s::bigint[]) AS person(id) {FIRST_DUE_SQL}
    UNION ALL
    SELECT handoff.id, handoff.due_at
    FROM unnest(%(teams)s::bigint[]) AS team(id)
    CROSS JOIN LATERAL (
        SELECT id, due_at FROM handoff_handoff
        WHERE team_id = team.id AND closed_at IS NULL
        ORDER BY due_at, id LIMIT %(most)s
    ) AS handoff
)
SELECT {COLUMNS_SQL} {FROM_SQL}
JOIN (
    SELECT DISTINCT id
    FROM (SELECT id FROM candidate ORDER BY due_at, id LIMIT 2 * %(most)s) AS repeated
) AS urgent ON urgent.id = handoff.id
ORDER BY {BY_URGENCY} LIMIT %(limit)s
"""  # noqa: S608  (no input in it)


class Workload(NamedTuple):
    """Open handoffs of a person; numbers above `MAX_COUNT` are shown as such."""

    open_leads: int = 0
    to_answer: int = 0
    late: int = 0


class Member(NamedTuple):
    user_id: int
    name: str
    zone: str
    team_id: int
    capacity: int | None
    absent_until: datetime | None
    next_absence_at: datetime | None
    may_answer: bool
    works_in_team: bool
    workload: Workload = Workload()

    @property
    def is_full(self) -> bool:
        return self.capacity is not None and self.workload.open_leads >= self.capacity


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
    """Read every active member with workload and time off."""
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
            Subquery(away_now.values("ends_at")[:1]),
            Subquery(away.filter(starts_at__gt=at).values("starts_at")[:1]),
            Exists(able_users(Right.ANSWER_HANDOFFS).filter(pk=OuterRef("user"))),
            Exists(able_users(*WORKS_IN_TEAM).filter(pk=OuterRef("user"))),
        )
    )
    members = [Member(*row) for row in rows]
    most = max([MAX_COUNT, *(member.capacity or 0 for member in members)])
    workload = workload_of({member.user_id for member in members}, at=at, most=most)
    return [member._replace(workload=workload[member.user_id]) for member in members]


def workload_of(user_ids: Collection[int], *, at: datetime, most: int) -> Mapping[int, Workload]:
    """Count the open handoffs of each person, those of a state up to one more than `most`."""
    params = {"users": list(user_ids), "at": at, "most": most + 1}
    rows = fetch_rows(WORKLOAD_SQL, params)
    return defaultdict(Workload, {user_id: Workload(*counts) for user_id, *counts in rows})


def team_rows(user_ids: Collection[int], team_ids: Collection[int], limit: int) -> list[InboxRow]:
    """Return open handoffs of these people, and those routed through these teams, by urgency."""
    params = {
        "users": list(user_ids),
        "teams": list(team_ids),
        "most": max(limit, MAX_COMPARED),
        "limit": limit,
    }
    return [InboxRow(*row) for row in fetch_rows(TEAM_SQL, params)]


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
