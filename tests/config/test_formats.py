from datetime import UTC, date, datetime, time

import pytest
from django import forms
from django.utils.formats import date_format, number_format, time_format

LATE = datetime(2026, 11, 27, 23, 1, tzinfo=UTC)


def test_admin_shows_american_dates_and_times() -> None:
    assert date_format(LATE, "DATETIME_FORMAT") == "Nov 27, 2026, 11:01 PM"
    assert date_format(LATE.date()) == "Nov 27, 2026"
    assert time_format(LATE.time()) == "11:01 PM"


@pytest.mark.parametrize("typed", ["2026-11-27", "11/27/2026"])
def test_forms_read_iso_and_american_dates(typed: str) -> None:
    assert forms.DateField().clean(typed) == date(2026, 11, 27)


@pytest.mark.parametrize("typed", ["23:01", "23:01:00", "11:01 PM"])
def test_forms_read_24_and_12_hour_times(typed: str) -> None:
    assert forms.TimeField().clean(typed) == time(23, 1)


def test_forms_show_iso_dates_and_24_hour_times() -> None:
    assert forms.DateInput().format_value(date(2026, 11, 27)) == "2026-11-27"
    assert forms.TimeInput().format_value(time(23, 1)) == "23:01"


def test_decimal_point_is_a_dot() -> None:
    assert number_format(1234.5) == "1234.5"
