"""Who is away, set by the one who runs their team."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from core.formatting import date_time_text
from core.permissions import Right
from people.models import Absence, User

LONGEST: Final = timedelta(days=366)


class BadAbsence(ValueError):
    """Worded for the person who set it."""


def members_run_by(manager: User) -> QuerySet[User]:
    """The active members of the teams somebody manages."""
    active = User.objects.filter(is_active=True)
    if manager.may(Right.MANAGE_EVERY_TEAM):
        return active
    return active.filter(teams__manager=manager).distinct()


@transaction.atomic
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
    refuse_overlap(member, starts_at, ends_at, reader=by)
    return Absence.objects.create(user=member, starts_at=starts_at, ends_at=ends_at, note=note)


def refuse_overlap(member: User, starts_at: datetime, ends_at: datetime, *, reader: User) -> None:
    """Under a lock on the member, so that a button pressed twice finds what it did first."""
    User.objects.select_for_update(no_key=True).get(pk=member.pk)
    existing = member.absences.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).first()
    if existing is None:
        return
    starts, ends = (
        date_time_text(at.astimezone(reader.zone)) for at in (existing.starts_at, existing.ends_at)
    )
    raise BadAbsence(f"{member} already has time off from {starts} to {ends}.")


def end_absence(*, absence_id: int, by: User, at: datetime) -> User | None:
    """Back early: what has begun ends now and stays on record, what has not never was.

    Returns whose it was; nobody when it is gone already.
    """
    absence = Absence.objects.select_related("user").filter(pk=absence_id).first()
    if absence is None:
        return None
    if not members_run_by(by).filter(pk=absence.user_id).exists():
        raise PermissionDenied
    if absence.starts_at >= at:
        absence.delete()
    elif absence.ends_at > at:
        absence.ends_at = at
        absence.save(update_fields=["ends_at"])
    return absence.user
