from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from core.templatetags.countdowns import countdown, countdown_state, countdown_text
from core.templatetags.formatting import count, day, duration, moment, percent, rate
from core.templatetags.frame import icon, initials

MONDAY_9AM = datetime(2026, 3, 2, 9, tzinfo=UTC)
HALF_HOUR = timedelta(minutes=30)


@pytest.mark.parametrize(
    ("part", "of", "text"),
    [
        (0, 0, "–"),
        (0, 178, "0\u202f%"),
        (41, 178, "23\u202f%"),
        (1, 8, "13\u202f%"),
        (1, 2000, "<1\u202f%"),
        (1999, 2000, ">99\u202f%"),
        (2000, 2000, "100\u202f%"),
        (3, 2, "150\u202f%"),
    ],
)
def test_a_rate_never_rounds_away_what_happened_nor_what_did_not(
    part: int, of: int, text: str
) -> None:
    assert percent(part, of) == text


def test_a_rate_stands_beside_its_counts() -> None:
    assert rate(1041, 2178) == (
        '<span class="rate">48\u202f% <span class="rate-of">· 1,041 of 2,178</span></span>'
    )


def test_an_unknown_count_is_a_dash_and_zero_is_zero() -> None:
    assert count(None) == "–"
    assert count(0) == "0"


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
def test_a_span_is_told_in_two_units_at_most(span: timedelta, text: str) -> None:
    assert duration(span).replace("\u00a0", " ") == text


def test_an_unknown_span_is_a_dash() -> None:
    assert duration(None) == "–"


@time_machine.travel(MONDAY_9AM, tick=False)
def test_a_moment_reads_in_the_zone_of_the_reader_and_keeps_the_exact_instant() -> None:
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert moment(MONDAY_9AM) == (
            '<time datetime="2026-03-02T09:00:00+00:00" '
            'title="Mon 2 Mar 2026, 10:00:00 CET">2 Mar, 10:00</time>'
        )


@time_machine.travel(MONDAY_9AM, tick=False)
def test_a_day_of_another_year_says_its_year_as_the_reader_counts_it() -> None:
    new_years_eve = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)

    assert ">31 Dec 2025<" in day(new_years_eve)
    with timezone.override(ZoneInfo("Europe/Berlin")):
        assert ">1 Jan<" in day(new_years_eve)


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
def test_a_countdown_says_how_much_is_left_and_then_how_late_it_is(
    left: timedelta, text: str
) -> None:
    assert countdown_text(left) == text


@pytest.mark.parametrize(
    ("minutes", "state"),
    [(0, "on_time"), (23, "on_time"), (24, "soon"), (29, "soon"), (30, "late")],
)
def test_a_countdown_turns_amber_in_its_last_fifth_and_then_red(minutes: int, state: str) -> None:
    at = MONDAY_9AM + timedelta(minutes=minutes)

    shown = countdown(MONDAY_9AM + HALF_HOUR, at=at, started_at=MONDAY_9AM)

    assert f'data-state="{state}"' in shown
    assert 'data-countdown="2026-03-02T09:30:00+00:00" data-warn="2026-03-02T09:24:00' in shown


def test_a_countdown_follows_the_warning_of_its_policy_when_there_is_one() -> None:
    due_at = MONDAY_9AM + HALF_HOUR

    assert countdown_state(due_at, MONDAY_9AM, MONDAY_9AM) == "soon"
    assert countdown_state(due_at, None, due_at - timedelta(seconds=1)) == "on_time"


@pytest.mark.parametrize(
    ("name", "letters"),
    [("Ana de Souza", "AS"), ("Li", "L"), ("ana@example.com", "A"), ("", "")],
)
def test_initials_take_the_first_and_the_last_word(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_an_icon_is_never_read_aloud_and_escapes_what_it_is_given() -> None:
    drawn = icon("clock", "tone-bad")

    assert 'class="icon tone-bad" aria-hidden="true"' in drawn
    assert "#clock" in drawn
    assert "<script>" not in icon("<script>")
