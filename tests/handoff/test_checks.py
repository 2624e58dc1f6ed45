from typing import Any

import pytest
from django.conf import settings
from django.core.checks import run_checks

CODES = {"handoff.E001", "handoff.E002", "handoff.E003", "people.E001"}


def found() -> set[str | None]:
    return {message.id for message in run_checks()} & CODES


def test_sweep_and_notices_are_scheduled() -> None:
    assert found() == set()


@pytest.mark.parametrize(
    ("task", "code"),
    [
        ("handoff.tasks.sweep_clocks", "handoff.E001"),
        ("handoff.tasks.reassign_departed", "handoff.E002"),
        ("handoff.tasks.resurface_due_leads", "handoff.E003"),
        ("people.tasks.deliver_notices", "people.E001"),
    ],
)
def test_missing_beat_entries_fail_the_check(
    task: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries: dict[str, Any] = settings.CELERY_BEAT_SCHEDULE
    rest = {name: entry for name, entry in entries.items() if entry["task"] != task}
    monkeypatch.setattr(settings, "CELERY_BEAT_SCHEDULE", rest)

    assert found() == {code}
