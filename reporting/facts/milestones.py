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
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from handoff.clock_kinds import ANSWER, FIRST_CONTACT, ClockKind
from handoff.models import Handoff
from leads.events import REVERSED
from leads.models import EventKind, LeadEvent
from leads.stages import FUNNEL, Stage
from reporting.facts.contract import (
    ANSWERS,
    CAMPAIGN,
    CLOCK,
    CLOCK_KIND,
    CONTACT_DUE,
    DUE,
    HANDOFF,
    LEAD_TYPE,
    REASON,
    SOURCE,
    TEAM,
    USER,
    WHY,
)
from reporting.models import HandoffMilestones, LeadMilestones, SlaOutcome

Position = tuple[int, int]


IN_SPAN: Final = f"""
    SELECT lead_id FROM {LeadEvent._meta.db_table}
    WHERE (transaction, id) > (%(after_transaction)s, %(after_id)s)
        AND (transaction, id) <= (%(up_to_transaction)s, %(up_to_id)s)
"""  # noqa: S608  (no input in it)


@dataclass(frozen=True)
class LogSpan:
    """Part of the log in (transaction, id) order, after one position and up to another.

    `only` and `without` are conditions on events: the span has the leads with such events, or not.
    """

    after: Position
    up_to: Position
    only: str = ""
    without: tuple[str, ...] = ()
    closed: datetime | None = None

    @property
    def leads(self) -> str:
        """Return the SQL condition on the events of all leads that the span touched."""
        touched = f"lead_id IN ({IN_SPAN}{f' AND {self.only}' if self.only else ''})"
        late = (f"lead_id NOT IN ({IN_SPAN} AND {condition})" for condition in self.without)
        return f"WHERE {' AND '.join([touched, *late])}"


def _direct(stage: Stage) -> str:
    return f"min(occurred_at) FILTER (WHERE to_stage = '{stage}') AS direct_{stage}"


def _reached(stage: Stage) -> str:
    """Return the first moment at `stage` or a later one; a skipped stage counts as reached."""
    later = FUNNEL[FUNNEL.index(stage) :]
    return f"least({', '.join(f'direct_{stage}' for stage in later)})"


# A won deal that was reversed counts as won again only when it is won again.
WON_AT: Final = (
    f"CASE WHEN reversed_at IS NULL THEN direct_{Stage.WON}"
    f" WHEN last_{Stage.WON} > reversed_at THEN last_{Stage.WON} END"
)


def _implied(stage: Stage) -> str:
    return (
        f"CASE WHEN direct_{stage} IS DISTINCT FROM {_reached(stage)} THEN '{stage}'::varchar END"
    )


def _first(*of: EventKind) -> str:
    return f"min(occurred_at) FILTER (WHERE {kinds(*of)})"


def _first_payload(*of: EventKind) -> str:
    return f"(array_agg(payload ORDER BY occurred_at, id) FILTER (WHERE {kinds(*of)}))[1]"


def _repaired(key: str) -> str:
    where = f"{kinds(EventKind.REPAIRED)} AND {text(key)} IS NOT NULL"
    return f"(array_agg(payload ORDER BY id DESC) FILTER (WHERE {where}))[1] AS {key}s"


def _outcome(clock: ClockKind) -> str:
    """Return whether all clocks of the kind were met; a late entry can meet a breached one."""

    def clocks(kind: EventKind) -> str:
        where = f"kind = '{kind.value}' AND {text(CLOCK_KIND)} = '{clock.code}'"
        return f"array_agg({text(CLOCK)}) FILTER (WHERE {where})"

    met, breached = clocks(EventKind.CLOCK_MET), clocks(EventKind.CLOCK_BREACHED)
    return (
        f"CASE WHEN NOT {breached} <@ coalesce({met}, '{{{{}}}}')"
        f" THEN '{SlaOutcome.BREACHED.value}'"
        f" WHEN {met} IS NOT NULL THEN '{SlaOutcome.MET.value}' ELSE '' END"
    )


def _seconds(start: str, end: str) -> str:
    seconds = f"round(extract(epoch FROM {end} - {start}))::integer"
    return f"CASE WHEN {end} >= {start} THEN {seconds} END"


def _origin(key: str) -> str:
    """Return what the lead was opened with, or what a repair entered for it since."""
    return f"coalesce(({key}s ->> '{key}')::bigint, (opened ->> '{key}')::bigint)"


def text(key: str) -> str:
    return f"payload ->> '{key}'"


def number(key: str) -> str:
    return f"({text(key)})::bigint"


def kinds(*kinds: EventKind) -> str:
    return f"kind IN ({', '.join(repr(kind.value) for kind in kinds)})"


EVENT_TABLE: Final = LeadEvent._meta.db_table
REACHED: Final = FUNNEL[1:]
# An older touch that arrives later opens a lead earlier.
OPENINGS: Final = (EventKind.OPENED, EventKind.OPENED_EARLIER)
EXITS: Final = (Stage.LOST, Stage.NURTURE, Stage.DISQUALIFIED)

