"""Liveness and readiness for load balancers, Docker Compose and script/serve."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Final

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.versions import unknown_migrations
from handoff.escalation import sweep
from people import notices
from reporting.rollups import refresh

# Many times what each kind of work waits for when its worker runs.
PATIENCE: Final[Mapping[str, timedelta]] = {
    "sweep": timedelta(minutes=1),
    "mail": timedelta(minutes=10),
    "reports": timedelta(minutes=5),
}


@require_safe
@never_cache
def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok", content_type="text/plain")


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer 503 when this process can't work; late workers are named, but are not its fault."""
    parts = {"database": database_state(), "broker": broker_state()}
    is_ready = set(parts.values()) == {"ok"}
    late = late_work(timezone.now()) if is_ready else {}
    return JsonResponse({**parts, **late}, status=200 if is_ready else 503)


@require_safe
@never_cache
def workers(request: HttpRequest) -> JsonResponse:
    """Answer 503 when work that is due waits longer than its worker should need."""
    try:
        parts = late_work(timezone.now())
    except DatabaseError:
        return JsonResponse({"database": "does not answer"}, status=503)
    return JsonResponse(parts, status=200 if set(parts.values()) == {"ok"} else 503)


def late_work(at: datetime) -> dict[str, str]:
    """Return for each kind of work whether it is done in time, from the rows that are due."""
    waiting_since = {
        "sweep": sweep.oldest_due(at=at),
        "mail": notices.oldest_due(at=at),
        "reports": refresh.updated_at(),
    }
    return {name: lateness(since, at, PATIENCE[name]) for name, since in waiting_since.items()}


def lateness(since: datetime | None, at: datetime, patience: timedelta) -> str:
    if since is None or at - since <= patience:
        return "ok"
    return f"late by {(at - since) // timedelta(seconds=1)} s"


def database_state() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return schema_state()
    except DatabaseError:
        return "does not answer"


_migrated: set[str] = set()


def schema_state() -> str:
    """Return whether the migrations are those of this version; once ok, it is not checked again."""
    if not _migrated:
        executor = MigrationExecutor(connection)
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return "migrations are missing"
        if unknown_migrations():
            return "migrated by a newer version"
        _migrated.add(connection.alias)
    return "ok"


@cache
def broker() -> redis.Redis:
    return redis.Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=2,
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), 1),
    )


def broker_state() -> str:
    try:
        broker().ping()
    except redis.RedisError:
        return "does not answer"
    return "ok"
