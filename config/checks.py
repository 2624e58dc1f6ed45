"""What would fail quietly at night stops the deploy instead: `manage.py check --deploy`."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

from config.celery import app


@register(deploy=True)
def beat_names_known_tasks(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    app.loader.import_default_modules()
    return [
        Error(f"The beat entry “{name}” names {entry['task']}, which no app has.", id="config.E001")
        for name, entry in settings.CELERY_BEAT_SCHEDULE.items()
        if entry["task"] not in app.tasks
    ]


@register(deploy=True)
def tasks_end_before_they_are_given_out_again(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    limit = settings.CELERY_TASK_TIME_LIMIT
    given_out_after = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    if limit < given_out_after:
        return []
    return [
        Error(
            f"A task may run {limit} s, but after {given_out_after} s another worker gets it.",
            id="config.E002",
        )
    ]


@register(deploy=True)
def only_named_hosts_are_answered(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [Error("ALLOWED_HOSTS is “*”: links in mails could be forged.", id="config.E003")]


@register(deploy=True)
def mail_leaves_the_building(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    if settings.EMAIL_HOST and not settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        return []
    return [
        Warning(
            "No notice reaches anybody by mail.",
            hint="Set EMAIL_HOST and DEFAULT_FROM_EMAIL.",
            id="config.W001",
        )
    ]
