"""Query the team page: workload, time off and the most urgent handoffs.

Raw SQL where it reads what is open: sums that are kept, and ranges of indexes.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Final, NamedTuple

from django.db.models import QuerySet

from core.compiled import CompiledQuery
from core.formatting import date_text
from core.permissions import Right
from core.raw_sql import fetch_rows
from handoff.acceptance_metric import ACCEPTANCE
from people.absences import first_day_of, last_day_of
from people.availability import holds_right_sql, may_answer_sql
from people.choices import WORKS_IN_TEAM
from people.models import Absence, Team, User
from workspace.inbox.queries import BY_URGENCY, COLUMNS_SQL, FROM_SQL, InboxRow, first_due_sql

DAYS: Final = 30
# Overdue handoffs of a person are counted so far.
MAX_LATE: Final = 1_000
# Of handoffs that are due at the same time, so many are compared by score.
MAX_COMPARED: Final = 100
# So many of a person and a state are read before more of them are.
MIN_READ: Final = 10
DEFINITIONS: Final = (
    ("Sales acceptance", ACCEPTANCE),
    ("Rejected", "Leads whose first answer from sales was a rejection."),
    ("Cannot evaluate", "Handoffs returned because data was missing."),
)


# PostgreSQL plans once: teams and moment come from subqueries, so that a plan for any of them costs
# no more than one for these.
AT: Final = "(SELECT %(at)s::timestamptz)"
# Members with their next time off and their open handoffs. Those that are overdue are counted in
# ranges of an index, without a row for each.
MEMBERS_SQL: Final = f"""
SELECT membership.user_id, person.name, person.time_zone, membership.team_id, membership.capacity,
    (
        SELECT ends_at FROM people_absence
        WHERE user_id = person.id AND starts_at <= {AT} AND ends_at > {AT}
        ORDER BY starts_at LIMIT 1
    ),
    (
        SELECT starts_at FROM people_absence
        WHERE user_id = person.id AND starts_at > {AT} AND ends_at > {AT}
        ORDER BY starts_at LIMIT 1
    ),
    {may_answer_sql("person.id")}, {holds_right_sql("person.id", *WORKS_IN_TEAM)},
    coalesce(workload.offered + workload.accepted, 0), coalesce(workload.offered, 0), overdue.count
