"""What the workers do for the figures."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection
from pytest_django import Settings

from reporting.checks import days_begin_in_a_real_zone
from reporting.models import LogCursor
from reporting.rollups.build import LEAD_ROLLUP
from reporting.rollups.refresh import ADVISORY_LOCK, follow_log
from reporting.tasks import follow_log as follow_log_task
from reporting.tasks import prove_rollups
from tests.reporting.history import DAY, MONDAY, make_lead
from tests.reporting.rollups import counts_of, set_count

pytestmark = pytest.mark.django_db


@contextmanager
def somebody_counting() -> Iterator[None]:
    other = connection.get_new_connection(connection.get_connection_params())
    try:
        other.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        yield
    finally:
        other.close()


def test_the_log_is_followed_by_a_task() -> None:
    make_lead()

    follow_log_task()

    assert counts_of(LEAD_ROLLUP)["leads"] == 1


def test_a_task_leaves_the_counting_to_whoever_does_it_already() -> None:
    make_lead()

    with somebody_counting():
        follow_log_task()

    assert not LogCursor.objects.exists()


def test_the_nightly_task_repairs_and_says_so(caplog: pytest.LogCaptureFixture) -> None:
    make_lead()
    follow_log(at=MONDAY + DAY)
    set_count(LEAD_ROLLUP, "leads", 5)

    with caplog.at_level(logging.WARNING, logger="reporting.tasks"):
        prove_rollups()

    assert counts_of(LEAD_ROLLUP)["leads"] == 1
    assert "Restated: leads of 2026-03-02" in caplog.text


def test_todays_figures_are_at_most_a_minute_old() -> None:
    entry = next(
        entry
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
        if entry["task"] == follow_log_task.name
    )

    assert timedelta(seconds=entry["schedule"]) <= timedelta(minutes=1)


def test_a_zone_that_does_not_exist_stops_the_deploy(settings: Settings) -> None:
    assert days_begin_in_a_real_zone(None) == []

    settings.REPORTING_TIME_ZONE = "Mars/Olympus"

    (error,) = days_begin_in_a_real_zone(None)
    assert error.id == "reporting.E001"


def test_the_numbers_can_be_counted_anew_and_proved_by_hand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    make_lead()
    call_command("rebuild_numbers")
    set_count(LEAD_ROLLUP, "leads", 5)

    call_command("rebuild_numbers", "--prove")
    call_command("rebuild_numbers", "--prove", "--json")

    assert capsys.readouterr().out.splitlines() == [
        "All figures were counted again.",
        "leads of 2026-03-02: {'leads': 5} is now {'leads': 1}",
        '{"restated": []}',
    ]
