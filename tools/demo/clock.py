"""Give the history of the demo the dates it would have if it had been lived through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.db import connection

from core.versioning.models import ContentStatus
from handoff.models import RuleSet, SlaPolicy
from leads.models import LeadEvent, ScoringModel, StageDefinition

NOW: Final = "demo.now"
TABLE: Final = LeadEvent._meta.db_table
STORED_DEFAULT: Final = """
    SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef
    JOIN pg_attribute ON attrelid = adrelid AND attnum = adnum
    WHERE adrelid = %s::regclass AND attname = 'recorded_at'
"""
GUARD_OFF: Final = """
    SELECT set_config('pgtrigger.ignore', array_agg(tgname)::text, true)
    FROM pg_trigger WHERE tgname LIKE 'pgtrigger\\_published\\_%\\_are\\_fixed%'
"""
GUARD_ON: Final = "SELECT set_config('pgtrigger.ignore', '{}', true)"


@contextmanager
def recorded_in_history() -> Iterator[None]:
    """Let the database record events at the time that `set_time` sets last."""
    with connection.cursor() as cursor:
        cursor.execute(STORED_DEFAULT, [TABLE])
        default = cursor.fetchone()[0]
        cursor.execute(f"{_default()} current_setting('{NOW}')::timestamptz")
        yield
        # The table cannot be altered while foreign keys of new rows are unchecked.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"{_default()} {default}")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def set_time(at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config(%s, %s, true)", [NOW, at.isoformat()])


def date_versions(*, at: datetime) -> None:
    """Let what `bootstrap` published have been published at `at`, before the first lead."""
    with connection.cursor() as cursor:
        cursor.execute(GUARD_OFF)
        for model in (ScoringModel, StageDefinition, RuleSet, SlaPolicy):
            published = model._default_manager.filter(status=ContentStatus.PUBLISHED)
            published.filter(published_at__gt=at).update(published_at=at)
        cursor.execute(GUARD_ON)


def _default() -> str:
    return f"ALTER TABLE {TABLE} ALTER recorded_at SET DEFAULT"
