"""Check what a change of a calendar means: in words, and by a lead that is due at another time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from core.formatting import DateStyle, Formats, shown_in
from people.admin.calendar_editor.content import Content, merge_days
from people.admin.calendar_editor.difference import (
    EXAMPLE_WORK,
    changes_between,
    example_of,
    holidays_text,
)
from people.admin.calendar_editor.words import (
    change_of_hours_text,
    hours_text,
    opening_hours_text,
    place_text,
    regions_of,
)
from people.worktime import Window, week

OFFICE = Content(name="Office", windows=week(range(5), (time(9), time(17))))
FRIDAY = datetime(2026, 11, 27, 8, 30, tzinfo=UTC)  # before the opening
CHRISTMAS = {date(2026, 12, 24 + day): "Christmas closing" for day in range(3)}


def with_hours(*windows: Window, keep: tuple[int, ...] = ()) -> Content:
    kept = tuple(row for row in OFFICE.windows if row.weekday in keep)
    return replace(OFFICE, windows=tuple(sorted((*kept, *windows))))


def open_at(opens: time, closes: time, *days: int) -> Content:
    rest = tuple(day for day in range(5) if day not in days)
    return with_hours(*week(days, (opens, closes)), keep=rest)


def words(old: Content, new: Content) -> list[str]:
    return [str(change) for change in changes_between(old, new)]


@pytest.mark.parametrize(
    ("new", "text"),
    [
        (
            open_at(time(8), time(17), *range(5)),
            "Opens at 8:00 AM instead of 9:00 AM, Mon–Fri: 5 more hours a week",
        ),
        (
            open_at(time(9), time(15, 30), 4),
            "Closes at 3:30 PM instead of 5:00 PM, Fri: 1.5 fewer hours a week",
        ),
        (
            open_at(time(10), time(18), 0, 2),
            "Open 10:00 AM–6:00 PM instead of 9:00 AM–5:00 PM, Mon, Wed: as many hours a week",
        ),
        (
            open_at(time(9), time(), 3),
            "Closes at midnight instead of 5:00 PM, Thu: 7 more hours a week",
        ),
        (
            with_hours(keep=(0, 1, 2, 3)),
            "Closed instead of open 9:00 AM–5:00 PM, Fri: 8 fewer hours a week",
        ),
        (
            with_hours(Window(5, time(22), time(6)), keep=tuple(range(5))),
            "Open 10:00 PM–6:00 AM the next day instead of closed, Sat: 8 more hours a week",
        ),
        (
            with_hours(*week([0], (time(9), time(12)), (time(13), time(17))), keep=(1, 2, 3, 4)),
            "Open 9:00 AM–12:00 PM and 1:00 PM–5:00 PM instead of 9:00 AM–5:00 PM, Mon: "
            "1 fewer hour a week",
        ),
        (
            with_hours(*week([6], (time(), time())), keep=tuple(range(5))),
            "Open 24 hours instead of closed, Sun: 24 more hours a week",
        ),
        (replace(OFFICE, name="Berlin"), "Named “Berlin” instead of “Office”"),
        (
            replace(OFFICE, time_zone="America/New_York"),
            "The hours are in the time zone America/New York instead of UTC",
        ),
        (
            replace(OFFICE, country="DE", region="BY"),
            "Closed on the public holidays of Germany, Bayern",
        ),
        (
            replace(OFFICE, closed=CHRISTMAS),
            "Closed on Thu, Dec 24, to Sat, Dec 26, 2026: Christmas closing",
        ),
    ],
)
def test_change_in_words(new: Content, text: str) -> None:
    assert words(OFFICE, new) == [text]


def test_removed_and_renamed_closed_days_in_words() -> None:
    old = replace(OFFICE, closed=CHRISTMAS, country="DE")
    new = replace(OFFICE, closed={date(2026, 12, 24): "Party"}, country="DE", region="")

    assert words(old, new) == [
        "Thu, Dec 24, 2026 is named “Party” instead of “Christmas closing”",
        "No longer closed on Fri, Dec 25, to Sat, Dec 26, 2026: Christmas closing",
    ]


def test_other_holidays_in_words() -> None:
    german, american = replace(OFFICE, country="DE"), replace(OFFICE, country="US", region="NY")

    assert words(german, american) == [
        "Closed on the public holidays of United States, New York instead of Germany"
    ]
    assert words(german, OFFICE) == ["Open on the public holidays of Germany"]
    assert holidays_text(OFFICE.holidays(FRIDAY), german.holidays(FRIDAY), FRIDAY) == (
        "9 public holidays in 12 months instead of 0"
    )


def test_words_follow_the_clock_of_the_reader() -> None:
    with shown_in(Formats(dates=DateStyle.DAY_FIRST)):
        assert words(OFFICE, open_at(time(8), time(17), 0)) == [
            "Opens at 08:00 instead of 09:00, Mon: 1 more hour a week"
        ]


@pytest.mark.parametrize(
    ("minutes", "text"),
    [
        (60, "1 hour"),
        (450, "7.5 hours"),
        (495, "8.25 hours"),
        (440, "7 hours 20 min"),
        (20, "20 minutes"),
        (30, "30 minutes"),
    ],
)
def test_amounts_of_time(minutes: int, text: str) -> None:
    assert hours_text(timedelta(minutes=minutes)) == text


def test_hours_a_week_of_the_same_length() -> None:
    assert change_of_hours_text(timedelta()) == "as many hours a week"


def test_days_with_equal_hours_are_grouped() -> None:
    windows = (*week((0, 1, 2, 4), (time(9), time(17))), Window(5, time(), time()))

    assert opening_hours_text(windows) == "Mon, Tue, Wed, Fri 9:00 AM–5:00 PM; Sat 24 hours"


def test_regions_have_names() -> None:
    assert place_text("FR", "971") == "France, Guadeloupe"
    assert ("BY", "Bayern") in regions_of("DE")
    assert place_text("DE", "ZZ") == "Germany, ZZ"
    assert regions_of("XX") == ()


def test_lead_offered_now_is_due_at_another_time() -> None:
    """Friday 8:30: 4 hours from 9:00 are over at 13:00, from 8:30 at 12:30."""
    new = open_at(time(8), time(17), *range(5))

    example = example_of(OFFICE.working_time(FRIDAY), new.working_time(FRIDAY), FRIDAY)

    assert example is not None
    assert example.text(FRIDAY) == (
        "A lead that is offered now and has 4 working hours would be due "
        "Fri 12:30 PM instead of Fri 1:00 PM."
    )


def test_example_waits_for_the_first_lead_that_the_change_concerns() -> None:
    """A closing time on Mondays concerns no lead of Friday morning."""
    new = open_at(time(9), time(12), 0)

    example = example_of(OFFICE.working_time(FRIDAY), new.working_time(FRIDAY), FRIDAY)

    assert example is not None
    assert example.text(FRIDAY) == (
        "A lead that is offered on Fri 5:00 PM and has 4 working hours would be due "
        "Tue 10:00 AM instead of Mon 1:00 PM."
    )


def test_example_of_a_closed_day_far_ahead() -> None:
    new = replace(OFFICE, closed={date(2027, 3, 1): "Inventory"})

    example = example_of(OFFICE.working_time(FRIDAY), new.working_time(FRIDAY), FRIDAY)

    assert example is not None
    assert example.text(FRIDAY) == (
        "A lead that is offered on Mon, Mar 1, 2027, 9:00 AM and has 4 working hours would be due "
        "Tue, Mar 2, 2027, 1:00 PM instead of Mon, Mar 1, 2027, 1:00 PM."
    )


def test_change_without_consequence_has_no_example() -> None:
    on_a_sunday = replace(OFFICE, closed={date(2026, 12, 27): "Cleaning"})
    old = OFFICE.working_time(FRIDAY)

    assert example_of(old, on_a_sunday.working_time(FRIDAY), FRIDAY) is None
    assert example_of(old, OFFICE.working_time(FRIDAY), FRIDAY) is None


def test_example_agrees_with_a_count_minute_by_minute() -> None:
    """Also in the night when the clocks of Berlin change."""
    at = datetime(2026, 10, 24, 9, tzinfo=UTC)
    berlin = replace(OFFICE, time_zone="Europe/Berlin", windows=week(range(7), (time(22), time(6))))
    new = replace(berlin, windows=week(range(7), (time(23), time(6))))
    example = example_of(berlin.working_time(at), new.working_time(at), at)
    assert example is not None

    for content, due in ((berlin, example.before), (new, example.after)):
        value, moment, worked = content.working_time(at), example.offered, timedelta()
        while worked < EXAMPLE_WORK:
            worked += timedelta(minutes=1) if value.is_open(moment) else timedelta()
            moment += timedelta(minutes=1)
        assert moment == due


def test_values_are_read_back() -> None:
    content = replace(OFFICE, country="DE", region="BY", closed=CHRISTMAS, time_zone="Asia/Tokyo")

    assert Content.from_values(content.as_values()) == content


def test_changes_of_two_editors_are_merged_by_day() -> None:
    base = OFFICE.as_values()
    mine = open_at(time(8), time(17), 0).as_values()
    theirs = replace(open_at(time(10), time(17), 1), closed=CHRISTMAS).as_values()

    merged = merge_days(base, theirs, mine)

    assert merged.conflicts == frozenset()
    content = Content.from_values(merged.values)
    assert content.closed == CHRISTMAS
    assert [content.hours(day)[0][0] for day in range(3)] == [time(8), time(10), time(9)]


def test_the_same_day_changed_twice_is_a_conflict() -> None:
    base = OFFICE.as_values()
    mine, theirs = (open_at(time(hour), time(17), 0).as_values() for hour in (8, 10))

    assert merge_days(base, theirs, mine).conflicts == {"hours-0"}
    assert merge_days(base, mine, mine).conflicts == frozenset()
    assert merge_days(base, theirs, mine).values["hours-0"] == theirs["hours-0"]
