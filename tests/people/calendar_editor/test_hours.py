"""Opening hours are read as people type them."""

from datetime import time, timedelta

import pytest

from core.formatting import DateStyle, Formats, shown_in
from people.admin.calendar_editor.hours import (
    ALL_DAY,
    HoursError,
    TypedHours,
    UnfinishedHours,
    hours_of,
    length_of,
    time_of,
    typed_as,
)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("9", time(9)),
        ("9:00", time(9)),
        ("09.30", time(9, 30)),
        ("0930", time(9, 30)),
        ("9 AM", time(9)),
        ("9:30pm", time(21, 30)),
        ("5 p.m.", time(17)),
        ("12 am", time(0)),
        ("12 PM", time(12)),
        ("17:30", time(17, 30)),
        ("9:00:30 AM", time(9, 0, 30)),
        ("noon", time(12)),
        ("midnight", time(0)),
        ("24:00", time(0)),
    ],
)
def test_time_is_read_as_typed(text: str, read: time) -> None:
    assert time_of(text) == read


@pytest.mark.parametrize("text", ["25", "9:60", "13 pm", "0 am", "nine", "9-17", "٩"])
def test_text_that_is_not_a_time_is_named(text: str) -> None:
    with pytest.raises(HoursError, match=f"“{text}” is not a time."):
        time_of(text)


@pytest.mark.parametrize(
    ("typed", "hours"),
    [
        (TypedHours(), None),
        (TypedHours(" "), None),
        (TypedHours("Closed"), None),
        (TypedHours("24 hours"), ALL_DAY),
        (TypedHours("0:00", "24:00"), ALL_DAY),
        (TypedHours("9", "17"), (time(9), time(17))),
        (TypedHours("9", "midnight"), (time(9), time())),
        (TypedHours("22", "6", is_next_day=True), (time(22), time(6))),
        (TypedHours("10 pm", "6 am next day"), (time(22), time(6))),
        (TypedHours("9", "9", is_next_day=True), (time(9), time(9))),
    ],
)
def test_hours_are_read_as_typed(typed: TypedHours, hours: object) -> None:
    assert hours_of(typed) == hours


@pytest.mark.parametrize(
    ("typed", "error"),
    [
        (
            TypedHours("09:00", "09:00"),
            "This is not after 9:00 AM. Select the next day if it is open for 24 hours.",
        ),
        (
            TypedHours("16:00", "12:00 PM"),
            "This is not after 4:00 PM. Select the next day if it runs into the next day.",
        ),
        (
            TypedHours("9", "5"),
            "This is not after 9:00 AM. Did you mean 5:00 PM? "
            "Select the next day if it runs into the next day.",
        ),
        (
            TypedHours("9", "17", is_next_day=True),
            "Until 5:00 PM of the next day would be more than 24 hours. "
            "Clear the next day, and enter these hours at that day.",
        ),
    ],
)
def test_likely_slip_is_asked_about(typed: TypedHours, error: str) -> None:
    with pytest.raises(HoursError) as caught:
        hours_of(typed)

    assert str(caught.value) == error


@pytest.mark.parametrize(
    ("typed", "missing"), [(TypedHours("9"), "closes"), (TypedHours("", "17"), "opens")]
)
def test_half_of_the_hours_is_unfinished(typed: TypedHours, missing: str) -> None:
    with pytest.raises(UnfinishedHours, match=f"Enter when it {missing}"):
        hours_of(typed)


@pytest.mark.parametrize("style", DateStyle)
@pytest.mark.parametrize(
    "hours",
    [
        ALL_DAY,
        (time(9), time(17)),
        (time(9), time()),
        (time(22), time(6)),
        (time(9), time(9)),
        (time(9, 0, 30), time(12)),
    ],
)
def test_shown_hours_are_read_back(style: DateStyle, hours: tuple[time, time]) -> None:
    with shown_in(Formats(dates=style)):
        assert hours_of(typed_as(hours)) == hours


@pytest.mark.parametrize(
    ("hours", "length"),
    [((time(9), time(17)), 8), (ALL_DAY, 24), ((time(22), time(6)), 8), ((time(18), time()), 6)],
)
def test_length_of_hours(hours: tuple[time, time], length: int) -> None:
    assert length_of(hours) == timedelta(hours=length)
