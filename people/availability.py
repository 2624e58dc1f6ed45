"""Who could take something now: one read for whole teams; upper floors know what each holds."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from django.db.models import (
    BigIntegerField,
    BooleanField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
)
from django.db.models.functions import Coalesce

from people.calendars import value_of
from people.models import Absence, Membership, User


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
    is_absent: bool

    def is_working(self, at: datetime) -> bool:
        return value_of(self.edition_id).is_open(at)


def availability(team_ids: Collection[int], *, at: datetime) -> list[Availability]:
    """Every member of the teams, in a fixed order, with what speaks for and against them."""
    return _read(Membership.objects.filter(team__in=team_ids), at)


def availability_of(user_id: int, *, at: datetime) -> Availability | None:
    """One person by their first team; nobody who is in no team is ever picked."""
    return next(iter(_read(Membership.objects.filter(user=user_id), at)), None)


def _read(memberships: QuerySet[Membership], at: datetime) -> list[Availability]:
    absent = Absence.objects.at(at).filter(user=OuterRef("user"))
    rows = memberships.order_by("pk").values_list(
        "pk",
        "team_id",
        "user_id",
        "user__name",
        "weight",
        "capacity",
        "balance",
        "last_turn_at",
        Coalesce(
            F("user__calendar__current_edition_id"),
            F("team__calendar__current_edition_id"),
            output_field=BigIntegerField(),
        ),
        ExpressionWrapper(Q(user__is_active=True, team__is_active=True), BooleanField()),
        Exists(absent),
    )
    return [Availability(*row) for row in rows]


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
