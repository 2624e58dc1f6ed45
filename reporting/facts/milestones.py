"""Milestones, counted from the log in sets: every event of every lead that a span of it touched.

A lead's milestones depend on nothing but its own events and its row, so counting a lead again,
or in another order, changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db import connection

from leads.stages import FUNNEL, Stage

# Upper ends, in minutes, of the steps of the time to first contact; the last step is open.
SPEED_STEPS: Final = (5, 15, 30, 60, 90, 120, 180, 240, 360, 480, 720, 1440, 2880, 5760, 10080)

Position = tuple[int, int]


@dataclass(frozen=True)
class Span:
    """Part of the log in (transaction, id) order, after one position and up to another."""

    after: Position
    up_to: Position


def _direct(stage: Stage) -> str:
    return f"min(occurred_at) FILTER (WHERE to_stage = '{stage}') AS direct_{stage}"


def _since(stage: Stage) -> str:
    """The first moment at which it stood at `stage` or any later one of the funnel."""
    later = FUNNEL[FUNNEL.index(stage) :]
    return f"least({', '.join(f'direct_{one}' for one in later)})"


def _implied(stage: Stage) -> str:
    return f"CASE WHEN direct_{stage} IS DISTINCT FROM {_since(stage)} THEN '{stage}'::varchar END"


def _promise(kind: str) -> str:
    def has(event: str) -> str:
        return f"bool_or(kind = 'clock_{event}' AND payload ->> 'kind' = '{kind}')"

    return f"CASE WHEN {has('breached')} THEN 'missed' WHEN {has('met')} THEN 'kept' ELSE '' END"


PASSED: Final = FUNNEL[1:]
LEFT: Final = (Stage.LOST, Stage.NURTURE, Stage.DISQUALIFIED)

# Named with the columns they fill, in this order.
LEAD_COLUMNS: Final = {
    "lead_id": "lead.id",
    "day": "(lead.opened_at AT TIME ZONE %(zone)s::text)::date",
    "source_id": "lead.source_id",
    "campaign_id": "lead.campaign_id",
    "lead_type_id": "lead.lead_type_id",
    "team_id": "fact.team_id",
    # Who has it, or had it last: those who refused it are not left out of their own rates.
    "owner_id": "coalesce(lead.owner_id, fact.last_user_id)",
    "opened_at": "lead.opened_at",
    **{f"{stage}_at": _since(stage) for stage in PASSED},
    **{f"{stage}_at": f"direct_{stage}" for stage in LEFT},
    "implied": f"array_remove(ARRAY[{', '.join(_implied(stage) for stage in PASSED)}], NULL)",
    "offered_at": "fact.offered_at",
    "answered_at": "least(accepted_at, rejected_at)",
    "first_answer": (
        "CASE WHEN accepted_at <= coalesce(rejected_at, accepted_at) THEN 'accepted'"
        " WHEN rejected_at IS NOT NULL THEN 'rejected' ELSE '' END"
    ),
    "first_contact_at": "fact.first_contact_at",
    "first_reason": "coalesce(reasons[1], '')",
    "last_reason": "coalesce(reasons[cardinality(reasons)], '')",
    "answer_promise": "fact.answer_promise",
    "contact_promise": "fact.contact_promise",
}
LEADS: Final = f"""
    SELECT {", ".join(f"{value} AS {name}" for name, value in LEAD_COLUMNS.items())}
    FROM (
        SELECT
            lead_id,
            {", ".join(_direct(stage) for stage in (*PASSED, *LEFT))},
            (array_agg((payload ->> 'team')::bigint ORDER BY occurred_at DESC, id DESC)
                FILTER (WHERE kind = 'offered'))[1] AS team_id,
            (array_agg((payload ->> 'user')::bigint ORDER BY occurred_at DESC, id DESC)
                FILTER (
                    WHERE kind IN ('offered', 'owner_changed') AND payload ->> 'user' IS NOT NULL
                ))[1] AS last_user_id,
            min(occurred_at) FILTER (WHERE kind = 'offered') AS offered_at,
            min(occurred_at) FILTER (WHERE kind = 'accepted') AS accepted_at,
            min(occurred_at) FILTER (WHERE kind = 'rejected') AS rejected_at,
            min(occurred_at) FILTER (WHERE kind = 'attempted') AS first_contact_at,
            array_agg(payload ->> 'reason' ORDER BY occurred_at, id)
                FILTER (WHERE kind = 'rejected') AS reasons,
            {_promise("answer")} AS answer_promise,
            {_promise("first_contact")} AS contact_promise
        FROM leads_leadevent {{scope}}
        GROUP BY lead_id
    ) AS fact
    JOIN leads_lead AS lead ON lead.id = fact.lead_id