# The last touch up to the first offer.
REQUESTED: Final = (
    "(SELECT max(touched) FROM unnest(touched_at) AS touched WHERE touched <= fact.offered_at)"
)
# Offers of release 0.1 do not have the due time, but their clocks do, unless they were canceled.
DUE_FIRST: Final = (
    f"coalesce(offer ->> '{CONTACT_DUE}', dues ->> (offer ->> '{HANDOFF}'))::timestamptz"
)

# Columns of the table, each with its SQL.
LEAD_COLUMNS: Final = {
    "lead_id": "lead_id",
    "day": "(opened_at AT TIME ZONE %(zone)s::text)::date",
    "source_id": _origin(SOURCE),
    "campaign_id": _origin(CAMPAIGN),
    "lead_type_id": _origin(LEAD_TYPE),
    # Until someone answers, the lead counts for whoever it was offered to last.
    "team_id": f"coalesce((teams ->> (answer ->> '{HANDOFF}'))::bigint, last_team_id)",
    "owner_id": f"coalesce((answer ->> '{USER}')::bigint, last_user_id)",
    "opened_at": "opened_at",
    **{f"{stage}_at": _reached(stage) for stage in REACHED},
    f"{Stage.WON}_at": WON_AT,
    **{f"{stage}_at": f"direct_{stage}" for stage in EXITS},
    "implied": f"array_remove(ARRAY[{', '.join(_implied(stage) for stage in REACHED)}], NULL)",
    "requested_at": REQUESTED,
    "offered_at": "fact.offered_at",
    "contact_due_at": DUE_FIRST,
    "answered_at": "least(accepted_at, rejected_at)",
    "first_answer": (
        "CASE WHEN accepted_at <= coalesce(rejected_at, accepted_at) THEN 'accepted'"
        " WHEN rejected_at IS NOT NULL THEN 'rejected' ELSE '' END"
    ),
    "last_answer": "coalesce(fact.last_answer, '')",
    "first_contact_at": "fact.first_contact_at",
    "wait": _seconds(REQUESTED, "fact.first_contact_at"),
    "first_reason": "coalesce(reasons[1], '')",
    "last_reason": "coalesce(reasons[cardinality(reasons)], '')",
    "response_sla": "fact.response_sla",
    # Once anything is logged after the due time, the contact was not in time.
    "contact_sla": (
        f"CASE WHEN fact.first_contact_at < {DUE_FIRST} THEN '{SlaOutcome.MET.value}'"
        f" WHEN last_at >= {DUE_FIRST} THEN '{SlaOutcome.BREACHED.value}' ELSE '' END"
    ),
}
LEADS: Final = f"""
    SELECT {", ".join(f"{value} AS {name}" for name, value in LEAD_COLUMNS.items())}
    FROM (
        SELECT
            lead_id,
            {", ".join(_direct(stage) for stage in (*REACHED, *EXITS))},
            max(occurred_at) FILTER (WHERE to_stage = '{Stage.WON}') AS last_{Stage.WON},
            max(occurred_at) FILTER (
                WHERE {kinds(EventKind.STAGE_CHANGED)} AND {text(WHY)} = '{REVERSED}'
            ) AS reversed_at,
            {_first(*OPENINGS)} AS opened_at,
            {_first_payload(*OPENINGS)} AS opened,
            {_repaired(SOURCE)}, {_repaired(CAMPAIGN)}, {_repaired(LEAD_TYPE)},
            {_first_payload(EventKind.ACCEPTED, EventKind.REJECTED)} AS answer,
            jsonb_object_agg({text(HANDOFF)}, {number(TEAM)})
                FILTER (WHERE {kinds(EventKind.OFFERED)}) AS teams,
            (array_agg({number(TEAM)} ORDER BY occurred_at DESC, id DESC)
                FILTER (WHERE {kinds(EventKind.OFFERED)}))[1] AS last_team_id,
            (array_agg({number(USER)} ORDER BY occurred_at DESC, id DESC)
                FILTER (
                    WHERE {kinds(EventKind.OFFERED, EventKind.OWNER_CHANGED)}
                        AND {text(USER)} IS NOT NULL
                ))[1] AS last_user_id,
            {_first(EventKind.OFFERED)} AS offered_at,
            {_first(EventKind.ACCEPTED)} AS accepted_at,
            {_first(EventKind.REJECTED)} AS rejected_at,
            (array_agg(kind ORDER BY occurred_at DESC, id DESC)
                FILTER (WHERE {kinds(EventKind.ACCEPTED, EventKind.REJECTED)}))[1] AS last_answer,
            {_first(EventKind.ATTEMPTED)} AS first_contact_at,
            array_agg({text(REASON)} ORDER BY occurred_at, id)
                FILTER (WHERE {kinds(EventKind.REJECTED)}) AS reasons,
            {_outcome(ANSWER)} AS response_sla,
            {_first_payload(EventKind.OFFERED)} AS offer,
            array_agg(occurred_at)
                FILTER (WHERE {kinds(EventKind.OPENED, EventKind.TOUCHED)}) AS touched_at,
            jsonb_object_agg({text(HANDOFF)}, {text(DUE)})
                FILTER (
                    WHERE {kinds(EventKind.CLOCK_MET, EventKind.CLOCK_BREACHED)}
                        AND {text(CLOCK_KIND)} = '{FIRST_CONTACT.code}'
                ) AS dues,
            max(occurred_at) AS last_at
        FROM {EVENT_TABLE} {{scope}}
        GROUP BY lead_id
    ) AS fact
    WHERE opened_at IS NOT NULL
"""  # noqa: S608  (no input in it)

