"""The tasks that keep the figures current."""

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
def another_refresh() -> Iterator[None]:
    other = connection.get_new_connection(connection.get_connection_params())
    try:
        other.execute("SELECT pg_advisory_lock(%s)", [ADVISORY_LOCK])
        yield
    finally:
        other.close()


def test_task_counts_new_events() -> None:
    make_lead()

    follow_log_task()

    assert counts_of(LEAD_ROLLUP)["leads"] == 1


def test_task_skips_while_another_refresh_runs() -> None:
    make_lead()

    with another_refresh():
        follow_log_task()

    assert not LogCursor.objects.exists()


def test_nightly_task_corrects_and_logs_differences(caplog: pytest.LogCaptureFixture) -> None:
    make_lead()
    follow_log(at=MONDAY + DAY)
    set_count(LEAD_ROLLUP, "leads", 5)

    with caplog.at_level(logging.WARNING, logger="reporting.tasks"):
        prove_rollups()

    assert counts_of(LEAD_ROLLUP)["leads"] == 1
    assert "Restated: leads of 2026-03-02" in caplog.text


def test_figures_are_refreshed_every_minute() -> None:
    entry = next(
        entry
        for entry in settings.CELERY_BEAT_SCHEDULE.values()
        if entry["task"] == follow_log_task.name
    )

    assert timedelta(seconds=entry["schedule"]) <= timedelta(minutes=1)


def test_unknown_time_zone_is_a_check_error(settings: Settings) -> None:
    assert days_begin_in_a_real_zone(None) == []

    settings.REPORTING_TIME_ZONE = "Mars/Olympus"

    (error,) = days_begin_in_a_real_zone(None)
    assert error.id == "reporting.E001"


def test_rebuild_numbers_rebuilds_and_proves(
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
