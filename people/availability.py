"""Who could take something now: one read for whole teams; upper floors know what each holds."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.db import connection
from django.db.models import BigIntegerField, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from core.permissions import Right
from people.calendars import value_of
from people.models import Membership, User
from people.roles import roles_with


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

    def is_working(self, at: datetime) -> bool:
        return value_of(self.edition_id).is_open(at)


ANSWERING: Final = [role.label for role in roles_with(Right.ANSWER_HANDOFFS)]
STAFF: Final = Membership.objects.filter(user__is_active=True, team__is_active=True)
MAY_ANSWER: Final = Q(user__groups__name__in=ANSWERING)
# Written out: building it anew for every lead would cost more than reading it.
READ: Final = """
SELECT seat.id, seat.team_id, seat.user_id, person.name, seat.weight, seat.capacity, seat.balance,
    seat.last_turn_at, COALESCE(own.current_edition_id, of_team.current_edition_id),
    person.is_active AND team.is_active,
    EXISTS (
        SELECT FROM people_user_groups AS held JOIN auth_group AS role ON role.id = held.group_id
        WHERE held.user_id = seat.user_id AND role.name = ANY(%(answering)s)
    ),
    EXISTS (
        SELECT FROM people_absence
        WHERE user_id = seat.user_id AND starts_at <= %(at)s AND ends_at > %(at)s
    )
FROM people_membership AS seat
JOIN people_user AS person ON person.id = seat.user_id
JOIN people_team AS team ON team.id = seat.team_id
JOIN people_workcalendar AS of_team ON of_team.id = team.calendar_id
LEFT JOIN people_workcalendar AS own ON own.id = person.calendar_id
WHERE {where} ORDER BY {order} {lock}
"""
IN_TEAMS: Final = "seat.team_id = ANY(%(teams)s)"
OF_TEAMS: Final = READ.format(where=IN_TEAMS, order="seat.id", lock="")
# Who waited for a turn gets the row as the other one left it.
LOCKED: Final = READ.format(where=IN_TEAMS, order="seat.id", lock="FOR NO KEY UPDATE OF seat")
OF_USER: Final = READ.format(
    where="seat.user_id = %(user)s",
    order="team.is_active DESC, array_position(%(preferred)s::bigint[], seat.team_id), seat.id",
    lock="LIMIT 1",
)


def availability(
    team_ids: Collection[int], *, at: datetime, lock: bool = False
) -> list[Availability]:
    """Every member of the teams, in a fixed order, with what speaks for and against them."""
    return _read(LOCKED if lock else OF_TEAMS, at, teams=list(team_ids))


def availability_of(
    user_id: int, *, at: datetime, preferred_team_ids: Collection[int] = ()
) -> Availability | None:
    """One person in one of their teams: an active one, the first of the preferred, the oldest seat.

    Nobody who is in no team is ever picked.
    """
    found = _read(OF_USER, at, user=user_id, preferred=list(preferred_team_ids))
    return next(iter(found), None)


def _read(sql: str, at: datetime, **which: Any) -> list[Availability]:
    with connection.cursor() as cursor:
        cursor.execute(sql, {"at": at, "answering": ANSWERING, **which})
        return [Availability(*row) for row in cursor.fetchall()]


def editions_of(user_ids: Collection[int]) -> dict[int, int | None]:
    """The calendar edition each active person works by: their own, else their first team's."""
    first_team = Membership.objects.filter(user=OuterRef("pk")).order_by("pk")
    managed = User.objects.filter(pk=OuterRef("pk")).order_by("managed_teams__pk")
    rows = User.objects.filter(pk__in=user_ids, is_active=True).values_list(
        "pk",
        Coalesce(
            F("calendar__current_edition_id"),
            Subquery(first_team.values("team__calendar__current_edition_id")[:1]),
            Subquery(managed.values("managed_teams__calendar__current_edition_id")[:1]),
            output_field=BigIntegerField(),
        ),
    )
    return dict(rows)
