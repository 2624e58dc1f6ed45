"""Work that is measured and taken back, so that every round finds what the first one found."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction

from tools.bench.measure import seconds


def undone(work: Callable[[], object], before: Callable[[], object] = lambda: None) -> float:
    """The seconds of `work` with what a commit would check, then rolled back."""

    def checked() -> None:
        work()
        connection.check_constraints()

    with transaction.atomic():
        before()
        taken = seconds(checked)
        transaction.set_rollback(True)
    return taken
