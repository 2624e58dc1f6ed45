"""Deploy checks: `manage.py check --deploy` reports what would otherwise fail silently later."""

import os
from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register

# Variables with a default that is right on one machine only.
NAMES: Final[Mapping[str, tuple[str, str]]] = {
    "SITE_URL": ("config.W002", "links in messages lead to http://localhost:8000"),
    "DATABASE_URL": ("config.W003", "the database is looked for on this machine"),
    "REDIS_URL": ("config.W004", "the cache server is looked for on this machine"),
}


@register(deploy=True)
def beat_names_known_tasks(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    # Only this check needs Celery, which web workers do without.
    from config.celery import app

    app.loader.import_default_modules()
    return [
        Error(
            f"The beat entry “{name}” runs {entry['task']}, but there is no such task.",
            id="config.E001",
        )
        for name, entry in settings.CELERY_BEAT_SCHEDULE.items()
        if entry["task"] not in app.tasks
    ]


@register(deploy=True)
def task_limit_is_below_visibility_timeout(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    limit = settings.CELERY_TASK_TIME_LIMIT
    redelivered_after = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    if limit < redelivered_after:
        return []
    return [
        Error(
            f"A task can run for {limit} s, but is sent again after {redelivered_after} s.",
            id="config.E002",
        )
    ]


@register(deploy=True)
def hosts_are_restricted(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    if "*" not in settings.ALLOWED_HOSTS:
        return []
    return [
        Error("ALLOWED_HOSTS contains “*”, so links in emails could be forged.", id="config.E003")
    ]


@register(deploy=True)
def email_is_configured(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    if settings.EMAIL_HOST and not settings.DEFAULT_FROM_EMAIL.endswith("@localhost"):
        return []
    return [
        Warning(
            "Notices are not emailed: EMAIL_HOST or DEFAULT_FROM_EMAIL is not set.",
            hint="Set both to send emails.",
            id="config.W001",
        )
    ]


@register(deploy=True)
def servers_and_site_are_named(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    return [
        Warning(f"{name} is not set, so {consequence}.", id=id)
        for name, (id, consequence) in NAMES.items()
        if not os.environ.get(name)
    ]
