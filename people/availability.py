"""Read who is available: one statement for whole teams."""

from collections.abc import Collection
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from core.permissions import Right
from people.calendars import value_of
from people.models import Membership, User
from people.roles import roles_with


class AlsoRead(NamedTuple):
    """SQL of a higher app: what it reads of each `membership`, in the same statement."""

    expression: str = "NULL"
    tables: str = ""


class Availability(NamedTuple):
    membership_id: int
    team_id: int
    user_id: int
    name: str
    weight: int
    capacity: int | None
    balance: int
    last_turn_at: datetime | None
    edition_id: int | None
    is_active: bool
    may_answer: bool
    is_absent: bool
    also: Any = None

    def is_working(self, at: datetime) -> bool:
        return value_of(self.edition_id).is_open(at)


ANSWERING_ROLES: Final = [role.label for role in roles_with(Right.ANSWER_HANDOFFS)]
ACTIVE_MEMBERSHIPS: Final = Membership.objects.filter(user__is_active=True, team__is_active=True)
CAN_ANSWER: Final = Q(user__groups__name__in=ANSWERING_ROLES)


def holds_right_sql(user_id: str, *rights: Right) -> str:
    """Return the condition that a user, by a column, has one of the rights by their roles.

    It has no parameters. Whether the user is active is another condition.
    """
    held = sorted({role.label for right in rights for role in roles_with(right)})
    roles = ", ".join(f"'{label}'" for label in held)
    return f"""EXISTS (
        SELECT FROM people_user_groups AS held JOIN auth_group AS role ON role.id = held.group_id
        WHERE held.user_id = {user_id} AND role.name IN ({roles})
    )"""


def may_answer_sql(user_id: str) -> str:
    """Return the condition that a user, by a column, may answer handoffs. It has no parameters."""
    return holds_right_sql(user_id, Right.ANSWER_HANDOFFS)


# SQL: under the lock of a pool, composing this with the ORM takes ten times as long as running it.
# PostgreSQL plans it once: roles are constants and the teams come from a subquery, so that a plan
# for any teams costs no more than one for these.
READ: Final = """
{tables}
SELECT membership.id, membership.team_id, membership.user_id, person.name, membership.weight,
    membership.capacity, membership.balance, membership.last_turn_at,
    COALESCE(own.current_edition_id, team_calendar.current_edition_id),
    person.is_active AND team.is_active,
    {may_answer},
    EXISTS (
        SELECT FROM people_absence
        WHERE user_id = membership.user_id AND starts_at <= %(at)s AND ends_at > %(at)s
    ),
    {expression}
FROM people_membership AS membership
JOIN people_user AS person ON person.id = membership.user_id
JOIN people_team AS team ON team.id = membership.team_id
JOIN people_workcalendar AS team_calendar ON team_calendar.id = team.calendar_id
LEFT JOIN people_workcalendar AS own ON own.id = person.calendar_id
WHERE {where} ORDER BY {order} {lock}
"""
# A transaction that waited for the lock reads the rows as the other one left them.
LOCK: Final = "FOR NO KEY UPDATE OF membership"
NOTHING_ELSE: Final = AlsoRead()
OF_USER: Final = READ.format(
    **NOTHING_ELSE._asdict(),
    may_answer=may_answer_sql("membership.user_id"),
    where="membership.user_id = %(user)s",
    order="team.is_active DESC, "
    "array_position(%(preferred)s::bigint[], membership.team_id), membership.id",
    lock="LIMIT 1",
)


def availability(
    team_ids: Collection[int],
    *,
    at: datetime,
    lock: bool = False,
    also: AlsoRead = NOTHING_ELSE,
) -> list[Availability]:
    """Return every member of the teams, in a fixed order."""
    return _read(of_teams(also, lock=lock), at, teams=list(team_ids))


@cache
def of_teams(also: AlsoRead, *, lock: bool) -> str:
    return READ.format(
        **also._asdict(),
        may_answer=may_answer_sql("membership.user_id"),
        where="membership.team_id = ANY((SELECT %(teams)s::bigint[])::bigint[])",
        order="membership.id",
        lock=LOCK if lock else "",
    )


def availability_of(
    user_id: int, *, at: datetime, preferred_team_ids: Collection[int] = ()
) -> Availability | None:
    """Return a user in one of their teams, or None if they are in no team.

    An active team comes first, then the first of the preferred, then the oldest membership.
    """
    rows = _read(OF_USER, at, user=user_id, preferred=list(preferred_team_ids))
    return next(iter(rows), None)


def present_members(team_id: int, *, at: datetime) -> list[int]:
    """Return who in a team may answer leads and is not away, whatever their capacity and hours."""
    members = availability([team_id], at=at)
    return [row.user_id for row in members if is_present(row)]


def is_present(row: Availability) -> bool:
    return row.is_active and row.may_answer and not row.is_absent


def _read(sql: str, at: datetime, **which: Any) -> list[Availability]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"at": at, **which})
        return [Availability(*row) for row in cursor.fetchall()]


def editions_of(user_ids: Collection[int]) -> dict[int, int | None]:
    """Return the calendar edition of each active user: their own, else their first team's."""
    users = User.objects.filter(pk__in=user_ids, is_active=True)
    return dict(users.values_list("pk", edition_of_user()))


def edition_of_user() -> Coalesce:
    """Return the expression of the calendar edition in a query of users."""
    return _of_own_or_team_calendar("current_edition")


def calendar_of_user() -> Coalesce:
    """Return the expression of the calendar in a query of users."""
    return _of_own_or_team_calendar("pk")


def _of_own_or_team_calendar(column: str) -> Coalesce:
    first_team = Membership.objects.filter(user=OuterRef("pk")).order_by("pk")
    managed = User.objects.filter(pk=OuterRef("pk")).order_by("managed_teams__pk")
    return Coalesce(
        F(f"calendar__{column}"),
        Subquery(first_team.values(f"team__calendar__{column}")[:1]),
        Subquery(managed.values(f"managed_teams__calendar__{column}")[:1]),
        output_field=BigIntegerField(),
    )
