"""Several threads at once, each with a connection and commits of its own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet

from tools.devserver.embedded.system import wait_until

PATIENCE = 30
Call = Callable[[], Any]
Errors = type[Exception] | tuple[type[Exception], ...]


def at_once(*calls: Call, refusals: Errors = ()) -> list[Any]:
    """Run calls in threads that start together; a refusal is returned, any other error raised."""
    barrier = Barrier(len(calls))

    def run(call: Call) -> Any:
        barrier.wait(PATIENCE)
        return answer_of(call, refusals)

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def queued_for(rows: QuerySet[Any], *calls: Call, refusals: Errors = ()) -> list[Any]:
    """Run calls in threads that wait for locks on `rows` and get them in the order of the calls."""
    with ThreadPoolExecutor(len(calls)) as threads:
        with transaction.atomic():
            list(rows.select_for_update(of=("self",)))
            answers: list[Future[Any]] = []
            for call in calls:
                answers.append(threads.submit(answer_of, call, refusals))
                assert wait_until(lambda: waiting_sessions() == len(answers), PATIENCE)
        return [answer.result(PATIENCE) for answer in answers]


def waiting_sessions() -> int:
    """Count sessions on this database that wait for a lock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_stat_clear_snapshot()")  # else a transaction sees it once
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        count: int = cursor.fetchall()[0][0]
        return count


def answer_of(call: Call, refusals: Errors) -> Any:
    try:
        return call()
    except refusals as refusal:
        return refusal
    finally:
        connection.close()
