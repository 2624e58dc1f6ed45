"""Milestones, counted from the log: one row for each lead, and one for each handoff.

A lead's milestones depend only on its own events, so counting a lead again, or in another order,
changes nothing. Its dimensions are those of the moment at which the fact happened, so figures stay
when the lead changes: source, campaign and lead type of its entry, the rep and team of the first
answer, and the temperature of the offer.

The SQL is raw because it counts all events of all leads that a span of the log touched in one
statement, and merges the result into the table in the same one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection

from reporting.facts.handoff_milestones import HANDOFF_COLUMNS, HANDOFFS
from reporting.facts.lead_milestones import LEAD_COLUMNS, LEADS
from reporting.facts.lead_sets import LeadSet
from reporting.models import HandoffMilestones, LeadMilestones


@dataclass(frozen=True)
class Milestones:
    """A table of milestones and the SQL that counts its rows from the log."""

    table: str
    columns: tuple[str, ...]
    counted: str

    def recount(self, zone: str) -> None:
        """Count every row from the first event."""
        key, *others = self.columns
        sql = f"""
            MERGE INTO {self.table} AS stored
            USING ({self.counted.format(scope="")}) AS fresh ON fresh.{key} = stored.{key}
            WHEN MATCHED AND ({_of("stored", others)}) IS DISTINCT FROM ({_of("fresh", others)})
                THEN UPDATE SET ({", ".join(others)}) = ROW ({_of("fresh", others)})
            WHEN NOT MATCHED BY TARGET
                THEN INSERT ({", ".join(self.columns)}) VALUES ({_of("fresh", self.columns)})
            WHEN NOT MATCHED BY SOURCE THEN DELETE
        """  # noqa: S608  (no input in it)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters(zone))

    def recount_leads(self, zone: str, leads: LeadSet) -> list[date]:
        """Count these leads from the first event; return the days of the rows that changed."""
        key, *others = self.columns
        new = ", ".join(f"EXCLUDED.{name}" for name in others)
        sql = f"""
            WITH fresh AS MATERIALIZED ({self.counted.format(scope=leads.leads)}),
            written AS (
                INSERT INTO {self.table} AS stored ({", ".join(self.columns)}) TABLE fresh
                ON CONFLICT ({key}) DO UPDATE SET ({", ".join(others)}) = ROW ({new})
                    WHERE ({_of("stored", others)}) IS DISTINCT FROM ({new})
                RETURNING old.day AS was, new.day AS now
            ),
            dropped AS (
                DELETE FROM {self.table} {leads.leads} AND {key} NOT IN (SELECT {key} FROM fresh)
                RETURNING day
            )
            SELECT was FROM written WHERE was IS NOT NULL
            UNION SELECT now FROM written
            UNION SELECT day FROM dropped
        """  # noqa: S608  (no input in it)
        with connection.cursor() as cursor:
            cursor.execute(sql, parameters(zone, leads))
            return [day for (day,) in cursor.fetchall()]


def _of(table: str, columns: Iterable[str]) -> str:
    return ", ".join(f"{table}.{name}" for name in columns)


def parameters(zone: str, leads: LeadSet | None = None) -> dict[str, Any]:
    return {"zone": zone, **(leads.values if leads else {})}


LEAD_MILESTONES: Final = Milestones(LeadMilestones._meta.db_table, tuple(LEAD_COLUMNS), LEADS)
HANDOFF_MILESTONES: Final = Milestones(
    HandoffMilestones._meta.db_table, tuple(HANDOFF_COLUMNS), HANDOFFS
)