FROM people_membership AS membership
JOIN people_user AS person ON person.id = membership.user_id
JOIN people_team AS team ON team.id = membership.team_id
CROSS JOIN LATERAL (
    SELECT sum(offered) AS offered, sum(accepted) AS accepted FROM handoff_workloadchange
    WHERE user_id = person.id
) AS workload
CROSS JOIN LATERAL (
    SELECT sum(counted.count)::int AS count
    FROM (VALUES ('offered'), ('accepted')) AS open(state)
    CROSS JOIN LATERAL (
        SELECT count(*) FROM (
            SELECT FROM handoff_handoff
            WHERE owner_id = person.id AND state = open.state AND closed_at IS NULL
                AND due_at <= {AT}
            LIMIT %(most)s
        ) AS handoff
    ) AS counted
) AS overdue
WHERE membership.team_id = ANY((SELECT %(teams)s::bigint[])::bigint[]) AND person.is_active
ORDER BY team.name, person.name, membership.id
"""  # noqa: S608  (no input in it)
# The most urgent of each person and team, of these the most urgent, and only then their leads.
# A handoff comes from its owner and from its team, so up to twice. Of a person only a few are read
# at first, and the others if all of these few are among the most urgent.
TEAM_SQL: Final = f"""
WITH first AS (
    SELECT person.id AS person_id, handoff.state, handoff.id, handoff.due_at
    FROM unnest(%(users)s::bigint[]) AS person(id)
    {first_due_sql("%(few)s")}
    UNION ALL
    SELECT NULL, NULL, handoff.id, handoff.due_at
    FROM unnest(%(teams)s::bigint[]) AS team(id)
    CROSS JOIN LATERAL (
        SELECT id, due_at FROM handoff_handoff
        WHERE team_id = team.id AND closed_at IS NULL
        ORDER BY due_at, id LIMIT %(most)s
    ) AS handoff
), urgent AS (
    SELECT * FROM first ORDER BY due_at, id LIMIT 2 * %(most)s
), other AS (
    SELECT handoff.id, handoff.due_at
    FROM (
        SELECT person_id, state FROM urgent WHERE person_id IS NOT NULL
        GROUP BY person_id, state HAVING count(*) = %(few)s
    ) AS more
    CROSS JOIN LATERAL (
        SELECT id, due_at FROM handoff_handoff
        WHERE owner_id = more.person_id AND state = more.state AND closed_at IS NULL
        ORDER BY due_at, id LIMIT %(most)s - %(few)s OFFSET %(few)s
    ) AS handoff
), candidate AS (
    SELECT id, due_at FROM urgent UNION ALL SELECT id, due_at FROM other
), shown AS (
    SELECT handoff.id
    FROM (
        SELECT DISTINCT id
        FROM (SELECT id FROM candidate ORDER BY due_at, id LIMIT 2 * %(most)s) AS repeated
    ) AS compared
    JOIN handoff_handoff AS handoff ON handoff.id = compared.id
    JOIN leads_lead AS lead ON lead.id = handoff.lead_id
    ORDER BY handoff.due_at NULLS LAST, lead.score DESC, handoff.id LIMIT %(limit)s
)
SELECT {COLUMNS_SQL} {FROM_SQL} JOIN shown ON shown.id = handoff.id ORDER BY {BY_URGENCY}
"""  # noqa: S608  (no input in it)


class Workload(NamedTuple):
    """Open handoffs of a person; `late` above `MAX_LATE` is shown as such."""

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


def teams_of(user: User) -> list[Team]:
    """Return the teams a manager runs, or every sales team for readers of all teams."""
    return TEAMS.rows(manages_some(user), user_id=user.pk)


def manages_some(user: User) -> bool:
    return Right.MANAGE_TEAM in user.rights and not user.may(Right.MANAGE_EVERY_TEAM)


def teams_for(manages_some: bool, *, user_id: int) -> QuerySet[Team]:
    teams = Team.objects.filter(is_active=True).select_related("manager").order_by("name")
    if manages_some:
        return teams.filter(manager=user_id)
    return teams.exclude(function=Team.Function.MARKETING)


TEAMS: Final = CompiledQuery(teams_for)


def shows_team(user: User, team: Team) -> bool:
    """Return whether `teams_of` shows a user the team, without a statement."""
    if not team.is_active or not (user.may(Right.MANAGE_TEAM) or user.may(Right.SEE_TEAMS)):
        return False
    if manages_some(user):
        return team.manager_id == user.pk
    return team.function != Team.Function.MARKETING


def members_of(team_ids: Collection[int], *, at: datetime) -> list[Member]:
    """Read every active member with workload and time off; overdue of a state up to one more."""
    params = {"teams": list(team_ids), "at": at, "most": MAX_LATE + 1}
    rows = fetch_rows(MEMBERS_SQL, params)
    return [Member._make((*row[:9], Workload(*row[9:]))) for row in rows]


def team_rows(user_ids: Collection[int], team_ids: Collection[int], limit: int) -> list[InboxRow]:
    """Return open handoffs of these people, and those routed through these teams, by urgency."""
    most = max(limit, MAX_COMPARED)
    params = {
        "users": list(user_ids),
        "teams": list(team_ids),
        "most": most,
        "few": min(MIN_READ, most),
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


def absences_of(*, user_ids: list[int], at: datetime) -> QuerySet[Absence]:
    absences = Absence.objects.filter(user__in=user_ids, ends_at__gt=at)
    return absences.select_related("user", "cover").order_by("starts_at", "pk")


ABSENCES: Final = CompiledQuery(absences_of)


def time_off_of(user_ids: Collection[int], *, at: datetime) -> list[TimeOff]:
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
        for absence in ABSENCES.rows(user_ids=[*user_ids], at=at)
    ]
