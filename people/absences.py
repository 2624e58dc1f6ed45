"""Who is away, set by the one who runs their team."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet

from people.models import Absence, User

LONGEST: Final = timedelta(days=366)


class BadAbsence(ValueError):
    """Worded for the person who set it."""


def members_run_by(manager: User) -> QuerySet[User]:
    """The active members of the teams somebody manages."""
    active = User.objects.filter(is_active=True)
    if manager.is_superuser:
        return active
    return active.filter(teams__manager=manager).distinct()


def set_absence(
    *, member: User, starts_at: datetime, ends_at: datetime, note: str, by: User
) -> Absence:
    """Routing passes by whoever is absent, and their turns stand still (N-07)."""
    if not members_run_by(by).filter(pk=member.pk).exists():
        raise PermissionDenied
    if ends_at <= starts_at:
        raise BadAbsence("An absence ends after it starts.")
    if ends_at - starts_at > LONGEST:
        raise BadAbsence("An absence lasts a year at most; deactivate who left.")
    return Absence.objects.create(user=member, starts_at=starts_at, ends_at=ends_at, note=note)


def end_absence(*, absence_id: int, by: User, at: datetime) -> None:
    """Back early: what has begun ends now and stays on record, what has not never was."""
    mine = Absence.objects.filter(pk=absence_id, user__in=members_run_by(by))
    absence = mine.first()
    if absence is None:
        raise PermissionDenied
    if absence.starts_at >= at:
        absence.delete()
    elif absence.ends_at > at:
        absence.ends_at = at
        absence.save(update_fields=["ends_at"])
