"""How figures and moments read on every page: counts beside rates, spans in words, local times."""

from datetime import UTC, datetime, timedelta

from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()

NONE = "–"
THIN = "\N{NARROW NO-BREAK SPACE}"
SPACE = "\N{NO-BREAK SPACE}"
MINUTE, HOUR, DAY = 60, 3600, 86400
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS = (
    *("Jan", "Feb", "Mar", "Apr", "May", "Jun"),
    *("Jul", "Aug", "Sep", "Oct", "Nov", "Dec"),
)
TWO = [f"{number:02}" for number in range(60)]


@register.filter
def count(number: int | None) -> str:
    return NONE if number is None else f"{number:,}"


@register.simple_tag
def percent(part: int, of: int) -> str:
    """Never rounds to 0 % what happened, nor to 100 % what did not always happen."""
    if not of:
        return NONE
    rounded = (200 * part + of) // (2 * of)
    if rounded <= 0 < part:
        return f"<1{THIN}%"
    if rounded >= 100 and part < of:
        return f">99{THIN}%"
    return f"{rounded}{THIN}%"


@register.simple_tag
def rate(part: int, of: int) -> SafeString:
    return format_html(
        '<span class="rate">{} <span class="rate-of">· {} of {}</span></span>',
        percent(part, of),
        count(part),
        count(of),
    )


@register.filter
def duration(span: timedelta | None) -> str:
    """Two units at most, always rounded down: 45 s, 38 min, 3 h 5 min, 2 d 4 h, 23 d."""
    if span is None:
        return NONE
    seconds = int(span.total_seconds())
    if seconds < 0:
        return f"−{duration(-span)}"
    if seconds < MINUTE:
        return f"{seconds}{SPACE}s"
    if seconds < HOUR:
        return f"{seconds // MINUTE}{SPACE}min"
    if seconds < DAY:
        return _two(seconds // HOUR, "h", seconds % HOUR // MINUTE, "min")
    days = seconds // DAY
    return _two(days, "d", seconds % DAY // HOUR if days < 14 else 0, "h")


def _two(large: int, large_unit: str, small: int, small_unit: str) -> str:
    text = f"{large}{SPACE}{large_unit}"
    return f"{text}{SPACE}{small}{SPACE}{small_unit}" if small else text


@register.filter
def moment(at: datetime | None) -> str | SafeString:
    """The reader's local time; the exact instant shows on hover."""
    if at is None:
        return NONE
    local = timezone.localtime(at)
    return _time(local, f"{_date(local)}, {_clock(local)}")


@register.filter
def clock_time(at: datetime | None) -> str | SafeString:
    if at is None:
        return NONE
    local = timezone.localtime(at)
    return _time(local, _clock(local))


@register.filter
def day(at: datetime | None) -> str | SafeString:
    if at is None:
        return NONE
    local = timezone.localtime(at)
    return _time(local, _date(local))


# Put together by hand: a list has hundreds of moments, and strftime takes as long as the rest.
def _date(local: datetime) -> str:
    this_year = timezone.now().astimezone(local.tzinfo).year
    return _day(local) if local.year == this_year else f"{_day(local)} {local.year}"


def _day(local: datetime) -> str:
    return f"{local.day} {MONTHS[local.month - 1]}"


def _clock(local: datetime) -> str:
    return f"{TWO[local.hour]}:{TWO[local.minute]}"


def _time(local: datetime, text: str) -> SafeString:
    """Only figures and names of days and zones go in, so nothing needs escaping."""
    instant = local.astimezone(UTC).isoformat(timespec="seconds")
    exact = (
        f"{WEEKDAYS[local.weekday()]} {_day(local)} {local.year}, "
        f"{_clock(local)}:{TWO[local.second]} {local.tzname()}"
    )
    return SafeString(f'<time datetime="{instant}" title="{exact}">{text}</time>')