"""  # noqa: S608  (no input in it)

HANDOFF_COLUMNS: Final = {
    "handoff_id": "fact.handoff_id",
    "lead_id": "lead.id",
    "day": "(fact.offered_at AT TIME ZONE %(zone)s::text)::date",
    "source_id": "lead.source_id",
    "campaign_id": "lead.campaign_id",
    "lead_type_id": "lead.lead_type_id",
    "team_id": "fact.team_id",
    "user_id": "coalesce(fact.answered_by_id, fact.user_id)",
    "temperature": "lead.temperature",
    "offered_at": "fact.offered_at",
    "accepted_at": "fact.accepted_at",
    "rejected_at": "fact.rejected_at",
    "reason": "coalesce(fact.reason, '')",
    "cannot_evaluate_at": "fact.cannot_evaluate_at",
    "first_contact_at": "fact.first_contact_at",
    "speed": (
        "width_bucket((extract(epoch FROM fact.first_contact_at - fact.offered_at) / 60)::float8,"
        " %(steps)s::float8[])"
    ),
    "answer_promise": "fact.answer_promise",
    "contact_promise": "fact.contact_promise",
}
HANDOFFS: Final = f"""
    SELECT {", ".join(f"{value} AS {name}" for name, value in HANDOFF_COLUMNS.items())}
    FROM (
        SELECT
            (payload ->> 'handoff')::bigint AS handoff_id,
            lead_id,
            max((payload ->> 'team')::bigint) FILTER (WHERE kind = 'offered') AS team_id,
            max((payload ->> 'user')::bigint) FILTER (WHERE kind = 'offered') AS user_id,
            (array_agg((payload ->> 'user')::bigint ORDER BY occurred_at, id)
                FILTER (WHERE kind IN ('accepted', 'rejected', 'cannot_evaluate')))[1]
                AS answered_by_id,
            min(occurred_at) FILTER (WHERE kind = 'offered') AS offered_at,
            min(occurred_at) FILTER (WHERE kind = 'accepted') AS accepted_at,
            min(occurred_at) FILTER (WHERE kind = 'rejected') AS rejected_at,
            min(payload ->> 'reason') FILTER (WHERE kind = 'rejected') AS reason,
            min(occurred_at) FILTER (WHERE kind = 'cannot_evaluate') AS cannot_evaluate_at,
            min(occurred_at) FILTER (WHERE kind = 'attempted') AS first_contact_at,
            {_promise("answer")} AS answer_promise,
            {_promise("first_contact")} AS contact_promise
        FROM leads_leadevent {{scope}}
        GROUP BY payload ->> 'handoff', lead_id
    ) AS fact
    JOIN leads_lead AS lead ON lead.id = fact.lead_id
    WHERE fact.handoff_id IS NOT NULL AND fact.offered_at IS NOT NULL
"""  # noqa: S608  (no input in it)

TOUCHED: Final = """
    WHERE lead_id IN (
        SELECT lead_id FROM leads_leadevent
        WHERE (transaction, id) > (%(after_transaction)s, %(after_id)s)
            AND (transaction, id) <= (%(up_to_transaction)s, %(up_to_id)s)
    )
"""


@dataclass(frozen=True)
class Milestones:
    """A table of milestones and the SQL that counts its rows from the log."""

    table: str
    columns: tuple[str, ...]
    counted: str

    def follow(self, zone: str, span: Span) -> list[date]:
        """Recount what the span touched; the days of the rows that changed."""
        key, *others = self.columns
        new = ", ".join(f"EXCLUDED.{name}" for name in others)
        return self._write(
            f"""
            INSERT INTO {self.table} AS stored ({", ".join(self.columns)})
            {self.counted.format(scope=TOUCHED)}
            ON CONFLICT ({key}) DO UPDATE SET ({", ".join(others)}) = ROW ({new})
                WHERE ({_of("stored", others)}) IS DISTINCT FROM ({new})
            """,
            parameters(zone, span),
        )

    def recount(self, zone: str) -> list[date]:
        """Recount every row from the first event; the days of the rows that changed."""
        key, *others = self.columns
        return self._write(
            f"""
            MERGE INTO {self.table} AS stored
            USING ({self.counted.format(scope="")}) AS fresh ON fresh.{key} = stored.{key}
            WHEN MATCHED AND ({_of("stored", others)}) IS DISTINCT FROM ({_of("fresh", others)})
                THEN UPDATE SET ({", ".join(others)}) = ROW ({_of("fresh", others)})
            WHEN NOT MATCHED BY TARGET
                THEN INSERT ({", ".join(self.columns)}) VALUES ({_of("fresh", self.columns)})
            WHEN NOT MATCHED BY SOURCE THEN DELETE
            """,  # noqa: S608  (no input in it)
            parameters(zone),
        )

    def _write(self, statement: str, values: dict[str, Any]) -> list[date]:
        sql = f"""
            WITH written AS ({statement} RETURNING old.day AS was, new.day AS now)
            SELECT was FROM written WHERE was IS NOT NULL
            UNION SELECT now FROM written WHERE now IS NOT NULL
        """  # noqa: S608  (no input in it)
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
            return [day for (day,) in cursor.fetchall()]


def _of(table: str, columns: Iterable[str]) -> str:
    return ", ".join(f"{table}.{name}" for name in columns)


def parameters(zone: str, span: Span | None = None) -> dict[str, Any]:
    values: dict[str, Any] = {"zone": zone, "steps": list(SPEED_STEPS)}
    if span is not None:
        values["after_transaction"], values["after_id"] = span.after
        values["up_to_transaction"], values["up_to_id"] = span.up_to
    return values


LEAD_MILESTONES: Final = Milestones("reporting_leadmilestones", tuple(LEAD_COLUMNS), LEADS)
HANDOFF_MILESTONES: Final = Milestones(
    "reporting_handoffmilestones", tuple(HANDOFF_COLUMNS), HANDOFFS
)
