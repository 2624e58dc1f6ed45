from django.conf import LazySettings

from config import checks


def ids(check: object) -> list[str | None]:
    assert callable(check)
    return [message.id for message in check(None)]


def test_beat_entry_with_unknown_task_is_an_error(settings: LazySettings) -> None:
    settings.CELERY_BEAT_SCHEDULE = {"lost": {"task": "nobody.has.this", "schedule": 5}}

    (message,) = checks.beat_names_known_tasks(None)

    assert message.msg == "The beat entry “lost” names nobody.has.this, which no app has."
    assert message.id == "config.E001"


def test_task_limit_above_visibility_timeout_is_an_error(settings: LazySettings) -> None:
    assert ids(checks.tasks_end_before_they_are_given_out_again) == []

    settings.CELERY_TASK_TIME_LIMIT = 300

    assert ids(checks.tasks_end_before_they_are_given_out_again) == ["config.E002"]


def test_wildcard_host_is_an_error(settings: LazySettings) -> None:
    settings.ALLOWED_HOSTS = ["handoff.example"]
    assert ids(checks.only_named_hosts_are_answered) == []

    settings.ALLOWED_HOSTS = ["*"]
    assert ids(checks.only_named_hosts_are_answered) == ["config.E003"]


def test_missing_email_settings_are_a_warning(settings: LazySettings) -> None:
    settings.EMAIL_HOST = "mail.handoff.example"
    settings.DEFAULT_FROM_EMAIL = "handoff@handoff.example"
    assert ids(checks.mail_leaves_the_building) == []

    settings.EMAIL_HOST = ""
    assert ids(checks.mail_leaves_the_building) == ["config.W001"]
