"""Compute business time: weekly local windows become UTC intervals, and all sums are in UTC."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final
from zoneinfo import ZoneInfo

WORKING: Final = "working hours"
CLOSED: Final = "closed"
MIDNIGHT: Final = time()
DAY: Final = timedelta(days=1)
MONDAY: Final = datetime(2001, 1, 1)  # noqa: DTZ001  # any Monday, for weeks without a zone
ZERO: Final = timedelta()
BLOCK_DAYS: Final = 32
LOOKAHEAD_BLOCKS: Final = 120  # about ten years
CACHED_BLOCKS: Final = 256


class BadCalendar(ValueError):
    """An invalid calendar; the message is shown to its editor."""


class NeverOpen(BadCalendar):
    """There is no open time, or not enough of it within the look-ahead."""


@dataclass(frozen=True, slots=True, order=True)
class Window:
    """Weekly opening in local time; `closes` not after `opens` runs into the next day."""

    weekday: int
    opens: time
    closes: time

    def __post_init__(self) -> None:
        if not 0 <= self.weekday <= 6:
            raise BadCalendar(f"A weekday is 0 (Monday) to 6 (Sunday), not {self.weekday}.")


@dataclass(frozen=True, slots=True)
class Span:
    """One interval between a start and its due time."""

    starts: datetime
    ends: datetime
    counted: bool
    reason: str

    @property
    def length(self) -> timedelta:
        return self.ends - self.starts


@dataclass(frozen=True, slots=True)
class _Block:
    """The open time of some consecutive local days: disjoint, in order, with running sums."""

    starts: datetime
    opens: list[datetime]
    closes: list[datetime]
    sums: list[timedelta]  # open time up to and including each window

    @property
    def total(self) -> timedelta:
        return self.sums[-1] if self.sums else ZERO

    def worked(self, at: datetime) -> timedelta:
        """Return the open time in this block before `at`."""
        index = bisect_right(self.opens, at) - 1
        if index < 0:
            return ZERO
        closes = self.closes[index]
        return self.sums[index] - (closes - at) if at < closes else self.sums[index]

    def moment(self, worked: timedelta) -> datetime:
        index = bisect_left(self.sums, worked)
        return self.closes[index] - (self.sums[index] - worked)


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Weekly windows in a zone, without the closed days; a window belongs to the day it opens."""

    zone: str
    windows: tuple[Window, ...]
    closed: Mapping[date, str] = field(default_factory=dict)
    _tz: ZoneInfo = field(init=False, repr=False, compare=False)
    _blocks: dict[int, _Block] = field(init=False, repr=False, compare=False, default_factory=dict)

    def __post_init__(self) -> None:
        if not self.windows:
            raise NeverOpen("Add at least one period of opening hours.")
        try:
            object.__setattr__(self, "_tz", ZoneInfo(self.zone))
        except (KeyError, ValueError, OSError):
            raise BadCalendar(f"“{self.zone}” is not a time zone.") from None
        object.__setattr__(self, "windows", tuple(sorted(set(self.windows))))

    def __hash__(self) -> int:
        return hash((self.zone, self.windows, len(self.closed)))

    def add(self, start: datetime, work: timedelta) -> datetime:
        """Return the UTC moment at which `work` of open time has passed since `start`."""
        if work < ZERO:
            raise ValueError("Work cannot be negative.")
        if not work:
            return self.next_open(start)
        at, left = _utc(start), work
        for block in self._blocks_from(at):
            worked = block.worked(at)
            ahead = block.total - worked
            if left <= ahead:
                return block.moment(worked + left)
            left -= ahead
        raise NeverOpen(
            f"There are less than {work} of opening hours in the ten years after {start}."
        )

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Return the open time from `start` to `end`; none when `end` is not later."""
        begin, until = _utc(start), _utc(end)
        worked = ZERO
        number = self._block_number(begin)
        while (block := self._block(number)).starts < until:
            worked += block.worked(until) - block.worked(begin)
            number += 1
        return max(worked, ZERO)

    def is_open(self, at: datetime) -> bool:
        return self.next_open(at) == at

    def next_open(self, at: datetime) -> datetime:
        """Return `at` itself when it is open, else the next opening."""
        for opens, _ in self._open_after(_utc(at)):
            return opens
        raise NeverOpen(f"This calendar has no opening hours in the ten years after {at}.")

    def open_between(self, start: datetime, end: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield the open stretches of a time, cut to it."""
        until = _utc(end)
        for opens, closes in self._open_after(_utc(start)):
            if opens >= until:
                return
            yield opens, min(closes, until)

    def explain(self, start: datetime, work: timedelta) -> list[Span]:
        """Split the time from start to due time into spans; the counted ones sum to `work`."""
        at, due = _utc(start), self.add(start, work)
        spans: list[Span] = []
        for opens, closes in self._open_after(at):
            spans += self._skipped(at, min(opens, due))
            if opens >= due:
                break
            spans.append(Span(opens, min(closes, due), True, WORKING))
            at = closes
        return list(_joined(spans))

    def as_json(self) -> dict[str, Any]:
        return {
            "zone": self.zone,
            "windows": [
                [window.weekday, window.opens.isoformat(), window.closes.isoformat()]
                for window in self.windows
            ],
            "closed": {day.isoformat(): self.closed[day] for day in sorted(self.closed)},
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "WorkCalendar":
        return cls(
            data["zone"],
            tuple(
                Window(weekday, time.fromisoformat(opens), time.fromisoformat(closes))
                for weekday, opens, closes in data["windows"]
            ),
            {date.fromisoformat(day): name for day, name in data["closed"].items()},
        )

    def _open_after(self, at: datetime) -> Iterator[tuple[datetime, datetime]]:
        """Yield what is open from `at` on, the first piece cut to start no earlier than `at`."""
        for block in self._blocks_from(at):
            for index in range(bisect_right(block.closes, at), len(block.closes)):
                yield max(block.opens[index], at), block.closes[index]

    def _skipped(self, start: datetime, end: datetime) -> Iterator[Span]:
        day = start.astimezone(self._tz).date()
        while start < end:
            day += DAY
            midnight = min(max(instant(day, MIDNIGHT, self._tz), start), end)
            if start < midnight:
                yield Span(start, midnight, False, self.closed.get(day - DAY, CLOSED))
            start = midnight

    def _blocks_from(self, at: datetime) -> Iterator[_Block]:
        number = self._block_number(at)
        return (self._block(n) for n in range(number, number + LOOKAHEAD_BLOCKS))

    def _block_number(self, at: datetime) -> int:
        return at.astimezone(self._tz).toordinal() // BLOCK_DAYS

    def _block(self, number: int) -> _Block:
        block = self._blocks.get(number)
        if block is None:
            if len(self._blocks) >= CACHED_BLOCKS:
                self._blocks.clear()
            block = self._blocks[number] = self._built(number)
        return block

    def _built(self, number: int) -> _Block:
        first = date.fromordinal(number * BLOCK_DAYS)
        starts = instant(first, MIDNIGHT, self._tz)
        ends = instant(first + BLOCK_DAYS * DAY, MIDNIGHT, self._tz)
        # The evening before may run into the first day.
        days = (first + offset * DAY for offset in range(-1, BLOCK_DAYS))
        block = _Block(starts, [], [], [])
        for opens, closes in _merged(span for day in days for span in self._day(day)):
            inside = max(opens, starts), min(closes, ends)
            if inside[0] < inside[1]:
                block.sums.append(block.total + (inside[1] - inside[0]))
                block.opens.append(inside[0])
                block.closes.append(inside[1])
        return block

    def _day(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        if day in self.closed:
            return
        for window in self.windows:
            if window.weekday == day.weekday():
                last = day if window.closes > window.opens else day + DAY
                yield (
                    instant(day, window.opens, self._tz),
                    instant(last, window.closes, self._tz),
                )


def week(days: Iterable[int], *hours: tuple[time, time]) -> tuple[Window, ...]:
    """Return windows with the same hours on several weekdays."""
    return tuple(Window(day, opens, closes) for day in days for opens, closes in hours)


def weekly_time(windows: Iterable[Window]) -> timedelta:
    """Return the open time of a week without closed days and clock changes."""
    starts, ends = MONDAY + 7 * DAY, MONDAY + 14 * DAY
    spans = ((opens, closes) for opens, closes, _ in _spans_of_weeks(windows))
    inside = ((max(opens, starts), min(closes, ends)) for opens, closes in _merged(spans))
    return sum((closes - opens for opens, closes in inside if opens < closes), ZERO)


def overlap(windows: Iterable[Window]) -> tuple[Window, Window] | None:
    """Return the first two windows that are open at the same time."""
    spans = _spans_of_weeks(windows)
    for (_, closes, window), (opens, _, following) in pairwise(spans):
        if opens < closes:
            return window, following
    return None


def _spans_of_weeks(windows: Iterable[Window]) -> list[tuple[datetime, datetime, Window]]:
    """Return the windows of three weeks, so that a Sunday night meets the Monday after it."""
    spans = []
    for window in windows:
        for week in range(3):
            day = MONDAY + (7 * week + window.weekday) * DAY
            opens = datetime.combine(day, window.opens)
            closes = datetime.combine(
                day if window.closes > window.opens else day + DAY, window.closes
            )
            spans.append((opens, closes, window))
    return sorted(spans)


def _utc(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("A datetime needs a time zone.")
    return at.astimezone(UTC)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the first instant when local time is `at` on `day`, or when it skips that time."""
    local = datetime.combine(day, at, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    before, after = local.replace(fold=1).astimezone(UTC), moment
    offset = before.astimezone(zone).utcoffset()
    while after - before > timedelta(seconds=1):
        middle = before + timedelta(seconds=(after - before) // timedelta(seconds=2))
        if middle.astimezone(zone).utcoffset() == offset:
            before = middle
        else:
            after = middle
    return after


def _merged(spans: Iterable[tuple[datetime, datetime]]) -> Iterator[tuple[datetime, datetime]]:
    """Merge spans that touch or overlap; drop empty ones, as of a window inside a skipped hour."""
    kept: tuple[datetime, datetime] | None = None
    for opens, closes in sorted(span for span in spans if span[0] < span[1]):
        if kept and opens <= kept[1]:
            kept = kept[0], max(kept[1], closes)
            continue
        if kept:
            yield kept
        kept = opens, closes
    if kept:
        yield kept


def _joined(spans: list[Span]) -> Iterator[Span]:
    """Merge neighboring spans with the same reason."""
    open_span: Span | None = None
    for span in spans:
        if open_span and (open_span.counted, open_span.reason) == (span.counted, span.reason):
            open_span = Span(open_span.starts, span.ends, span.counted, span.reason)
            continue
        if open_span:
            yield open_span
        open_span = span
    if open_span:
        yield open_span


ALWAYS_OPEN: Final = WorkCalendar("UTC", week(range(7), (MIDNIGHT, MIDNIGHT)))
