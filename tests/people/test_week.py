"""The next seven days of a person."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from people.week import MINUTES, Bar, week_of
from people.worktime import WorkCalendar, week

BERLIN = ZoneInfo("Europe/Berlin")
MONDAY = datetime(2026, 11, 2, 12, tzinfo=UTC)
OFFICE = WorkCalendar("UTC", week(range(5), (time(9), time(18))), {date(2026, 11, 4): "Founders"})


def test_week_begins_today_and_has_seven_days() -> None:
    days = week_of(OFFICE, [], BERLIN, at=MONDAY)

    assert [day.day for day in days] == [date(2026, 11, 2) + timedelta(n) for n in range(7)]
    assert [day.is_today for day in days] == [True, *[False] * 6]


def test_hours_are_in_the_zone_of_the_person() -> None:
    monday = week_of(OFFICE, [], BERLIN, at=MONDAY)[0]

    ((opens, closes),) = monday.open
    assert (opens.hour, closes.hour) == (10, 19)
    assert monday.bars == [Bar(10 * 60, 9 * 60)]


def test_closed_day_has_its_name_and_weekend_no_hours() -> None:
    days = week_of(OFFICE, [], BERLIN, at=MONDAY)

    assert (days[2].closed, days[2].open) == ("Founders", [])
    assert [day.open for day in days[5:]] == [[], []]


def test_hours_past_midnight_are_split_between_the_days() -> None:
    nights = WorkCalendar("UTC", week(range(5), (time(22), time(6))))

    monday, tuesday = week_of(nights, [], ZoneInfo("UTC"), at=MONDAY)[:2]

    assert monday.bars == [Bar(22 * 60, 2 * 60)]
    assert tuesday.bars == [Bar(0, 6 * 60), Bar(22 * 60, 2 * 60)]


def test_time_off_is_cut_to_each_day() -> None:
    off = (datetime(2026, 11, 2, 15, tzinfo=UTC), datetime(2026, 11, 3, 23, tzinfo=UTC))

    days = week_of(OFFICE, [off], BERLIN, at=MONDAY)

    assert [day.away_bars for day in days[:3]] == [[Bar(16 * 60, 8 * 60)], [Bar(0, MINUTES)], []]


def test_bars_fill_days_of_clock_changes() -> None:
    always = WorkCalendar("UTC", week(range(7), (time(), time())))
    for day in (datetime(2026, 3, 29, 12, tzinfo=UTC), datetime(2026, 10, 25, 12, tzinfo=UTC)):
        changed = week_of(always, [], BERLIN, at=day)[0]

        assert sum(bar.width for bar in changed.bars) == MINUTES
