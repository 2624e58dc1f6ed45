from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from people.worktime import (
    ALWAYS_OPEN,
    CLOSED,
    MIDNIGHT,
    WORKING,
    BadCalendar,
    NeverOpen,
    Span,
    Window,
    WorkCalendar,
    overlap,
    week,
    weekly_time,
)
from tests.examples import examples

WEEKDAYS = range(5)
ONE_HOUR = timedelta(hours=1)
ZERO = timedelta()
BERLIN = ZoneInfo("Europe/Berlin")
FULL_DAY = (MIDNIGHT, MIDNIGHT)


def make_calendar(
    *hours: tuple[time, time],
    zone: str = "UTC",
    days: range = WEEKDAYS,
    closed: dict[date, str] | None = None,
) -> WorkCalendar:
    return WorkCalendar(zone, week(days, *(hours or [(time(9), time(18))])), closed or {})


def utc(day: int, hour: int, minute: int = 0) -> datetime:
    """Return a moment in November 2026; the 2nd is a Monday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=UTC)


def test_saturday_arrival_is_due_monday_an_hour_after_opening() -> None:
    assert make_calendar().add(utc(7, 15), ONE_HOUR) == utc(9, 10)


def test_time_left_on_friday_continues_on_monday() -> None:
    nine_to_five = make_calendar((time(9), time(17)))

    assert nine_to_five.add(utc(6, 16, 30), ONE_HOUR) == utc(9, 9, 30)


def test_warning_an_hour_ahead_is_in_working_hours() -> None:
    eight_to_six = make_calendar((time(8), time(18)))

    assert eight_to_six.add(utc(2, 17), timedelta(hours=4)) == utc(3, 11)
    assert eight_to_six.add(utc(2, 17), timedelta(hours=3)) == utc(3, 10)


def test_always_open_calendar_counts_midnight() -> None:
    assert ALWAYS_OPEN.add(utc(2, 23, 30), timedelta(hours=50)) == utc(5, 1, 30)
    assert ALWAYS_OPEN.between(utc(1, 0), utc(30, 0)) == timedelta(days=29)


def test_arrival_in_the_lunch_break_starts_afterwards() -> None:
    split = make_calendar((time(8), time(12)), (time(13, 30), time(18)))

    assert split.add(utc(2, 12, 30), ONE_HOUR) == utc(2, 14, 30)
    assert split.next_open(utc(2, 12, 30)) == utc(2, 13, 30)


def test_night_shift_runs_past_midnight() -> None:
    night = make_calendar((time(21), time(2)))

    assert night.add(utc(2, 23), timedelta(hours=4)) == utc(3, 22)
    assert night.is_open(utc(7, 1, 59))  # Friday's shift, on Saturday morning
    assert not night.is_open(utc(7, 2))
    assert not night.is_open(utc(2, 1))  # Sunday has no shift


@pytest.mark.parametrize(
    ("zone", "short_day", "long_day", "shift"),
    [
        ("Europe/Berlin", date(2026, 3, 29), date(2026, 10, 25), timedelta(hours=1)),
        ("America/New_York", date(2026, 3, 8), date(2026, 11, 1), timedelta(hours=1)),
        ("Australia/Lord_Howe", date(2026, 10, 4), date(2026, 4, 5), timedelta(minutes=30)),
    ],
)
def test_daylight_saving_changes_the_length_of_a_day(
    zone: str, short_day: date, long_day: date, shift: timedelta
) -> None:
    around_the_clock = make_calendar(FULL_DAY, zone=zone, days=range(7))
    night_shift = make_calendar((MIDNIGHT, time(6)), zone=zone, days=range(7))

    for day, change in ((short_day, -shift), (long_day, shift)):
        start = datetime.combine(day, MIDNIGHT, ZoneInfo(zone))
        end = datetime.combine(day + timedelta(days=1), MIDNIGHT, ZoneInfo(zone))
        assert around_the_clock.between(start, end) == timedelta(days=1) + change
        assert night_shift.between(start, end) == timedelta(hours=6) + change


def test_window_inside_the_skipped_hour_is_empty() -> None:
    nightly = make_calendar((time(2, 15), time(2, 45)), zone="Europe/Berlin", days=range(7))
    start = datetime(2026, 3, 28, 2, 15, tzinfo=BERLIN)

    due = nightly.add(start, ONE_HOUR)

    assert due == datetime(2026, 3, 30, 2, 45, tzinfo=BERLIN)


def test_window_opening_in_the_skipped_hour_opens_after_it() -> None:
    early = make_calendar((time(2, 30), time(6)), zone="Europe/Berlin", days=range(7))

    assert early.next_open(datetime(2026, 3, 29, tzinfo=UTC)) == datetime(
        2026, 3, 29, 1, tzinfo=UTC
    )


def test_day_skipped_in_apia_counts_nothing() -> None:
    apia = make_calendar(FULL_DAY, zone="Pacific/Apia", days=range(7))
    thursday = datetime(2011, 12, 29, tzinfo=ZoneInfo("Pacific/Apia"))
    saturday = datetime(2011, 12, 31, tzinfo=ZoneInfo("Pacific/Apia"))

    assert apia.between(thursday, saturday) == timedelta(days=1)


def test_calendar_that_never_opens_is_refused() -> None:
    with pytest.raises(NeverOpen, match="at least one period of opening hours"):
        WorkCalendar("UTC", ())


def test_calendar_closed_every_day_ahead_is_refused() -> None:
    first = date(2026, 11, 1)
    closed = {first + timedelta(days=n): "Shut" for n in range(12 * 366)}

    with pytest.raises(NeverOpen):
        make_calendar(closed=closed).next_open(utc(2, 9))
    with pytest.raises(NeverOpen):
        make_calendar(closed=closed).add(utc(2, 9), ONE_HOUR)


@pytest.mark.parametrize(
    ("zone", "weekday", "message"),
    [("Europe/Atlantis", 0, "not a time zone"), ("", 0, "not a time zone"), ("UTC", 7, "weekday")],
)
def test_invalid_calendar_is_refused(zone: str, weekday: int, message: str) -> None:
    with pytest.raises(BadCalendar, match=message):
        WorkCalendar(zone, (Window(weekday, time(9), time(17)),))


def test_pause_over_the_weekend_counts_no_closed_time_twice() -> None:
    calendar = make_calendar()
    paused, resumed = utc(6, 17), utc(9, 11)

    left = timedelta(hours=4) - calendar.between(utc(6, 15), paused)

    assert left == timedelta(hours=2)
    assert calendar.add(resumed, left) == utc(9, 13)
    assert calendar.between(paused, resumed) == timedelta(hours=3)


def test_explanation_names_the_closed_day() -> None:
    calendar = make_calendar(closed={date(2026, 11, 6): "Founders' day"})

    spans = calendar.explain(utc(5, 17, 30), ONE_HOUR)

    assert spans == [
        Span(utc(5, 17, 30), utc(5, 18), True, WORKING),
        Span(utc(5, 18), utc(6, 0), False, CLOSED),
        Span(utc(6, 0), utc(7, 0), False, "Founders' day"),
        Span(utc(7, 0), utc(9, 9), False, CLOSED),
        Span(utc(9, 9), utc(9, 9, 30), True, WORKING),
    ]


def test_overlapping_windows_count_once() -> None:
    calendar = make_calendar((time(9), time(13)), (time(12), time(18)), (time(12), time(14)))

    assert calendar.between(utc(2, 0), utc(3, 0)) == timedelta(hours=9)


def test_night_shift_before_a_closed_day_ends_in_the_morning() -> None:
    night = make_calendar((time(21), time(2)), closed={date(2026, 11, 3): "Holiday"})

    assert night.between(utc(2, 12), utc(4, 12)) == timedelta(hours=5)


def test_zero_work_is_due_now_or_at_next_opening() -> None:
    assert make_calendar().add(utc(2, 10), ZERO) == utc(2, 10)
    assert make_calendar().add(utc(7, 10), ZERO) == utc(9, 9)


def test_naive_time_and_negative_work_are_refused() -> None:
    with pytest.raises(ValueError, match="needs a time zone"):
        ALWAYS_OPEN.add(datetime(2026, 11, 2), ONE_HOUR)  # noqa: DTZ001  (it is refused)
    with pytest.raises(ValueError, match="negative"):
        ALWAYS_OPEN.add(utc(2, 9), -ONE_HOUR)


quick = examples(50)
ZONES = [
    "Europe/Berlin",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/St_Johns",
    "America/Havana",
]
quarters = st.integers(0, 95).map(lambda n: time(n // 4, n % 4 * 15))
windows = st.builds(Window, st.integers(0, 6), quarters, quarters)
moments = st.integers(1_230_768_000, 1_924_992_000).map(lambda s: datetime.fromtimestamp(s, UTC))
work = st.integers(0, 60 * 30).map(lambda minutes: timedelta(minutes=minutes))
some_work = work.filter(bool)


@st.composite
def calendars(draw: st.DrawFn) -> WorkCalendar:
    closed = draw(st.sets(st.dates(date(2009, 1, 1), date(2031, 1, 1)), max_size=8))
    return WorkCalendar(
        draw(st.sampled_from(ZONES)),
        tuple(draw(st.lists(windows, min_size=1, max_size=8))),
        dict.fromkeys(closed, "Holiday"),
    )


@quick
@given(calendars(), moments, some_work)
def test_between_returns_the_added_work(
    calendar: WorkCalendar, start: datetime, todo: timedelta
) -> None:
    assert calendar.between(start, calendar.add(start, todo)) == todo


@quick
@given(calendars(), st.tuples(moments, moments, moments))
def test_parts_of_an_interval_add_up(
    calendar: WorkCalendar, at: tuple[datetime, datetime, datetime]
) -> None:
    start, middle, end = sorted(at)

    whole = calendar.between(start, end)

    assert whole == calendar.between(start, middle) + calendar.between(middle, end)


@quick
@given(calendars(), moments, moments, work, work)
def test_later_start_or_more_work_is_never_due_earlier(
    calendar: WorkCalendar, first: datetime, second: datetime, less: timedelta, more: timedelta
) -> None:
    early, late = sorted((first, second))
    small, big = sorted((less, more))

    assert calendar.add(early, small) <= calendar.add(late, small)
    assert calendar.add(early, small) <= calendar.add(early, big)
    assert calendar.add(early, small) >= early


@quick
@given(calendars(), moments, some_work, some_work)
def test_work_in_two_parts_ends_like_one(
    calendar: WorkCalendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    assert calendar.add(calendar.add(start, first), second) == calendar.add(start, first + second)


@quick
@given(calendars(), moments, work)
def test_explanation_spans_tile_the_time_and_sum_to_the_work(
    calendar: WorkCalendar, start: datetime, todo: timedelta
) -> None:
    spans = calendar.explain(start, todo)

    edges = [start, *(span.ends for span in spans)]
    assert [span.starts for span in spans] == edges[:-1]
    assert edges[-1] == calendar.add(start, todo)
    assert sum((span.length for span in spans if span.counted), ZERO) == todo
    assert all(span.length > ZERO for span in spans)
    for span in spans:
        assert calendar.between(span.starts, span.ends) == (span.length if span.counted else ZERO)


@quick
@given(calendars(), moments)
def test_next_open_is_the_first_open_time(calendar: WorkCalendar, at: datetime) -> None:
    opening = calendar.next_open(at)

    assert opening >= at
    assert calendar.is_open(opening)
    assert calendar.between(at, opening) == ZERO
    assert calendar.is_open(at) == (opening == at)


@quick
@given(calendars(), moments)
def test_calendar_round_trips_through_json(calendar: WorkCalendar, at: datetime) -> None:
    again = WorkCalendar.from_json(calendar.as_json())

    assert again == calendar
    assert again.add(at, ONE_HOUR) == calendar.add(at, ONE_HOUR)


@quick
@given(st.sampled_from(ZONES), quarters, quarters, st.dates(date(2009, 1, 1), date(2030, 1, 1)))
def test_open_time_stays_inside_the_local_windows(
    zone: str, first: time, second: time, day: date
) -> None:
    opens, closes = sorted((first, second))
    calendar = WorkCalendar(zone, week(range(7), (opens, closes)))
    noon = datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)

    opening = calendar.next_open(noon)

    local = opening.astimezone(ZoneInfo(zone)).time()
    if opens < closes:
        assert opens <= local < closes


def test_weekly_time_counts_a_sunday_night_and_overlaps_once() -> None:
    windows = [
        Window(6, time(22), time(6)),
        Window(0, time(5), time(9)),
        Window(0, time(8), time(12)),
    ]

    assert weekly_time(windows) == timedelta(hours=14)


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ([Window(6, time(22), time(6)), Window(0, time(5), time(9))], True),
        ([Window(0, time(9), time(12)), Window(0, time(12), time(17))], False),
        ([Window(0, time(9), time(9)), Window(1, time(8), time(9))], True),
        ([Window(day, time(), time()) for day in range(7)], False),
    ],
)
def test_overlap_is_found_across_midnight(windows: list[Window], expected: bool) -> None:
    assert (overlap(windows) is not None) is expected
