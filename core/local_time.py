"""Form fields for local times: a time that a clock change doubles or skips is understood."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, timezone
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.timezone import get_current_timezone, override

from core.formatting import date_text, time_text

# Stands for the reader's zone while Django parses, because no clock change is in it.
UNCHANGING: Final = timezone(timedelta(0), "local")


def in_current_zone(local: datetime) -> datetime:
    """Return the earlier moment of a doubled time; raise ValidationError for a skipped one."""
    zone = get_current_timezone()
    at = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    if at.astimezone(zone).replace(tzinfo=None) == local:
        return at
    raise ValidationError(
        f"{time_text(local)} does not exist on {date_text(local)} in the time zone {zone}, "
        "because the clocks go forward. Enter an earlier or a later time.",
        code="skipped_time",
    )


class LocalDateTimeField(forms.DateTimeField):
    def to_python(self, value: Any) -> datetime | None:
        with override(UNCHANGING):
            at = super().to_python(value)
        if at is None or at.tzinfo is not UNCHANGING:
            return at
        return in_current_zone(at.replace(tzinfo=None))


class LocalSplitDateTimeField(forms.SplitDateTimeField):
    def compress(self, data_list: tuple[date, time] | None) -> datetime | None:
        with override(UNCHANGING):
            at = super().compress(data_list)
        return at and in_current_zone(at.replace(tzinfo=None))
