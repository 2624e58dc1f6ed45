import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django import forms
from django.contrib.admin.utils import display_for_value
from django.test import RequestFactory
from django.utils.formats import date_format, number_format, time_format
from django.views.i18n import JSONCatalog

from core.formatting import (
    DateStyle,
    Formats,
    date_text,
    date_time_text,
    shown_in,
    time_text,
)

LATE = datetime(2026, 11, 27, 23, 1, tzinfo=UTC)


@pytest.fixture(params=DateStyle)
def style(request: pytest.FixtureRequest) -> Iterator[DateStyle]:
    with shown_in(Formats(dates=request.param)):
        yield request.param


@pytest.mark.parametrize("at", [LATE, datetime(2026, 3, 2, 0, 5, tzinfo=UTC)])
def test_admin_shows_dates_and_times_as_pages_do(style: DateStyle, at: datetime) -> None:
    assert date_format(at, "DATETIME_FORMAT") == date_time_text(at)
    assert date_format(at.date()) == date_text(at)
    assert time_format(at.time()) == time_text(at)
    assert display_for_value(at, "-") == date_time_text(at)


@pytest.mark.usefixtures("style")
@pytest.mark.parametrize("typed", ["2026-11-27", "11/27/2026"])
def test_forms_read_iso_and_american_dates(typed: str) -> None:
    assert forms.DateField().clean(typed) == date(2026, 11, 27)


@pytest.mark.usefixtures("style")
@pytest.mark.parametrize("typed", ["23:01", "23:01:00", "11:01 PM"])
def test_forms_read_24_and_12_hour_times(typed: str) -> None:
    assert forms.TimeField().clean(typed) == time(23, 1)


@pytest.mark.usefixtures("style")
def test_forms_show_iso_dates_and_24_hour_times() -> None:
    assert forms.DateInput().format_value(date(2026, 11, 27)) == "2026-11-27"
    assert forms.TimeInput().format_value(time(23, 1)) == "23:01"


def test_scripts_of_the_admin_get_plain_formats(rf: RequestFactory) -> None:
    catalog: Any = JSONCatalog.as_view()(rf.get("/"))

    assert json.loads(catalog.content)["formats"]["DATE_FORMAT"] == "M j, Y"


def test_decimal_point_is_a_dot() -> None:
    assert number_format(1234.5) == "1234.5"
