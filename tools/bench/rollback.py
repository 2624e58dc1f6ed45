"""Measure work and roll it back, so that every round starts from the same data."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction

from tools.bench.measure import seconds


def rolled_back(
    work: Callable[[], object],
    before: Callable[[], object] = lambda: None,
    *,
    after: Callable[[], object] = lambda: None,
    is_checked: bool = True,
) -> float:
    """Return the seconds of `work` and of the checks of a commit, then roll back.

    What happens `before` and `after` it is not measured.
    """

    with transaction.atomic():
        before()
        taken = seconds_with_checks(work) if is_checked else seconds(work)
        after()
        transaction.set_rollback(True)
    return taken


def seconds_with_checks(work: Callable[[], object]) -> float:
    def checked() -> None:
        work()
        connection.check_constraints()

    return seconds(checked)
