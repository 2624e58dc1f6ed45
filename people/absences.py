from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet

from core.formatting import date_time_text
from core.permissions import Right
from people.covers import BadAbsence, refuse_cover
from people.models import Absence, User
from people.worktime import instant

MAX_LENGTH: Final = timedelta(days=366)


def members_run_by(manager: User) -> QuerySet[User]:
    """Return the active members of the teams that a user manages."""
    active = User.objects.filter(is_active=True)
    if manager.may(Right.MANAGE_EVERY_TEAM):
        return active
    return active.filter(teams__manager=manager).distinct()


def time_off(
    zone: ZoneInfo,
    *,
    first_day: date,
    last_day: date,
    starts: time | None = None,
    ends: time | None = None,
) -> tuple[datetime, datetime]:
    """Return start and end in the zone of the person; without times, both days are whole."""
    return (
        instant(first_day, starts or time(), zone),
        instant(last_day, ends, zone)
        if ends
        else instant(last_day + timedelta(days=1), time(), zone),
    )


@transaction.atomic
def set_absence(
    *,
    member: User,
    starts_at: datetime,
    ends_at: datetime,
    note: str,
    by: User,
    reassigns_leads: bool = False,
    cover: User | None = None,
) -> Absence:
    """Keep routing from picking a member and freeze their round robin balance for that time."""
    if not members_run_by(by).filter(pk=member.pk).exists():
        raise PermissionDenied
    refuse_length(starts_at, ends_at)
    refuse_overlap(member, starts_at, ends_at)
    if cover is not None:
        refuse_cover(member, cover, starts_at, ends_at)
    return Absence.objects.create(
        user=member,
        starts_at=starts_at,
        ends_at=ends_at,
        note=note,
        reassigns_leads=reassigns_leads,
        cover=cover,
    )


@transaction.atomic
def change_absence(
    *,
    absence_id: int,
    first_day: date,
    last_day: date,
    note: str,
    reassigns_leads: bool,
    by: User,
    at: datetime,
    cover: User | None = None,
) -> Absence | None:
    """Move time off to other days; None if it has ended or was removed.

    A day that stays keeps its time.
    """
    absence = locked_absences().filter(pk=absence_id, ends_at__gt=at).first()
    if absence is None:
        return None
    member = absence.user
    if not members_run_by(by).filter(pk=member.pk).exists():
        raise PermissionDenied
    if last_day < first_day:
        raise BadAbsence("The last day must not be before the first day.")
    starts_at, ends_at = time_off(member.zone, first_day=first_day, last_day=last_day)
    if first_day == first_day_of(absence):
        starts_at = absence.starts_at
    if last_day == last_day_of(absence):
        ends_at = absence.ends_at
    refuse_length(starts_at, ends_at)
    refuse_overlap(member, starts_at, ends_at, besides=absence.pk)
    if cover is not None:
        refuse_cover(member, cover, starts_at, ends_at)
    absence.starts_at, absence.ends_at = starts_at, ends_at
    absence.note, absence.reassigns_leads, absence.cover = note, reassigns_leads, cover
    absence.save(update_fields=["starts_at", "ends_at", "note", "reassigns_leads", "cover"])
    return absence


@transaction.atomic
def name_cover(*, absence_id: int, cover: User | None, by: User, at: datetime) -> Absence | None:
    """Set or remove the cover of time off, one's own or as a manager; None if it has ended."""
    absence = locked_absences().filter(pk=absence_id, ends_at__gt=at).first()
    if absence is None:
        return None
    member = absence.user
    if member != by and not members_run_by(by).filter(pk=member.pk).exists():
        raise PermissionDenied
    if cover is not None:
        refuse_cover(member, cover, max(absence.starts_at, at), absence.ends_at)
    absence.cover = cover
    absence.save(update_fields=["cover"])
    return absence


def locked_absences() -> QuerySet[Absence]:
    """Lock the time off that is read, so that no one else moves or removes it meanwhile."""
    return Absence.objects.select_related("user").select_for_update(of=("self",))


def first_day_of(absence: Absence) -> date:
    return absence.starts_at.astimezone(absence.user.zone).date()


def last_day_of(absence: Absence) -> date:
    """Return the last day in the zone of the person; midnight ends the day before."""
    return (absence.ends_at - timedelta.resolution).astimezone(absence.user.zone).date()


def refuse_length(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise BadAbsence("The end must be after the start.")
    if ends_at - starts_at > MAX_LENGTH:
        raise BadAbsence("Time off can last one year at most. Deactivate users who left.")


def refuse_overlap(
    member: User, starts_at: datetime, ends_at: datetime, *, besides: int | None = None
) -> None:
    """Raise BadAbsence on an overlap; the lock on the member also stops a double click."""
    User.objects.select_for_update(no_key=True).get(pk=member.pk)
    others = member.absences.exclude(pk=besides) if besides else member.absences
    existing = others.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).first()
    if existing is None:
        return
    starts, ends = (
        date_time_text(at.astimezone(member.zone)) for at in (existing.starts_at, existing.ends_at)
    )
    raise BadAbsence(f"{member} already has time off from {starts} to {ends} ({member.zone}).")


@transaction.atomic
def end_absence(*, absence_id: int, by: User, at: datetime) -> User | None:
    """End an absence early: shorten one in progress, delete one that has not started.

    Return its user, or None if it no longer exists.
    """
    absence = locked_absences().filter(pk=absence_id).first()
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
