"""List the sources and campaigns that imports created, until someone has checked them."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet

from intake.models import CreatedCode
from people.models import User


def unchecked_codes() -> QuerySet[CreatedCode]:
    unchecked = CreatedCode.objects.filter(checked_at=None)
    return unchecked.select_related("run", "source", "campaign").order_by("-pk")


def keep_code(created_id: int, *, by: User, at: datetime) -> CreatedCode | None:
    """Mark it as checked; None if someone else was faster."""
    row = unchecked_codes().filter(pk=created_id).first()
    if row is None or not unchecked_codes().filter(pk=created_id).update(
        checked_at=at, checked_by=by
    ):
        return None
    return row
