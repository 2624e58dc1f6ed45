from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django import template
from django.utils import timezone
from django.utils.html import escape
from django.utils.safestring import SafeString

from core.formatting import (
    NO_VALUE,
    count_text,
    count_up_to_text,
    date_text,
    date_time_text,
    duration_text,
    percent_text,
    time_text,
)

register = template.Library()

register.filter("date_text", date_text)
register.filter("time_text", time_text)
register.filter("count", count_text)
register.filter("count_up_to", count_up_to_text)
register.filter("duration", duration_text)


def rate(part: int, of: int) -> SafeString:
    # Of these texts only "<1%" and ">99%" need escaping, and `format_html` takes as long as a row.
    counts = f"{count_text(part)} of {count_text(of)}"
    return SafeString(
        f'<span class="rate">{escape(percent_text(part, of))} '
        f'<span class="rate-of">· {counts}</span></span>'
    )


@register.filter
def moment(at: datetime | None, now: datetime | None = None) -> str | SafeString:
    """Show the date and time in the reader's zone; the year only when it is another one.

    A long list passes its own local `now`: finding the zone takes longer than writing the time.
    """
    if at is None:
        return NO_VALUE
    now = now or timezone.localtime()
    local = at.astimezone(now.tzinfo)
    return _time_element(at, local, date_time_text(local, with_year=local.year != now.year))


@register.filter
def clock_time(at: datetime | None) -> str | SafeString:
    if at is None:
        return NO_VALUE
    local = timezone.localtime(at)
    return _time_element(at, local, time_text(local))


@register.filter
def short_date(day: date) -> str:
    return date_text(day, with_year=False)


@register.filter
def day(at: datetime | None, zone: str = "") -> str | SafeString:
    """Show the date in the reader's zone, or in another one."""
    if at is None:
        return NO_VALUE
    local = timezone.localtime(at, ZoneInfo(zone) if zone else None)
    return _time_element(at, local, date_text(local, with_year=_is_other_year(local)))


def local_minute(at: datetime) -> str:
    """Return the value of an input of the type datetime-local, in the reader's zone."""
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")


def _is_other_year(local: datetime) -> bool:
    return local.year != timezone.now().astimezone(local.tzinfo).year


def _time_element(at: datetime, local: datetime, text: str) -> SafeString:
    # Only numbers and the names of months, days and zones go in, so nothing needs escaping.
    instant = at.astimezone(UTC).isoformat(timespec="seconds")
    exact = (
        f"{date_text(local, with_weekday=True)}, "
        f"{time_text(local, with_seconds=True)} {local.tzname()}"
    )
    return SafeString(f'<time datetime="{instant}" title="{exact}">{text}</time>')
