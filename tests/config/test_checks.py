import pytest
from django.conf import LazySettings

from config import checks


def ids(check: object) -> list[str | None]:
    assert callable(check)
    return [message.id for message in check(None)]


def test_beat_entry_with_unknown_task_is_an_error(settings: LazySettings) -> None:
    settings.CELERY_BEAT_SCHEDULE = {"lost": {"task": "nobody.has.this", "schedule": 5}}

    (message,) = checks.beat_names_known_tasks(None)

    assert message.msg == "The beat entry “lost” runs nobody.has.this, but there is no such task."
    assert message.id == "config.E001"


def test_task_limit_above_visibility_timeout_is_an_error(settings: LazySettings) -> None:
    assert ids(checks.task_limit_is_below_visibility_timeout) == []

    settings.CELERY_TASK_TIME_LIMIT = 300

    assert ids(checks.task_limit_is_below_visibility_timeout) == ["config.E002"]


def test_wildcard_host_is_an_error(settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["handoff.example"]
    assert ids(checks.hosts_are_restricted) == []

    settings.ALLOWED_HOSTS = ["*"]
    assert ids(checks.hosts_are_restricted) == ["config.E003"]


def test_missing_email_settings_are_a_warning(settings: LazySettings) -> None:
    settings.EMAIL_HOST = "mail.handoff.example"
    settings.DEFAULT_FROM_EMAIL = "handoff@handoff.example"
    assert ids(checks.email_is_configured) == []

    settings.EMAIL_HOST = ""
    assert ids(checks.email_is_configured) == ["config.W001"]


@pytest.mark.parametrize("name", ["SITE_URL", "DATABASE_URL", "REDIS_URL"])
def test_missing_variable_is_named(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    for known in checks.NAMES:
        monkeypatch.setenv(known, "http://handoff.example")
    assert ids(checks.servers_and_site_are_named) == []

    monkeypatch.delenv(name)
    (message,) = checks.servers_and_site_are_named(None)
    assert message.msg.startswith(f"{name} is not set, so ")
