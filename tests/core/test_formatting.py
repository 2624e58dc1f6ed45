from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from core.formatting import (
    DateStyle,
    Formats,
    NumberStyle,
    amount_text,
    count_text,
    count_up_to_text,
    counted,
    date_text,
    date_time_text,
    duration_text,
    long_date_text,
    number_text,
    percent_text,
    sentence,
    shown_in,
    time_text,
    use_formats,
    weekday_time_text,
    working_time_text,
)
from core.macros import icon
from core.templatetags.countdowns import countdown, countdown_state, countdown_text
from core.templatetags.formatting import clock_time, day, moment, rate
from core.templatetags.frame import initials

MONDAY_9AM = datetime(2026, 3, 2, 9, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [
        ("12500.00", "EUR", "12,500 EUR"),
        ("12500.50", "USD", "12,500.50 USD"),
        ("900", "", "900"),
    ],
)
def test_amount_has_cents_only_if_there_are_any(amount: str, currency: str, text: str) -> None:
    assert amount_text(Decimal(amount), currency) == text.replace(" ", "\N{NO-BREAK SPACE}")


@pytest.mark.parametrize(
    ("part", "of", "text"),
    [
        (0, 0, "–"),
        (0, 178, "0%"),
        (41, 178, "23%"),
        (1, 8, "13%"),
        (1, 2000, "<1%"),
        (1999, 2000, ">99%"),
        (2000, 2000, "100%"),
        (3, 2, "150%"),
    ],
)
def test_percent_rounds_to_0_and_100_only_when_exact(part: int, of: int, text: str) -> None:
    assert percent_text(part, of) == text


def test_rate_shows_its_counts() -> None:
    assert rate(1041, 2178) == (
        '<span class="rate">48% <span class="rate-of">· 1,041 of 2,178</span></span>'
    )


def test_missing_count_is_a_dash_and_zero_is_0() -> None:
    assert count_text(None) == "–"
    assert count_text(0) == "0"


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(minutes=38, seconds=59), "38 min"),
        (timedelta(hours=3), "3 h"),
        (timedelta(hours=3, minutes=5), "3 h 5 min"),
        (timedelta(days=2, hours=4, minutes=59), "2 d 4 h"),
        (timedelta(days=23, hours=4), "23 d"),
        (timedelta(minutes=-5), "−5 min"),
    ],
)
def test_duration_has_two_units_at_most(span: timedelta, text: str) -> None:
    assert duration_text(span).replace("\u00a0", " ") == text


def test_missing_duration_is_a_dash() -> None:
    assert duration_text(None) == "–"


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (time(0, 0), "12:00 AM"),
        (time(9, 5), "9:05 AM"),
        (time(12, 0), "12:00 PM"),
        (time(23, 1), "11:01 PM"),
    ],
)
def test_time_has_twelve_hours(at: time, text: str) -> None:
    assert time_text(at) == text


def test_date_has_weekday_and_year_on_request() -> None:
    day = date(2026, 11, 27)

    assert date_text(day) == "Nov 27, 2026"
    assert date_text(day, with_year=False) == "Nov 27"
    assert date_text(day, with_weekday=True) == "Fri, Nov 27, 2026"
    assert long_date_text(day) == "Friday, November 27, 2026"


def test_date_time_has_weekday_and_year_on_request() -> None:
    at = datetime(2026, 11, 27, 23, 1, tzinfo=UTC)

    assert date_time_text(at) == "Nov 27, 2026, 11:01 PM"
    assert date_time_text(at, with_weekday=True, with_year=False) == "Fri, Nov 27, 11:01 PM"


@time_machine.travel(MONDAY_9AM, tick=False)
def test_clock_time_shows_local_time() -> None:
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert ">10:00 AM</time>" in clock_time(MONDAY_9AM)


def test_missing_times_are_dashes() -> None:
    assert (moment(None), clock_time(None), day(None)) == ("–", "–", "–")


@time_machine.travel(MONDAY_9AM, tick=False)
def test_moment_shows_local_time_and_keeps_the_instant() -> None:
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert moment(MONDAY_9AM) == (
            '<time datetime="2026-03-02T09:00:00+00:00" '
            'title="Mon, Mar 2, 2026, 10:00:00 AM CET">Mar 2, 10:00 AM</time>'
        )


@time_machine.travel(MONDAY_9AM, tick=False)
def test_day_shows_the_year_when_it_is_another_local_year() -> None:
    new_years_eve = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)

    assert ">Dec 31, 2025<" in day(new_years_eve)
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert ">Jan 1<" in day(new_years_eve)


@pytest.mark.parametrize(
    ("left", "text"),
    [
        (timedelta(days=2, hours=3, minutes=5), "2 d 3 h left"),
        (timedelta(hours=3, minutes=5), "3 h 05 min left"),
        (timedelta(minutes=45, seconds=59), "45 min left"),
        (timedelta(minutes=9, seconds=5), "9:05 min left"),
        (timedelta(seconds=1), "0:01 min left"),
        (timedelta(), "0 min late"),
        (timedelta(minutes=-12), "12 min late"),
        (timedelta(hours=-30), "1 d 6 h late"),
    ],
)
def test_countdown_shows_time_left_then_time_late(left: timedelta, text: str) -> None:
    assert countdown_text(left) == text


