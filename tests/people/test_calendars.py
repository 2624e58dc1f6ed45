from datetime import UTC, date, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from people.calendars import edition_for, public_holidays, read, refresh_editions, value_of
from people.models import CalendarEdition, ClosedDay, WorkCalendar
from people.worktime import ALWAYS_OPEN, BadCalendar, NeverOpen
from tests.people.factories import FULL_DAY, MONDAY_9AM, make_calendar

pytestmark = pytest.mark.django_db


def test_edition_holds_windows_and_closed_days() -> None:
    calendar = make_calendar(
        (time(8), time(12)),
        (time(13, 30), time(18)),
        zone="Europe/Berlin",
        country="DE",
        region="BY",
    )

    value = value_of(edition_for(calendar, at=MONDAY_9AM).pk)

    assert value == read(calendar, at=MONDAY_9AM)
    assert value.closed[date(2026, 1, 6)] == "Epiphany"  # a holiday in Bavaria, not in Berlin
    assert value.add(MONDAY_9AM, timedelta(hours=4)) == datetime(2026, 11, 2, 14, 30, tzinfo=UTC)


def test_edition_holds_holidays_of_four_years() -> None:
    years = {day.year for day in read(make_calendar(country="DE"), at=MONDAY_9AM).closed}

    assert years == {2025, 2026, 2027, 2028}


def test_closed_day_name_overrides_the_holidays() -> None:
    calendar = make_calendar(country="DE", closed={date(2026, 12, 25): "Office move"})

    assert read(calendar, at=MONDAY_9AM).closed[date(2026, 12, 25)] == "Office move"


def test_edition_is_reused_until_the_content_changes() -> None:
    calendar = make_calendar()
    first = edition_for(calendar, at=MONDAY_9AM)
    again = edition_for(calendar, at=MONDAY_9AM + timedelta(days=1))
    ClosedDay.objects.create(calendar=calendar, day=date(2026, 11, 3), name="Inventory")

    second = edition_for(calendar, at=MONDAY_9AM)

    assert again == first
    assert second != first
    calendar.refresh_from_db()
    assert calendar.current_edition == second
    assert value_of(first.pk).closed == {}
    assert value_of(second.pk).closed == {date(2026, 11, 3): "Inventory"}


def test_order_of_the_rows_makes_no_new_edition() -> None:
    calendar = make_calendar()
    edition = calendar.current_edition
    rows = list(calendar.windows.values("weekday", "opens", "closes"))
    calendar.windows.all().delete()
    for row in reversed(rows):
        calendar.windows.create(**row)

    assert edition_for(calendar, at=MONDAY_9AM) == edition


def test_new_year_makes_new_editions_only_with_holidays() -> None:
    make_calendar(country="DE")
    make_calendar()
    editions = CalendarEdition.objects.count()

    assert refresh_editions(at=MONDAY_9AM) == 0
    assert refresh_editions(at=MONDAY_9AM + timedelta(days=365)) == 1
    assert CalendarEdition.objects.count() == editions + 1


def test_calendar_without_openings_keeps_its_edition() -> None:
    calendar = make_calendar()
    edition = calendar.current_edition
    calendar.windows.all().delete()

    with pytest.raises(NeverOpen):
        edition_for(calendar, at=MONDAY_9AM)

    assert WorkCalendar.objects.get(pk=calendar.pk).current_edition == edition


@pytest.mark.parametrize(("country", "region"), [("XX", ""), ("DE", "ZZ")])
def test_unknown_holiday_region_is_named(country: str, region: str) -> None:
    with pytest.raises(BadCalendar, match=country):
        public_holidays(country, region, [2026])


def test_no_edition_means_always_open() -> None:
    assert value_of(None) is ALWAYS_OPEN


def test_edition_is_cached_per_process() -> None:
    edition = make_calendar(FULL_DAY).current_edition
    assert edition is not None
    value_of(edition.pk)

    with CaptureQueriesContext(
        connection,
    ) as queries:
        value_of(edition.pk)

    assert len(queries) == 0