# Handoffs are counted after their leads, and share the dimensions of the entry with them.
HANDOFF_COLUMNS: Final = {
    "handoff_id": "fact.handoff_id",
    "lead_id": "fact.lead_id",
    "day": "(fact.offered_at AT TIME ZONE %(zone)s::text)::date",
    "source_id": "lead.source_id",
    "campaign_id": "lead.campaign_id",
    "lead_type_id": "lead.lead_type_id",
    "team_id": "fact.team_id",
    "user_id": "coalesce(fact.answered_by_id, fact.user_id)",
    "temperature": "handoff.temperature",
    "offered_at": "fact.offered_at",
    "accepted_at": "fact.accepted_at",
    "rejected_at": "fact.rejected_at",
    "reason": "coalesce(fact.reason, '')",
    "cannot_evaluate_at": "fact.cannot_evaluate_at",
    "first_contact_at": "fact.first_contact_at",
    "wait": _seconds("fact.offered_at", "fact.first_contact_at"),
    "response_sla": "fact.response_sla",
    "contact_sla": "fact.contact_sla",
}
HANDOFFS: Final = f"""
    SELECT {", ".join(f"{value} AS {name}" for name, value in HANDOFF_COLUMNS.items())}
    FROM (
        SELECT
            {number(HANDOFF)} AS handoff_id,
            lead_id,
            max({number(TEAM)}) FILTER (WHERE {kinds(EventKind.OFFERED)}) AS team_id,
            max({number(USER)}) FILTER (WHERE {kinds(EventKind.OFFERED)}) AS user_id,
            (array_agg({number(USER)} ORDER BY occurred_at, id)
                FILTER (WHERE {kinds(*ANSWERS)}))[1] AS answered_by_id,
            {_first(EventKind.OFFERED)} AS offered_at,
            {_first(EventKind.ACCEPTED)} AS accepted_at,
            {_first(EventKind.REJECTED)} AS rejected_at,
            min({text(REASON)}) FILTER (WHERE {kinds(EventKind.REJECTED)}) AS reason,
            {_first(EventKind.CANNOT_EVALUATE)} AS cannot_evaluate_at,
            {_first(EventKind.ATTEMPTED)} AS first_contact_at,
            {_outcome(ANSWER)} AS response_sla,
            {_outcome(FIRST_CONTACT)} AS contact_sla
        FROM {EVENT_TABLE} {{scope}}
        GROUP BY {text(HANDOFF)}, lead_id
    ) AS fact
    JOIN {LeadMilestones._meta.db_table} AS lead ON lead.lead_id = fact.lead_id
    JOIN {Handoff._meta.db_table} AS handoff ON handoff.id = fact.handoff_id
    WHERE fact.handoff_id IS NOT NULL AND fact.offered_at IS NOT NULL
"""  # noqa: S608  (no input in it)


@dataclass(frozen=True)
class Milestones:
    """A table of milestones and the SQL that counts its rows from the log."""

    table: str
    columns: tuple[str, ...]
    counted: str

    def follow(self, zone: str, span: LogSpan) -> list[date]:
        """Count the leads that the span touched; return the days of the rows that changed."""
        key, *others = self.columns
        new = ", ".join(f"EXCLUDED.{name}" for name in others)
        return self._write(
            f"""
            INSERT INTO {self.table} AS stored ({", ".join(self.columns)})
            {self.counted.format(scope=span.leads)}
            ON CONFLICT ({key}) DO UPDATE SET ({", ".join(others)}) = ROW ({new})
                WHERE ({_of("stored", others)}) IS DISTINCT FROM ({new})
            """,
            parameters(zone, span),
        )

    def recount(self, zone: str) -> list[date]:
        """Count every row from the first event; return the days of the rows that changed."""
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


def parameters(zone: str, span: LogSpan | None = None) -> dict[str, Any]:
    values: dict[str, Any] = {"zone": zone}
    if span is not None:
        values["after_transaction"], values["after_id"] = span.after
        values["up_to_transaction"], values["up_to_id"] = span.up_to
        values["closed"] = span.closed
    return values


LEAD_MILESTONES: Final = Milestones(LeadMilestones._meta.db_table, tuple(LEAD_COLUMNS), LEADS)
HANDOFF_MILESTONES: Final = Milestones(
    HandoffMilestones._meta.db_table, tuple(HANDOFF_COLUMNS), HANDOFFS
)