@pytest.mark.parametrize(
    ("minutes", "state"),
    [(0, "on_time"), (23, "on_time"), (24, "soon"), (29, "soon"), (30, "late")],
)
def test_countdown_turns_amber_in_its_last_fifth_then_red(minutes: int, state: str) -> None:
    at = MONDAY_9AM + timedelta(minutes=minutes)

    shown = countdown(MONDAY_9AM + HALF_HOUR, at=at, started_at=MONDAY_9AM)

    assert f'data-state="{state}"' in shown
    assert 'data-countdown="2026-03-02T09:30:00+00:00" data-warn="2026-03-02T09:24:00' in shown


def test_countdown_turns_amber_at_its_warning_time() -> None:
    due_at = MONDAY_9AM + HALF_HOUR

    assert countdown_state(due_at, MONDAY_9AM, MONDAY_9AM) == "soon"
    assert countdown_state(due_at, None, due_at - timedelta(seconds=1)) == "on_time"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ana de Souza", "AS"), ("Li", "L"), ("ana@example.com", "A"), ("", "")],
)
def test_initials_are_of_the_first_and_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_icon_is_hidden_from_screen_readers_and_escapes_its_name() -> None:
    drawn = icon("clock", "tone-bad")

    assert 'class="icon tone-bad" aria-hidden="true"' in drawn
    assert "#clock" in drawn
    assert "<script>" not in icon("<script>")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Bad data", "Bad data."),
        ("Bad data: “No such number”", "Bad data: “No such number”."),
        ("Bad data: “No such number.”", "Bad data: “No such number.”"),
        ("Really?", "Really?"),
    ],
)
def test_sentence_ends_once(text: str, shown: str) -> None:
    assert sentence(text) == shown


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(seconds=59), "0 working min"),
        (timedelta(minutes=31, seconds=59), "31 working min"),
        (timedelta(hours=1), "1 working h"),
        (timedelta(hours=3, minutes=59), "3 h 59 working min"),
        (timedelta(hours=11, minutes=30), "11 working h"),
        (timedelta(hours=40), "40 working h"),
    ],
)
def test_working_time_never_becomes_days(span: timedelta, text: str) -> None:
    assert working_time_text(span).replace("\N{NO-BREAK SPACE}", " ") == text


@pytest.mark.parametrize(
    ("days", "text"),
    [
        (0, "Mon 9:30 AM"),
        (5, "Sat 9:30 AM"),
        (-5, "Wed 9:30 AM"),
        (6, "Mar 8, 9:30 AM"),
        (365, "Mar 2, 2027, 9:30 AM"),
    ],
)
def test_weekday_stands_for_the_date_within_six_days(days: int, text: str) -> None:
    at = MONDAY_9AM + HALF_HOUR + timedelta(days=days)

    assert weekday_time_text(at, MONDAY_9AM) == text


@pytest.mark.parametrize(
    ("style", "texts"),
    [
        (
            DateStyle.MONTH_FIRST,
            ["Nov 7, 2026", "Sat, Nov 7", "Saturday, November 7, 2026", "12:05:09 AM"],
        ),
        (
            DateStyle.DAY_FIRST,
            ["7 Nov 2026", "Sat, 7 Nov", "Saturday, 7 November 2026", "00:05:09"],
        ),
        (DateStyle.ISO, ["2026-11-07", "Sat, 2026-11-07", "Saturday, 2026-11-07", "00:05:09"]),
    ],
)
def test_dates_and_times_follow_the_style(style: DateStyle, texts: list[str]) -> None:
    at = datetime(2026, 11, 7, 0, 5, 9, tzinfo=UTC)

    with shown_in(Formats(dates=style)):
        shown = [
            date_text(at),
            date_text(at, with_weekday=True, with_year=False),
            long_date_text(at),
            time_text(at, with_seconds=True),
        ]

    assert shown == texts


@pytest.mark.parametrize(
    ("style", "texts"),
    [
        (
            NumberStyle.COMMA,
            ["1,234,567", "-1,234.5", "12,500 EUR", "0.50", "1,234 leads", "1,000 d"],
        ),
        (
            NumberStyle.POINT,
            ["1.234.567", "-1.234,5", "12.500 EUR", "0,50", "1.234 leads", "1.000 d"],
        ),
        (
            NumberStyle.SPACE,
            ["1_234_567", "-1_234,5", "12_500 EUR", "0,50", "1_234 leads", "1_000 d"],
        ),
        (
            NumberStyle.APOSTROPHE,
            ["1’234’567", "-1’234.5", "12’500 EUR", "0.50", "1’234 leads", "1’000 d"],
        ),
    ],
)
def test_numbers_follow_the_style(style: NumberStyle, texts: list[str]) -> None:
    with shown_in(Formats(numbers=style)):
        shown = [
            count_text(1_234_567),
            number_text(-1234.5, decimals=1),
            amount_text(Decimal("12500.00"), "EUR"),
            amount_text(Decimal("0.5"), ""),
            counted(1234, "lead", "leads"),
            duration_text(timedelta(days=1000)),
        ]

    spaces = str.maketrans({"\N{NO-BREAK SPACE}": " ", "\N{NARROW NO-BREAK SPACE}": "_"})
    assert [text.translate(spaces) for text in shown] == texts


def test_formats_used_inside_end_outside() -> None:
    with shown_in(Formats(dates=DateStyle.ISO)):
        use_formats(Formats(DateStyle.DAY_FIRST, NumberStyle.POINT))

    assert date_text(date(2026, 11, 7)) == "Nov 7, 2026"
    assert count_text(1234) == "1,234"


def test_count_that_stopped_says_so() -> None:
    assert [count_up_to_text(number, 1_000) for number in (0, 1_000, 1_001)] == [
        "0",
        "1,000",
        "1,000+",
    ]
