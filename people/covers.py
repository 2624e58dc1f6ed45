"""Tell who covers for people who are away, and refuse a cover who cannot."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet, Subquery

from core.permissions import Right
from people.choices import able_users
from people.models import Absence, Membership, User

# `covered_by` in SQL: the people for whom a user, `%(user)s`, is the cover at `%(at)s`.
COVERED_SQL: Final = """
SELECT absence.user_id FROM people_absence AS absence
WHERE absence.cover_id = %(user)s AND absence.starts_at <= %(at)s AND absence.ends_at > %(at)s
    AND EXISTS (
        SELECT FROM people_membership AS own JOIN people_membership AS other USING (team_id)
        WHERE own.user_id = absence.cover_id AND other.user_id = absence.user_id
    )
"""


class BadAbsence(ValueError):
    """Worded for whoever enters the time off."""

    field = "last_day"


class BadCover(BadAbsence):
    field = "cover"


def possible_covers(member: User) -> QuerySet[User]:
    """Return the colleagues in a team with the member who may answer leads."""
    shared = Membership.objects.filter(user=OuterRef("pk"), team__memberships__user=member)
    return able_users(Right.ANSWER_HANDOFFS).filter(Exists(shared)).exclude(pk=member.pk).distinct()


def covered_absences(*, at: datetime) -> QuerySet[Absence]:
    """Return the absences in progress with a cover who is still in a team with the person."""
    shared = Membership.objects.filter(
        user=OuterRef("cover"), team__memberships__user=OuterRef("user")
    )
    return Absence.objects.at(at).filter(Exists(shared))


def covered_by(user: User, *, at: datetime) -> QuerySet[Absence]:
    return covered_absences(at=at).filter(cover=user)


def available_covers(*, at: datetime) -> QuerySet[Absence]:
    """Return the covered absences whose cover can act on a request now."""
    away = Absence.objects.at(at).filter(user=OuterRef("cover"))
    able = able_users(Right.ANSWER_HANDOFFS).values("pk")
    return covered_absences(at=at).filter(~Exists(away), cover__in=able)


def cover_of(person: str, *, at: datetime) -> Subquery:
    """Return the expression of the available cover of `person`, a column of the outer query."""
    covered = available_covers(at=at).filter(user=OuterRef(person))
    ids = covered.order_by("-ends_at", "pk").values("cover")
    return Subquery(ids[:1], output_field=BigIntegerField())


def covered_now(person_ids: Collection[int], *, at: datetime) -> dict[int, Absence]:
    """Return the absences with an available cover, by person; like `cover_of`, one for each."""
    covered = available_covers(at=at).filter(user__in=person_ids).select_related("user")
    return {absence.user_id: absence for absence in covered.order_by("ends_at", "-pk")}


def refuse_cover(member: User, cover: User, starts_at: datetime, ends_at: datetime) -> None:
    """Raise BadCover if a person cannot cover for the member in that time."""
    if cover.pk == member.pk:
        raise BadCover(f"{member} cannot cover for themselves. Choose a colleague.")
    if not cover.is_active or not cover.may(Right.ANSWER_HANDOFFS):
        raise BadCover(f"{cover} may not answer leads. Choose someone who may.")
    if not possible_covers(member).filter(pk=cover.pk).exists():
        raise BadCover(f"{cover} is not in a team with {member}. Choose a teammate.")
    if is_away_throughout(cover, starts_at, ends_at):
        raise BadCover(f"{cover} is away the whole time. Choose someone who is there.")


def is_away_throughout(person: User, starts_at: datetime, ends_at: datetime) -> bool:
    away = person.absences.filter(starts_at__lt=ends_at, ends_at__gt=starts_at)
    for starts, ends in away.order_by("starts_at").values_list("starts_at", "ends_at"):
        if starts > starts_at:
            return False
        starts_at = max(starts_at, ends)
    return starts_at >= ends_at
