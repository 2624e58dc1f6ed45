"""The SQL of one row for each lead: its stages, its answers, and the buyer's clock."""

from typing import Final

from handoff.clock_kinds import ANSWER, FIRST_CONTACT
from leads.events import REVERSED
from leads.models import EventKind
from leads.stages import FUNNEL, Stage
from reporting.facts.contract import (
    CAMPAIGN,
    CLOCK_KIND,
    CONTACT_DUE,
    DUE,
    HANDOFF,
    LEAD_TYPE,
    REASON,
    SOURCE,
    TEAM,
    TOUCH,
    UNDONE_TOUCHES,
    USER,
    WHY,
)
from reporting.facts.event_sql import (
    COUNTED_EVENTS,
    UNDONE,
    first,
    first_payload,
    kinds,
    number,
    outcome,
    seconds,
    text,
)
from reporting.models import SlaOutcome

REACHED: Final = FUNNEL[1:]
# An older touch that arrives later opens a lead earlier.
OPENINGS: Final = (EventKind.OPENED, EventKind.OPENED_EARLIER)
EXITS: Final = (Stage.LOST, Stage.NURTURE, Stage.DISQUALIFIED)


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


def _repaired(key: str) -> str:
    where = f"{kinds(EventKind.REPAIRED)} AND {text(key)} IS NOT NULL"
    values = f"jsonb_object_agg({text(TOUCH)}, payload -> '{key}' ORDER BY id)"
    return f"{values} FILTER (WHERE {where}) AS {key}s"


def _origin(key: str) -> str:
    """Return what the lead was opened with, or what a repair of that touch entered since."""
    repaired = f"({key}s ->> (opened ->> '{TOUCH}'))::bigint"
    return f"coalesce({repaired}, (opened ->> '{key}')::bigint)"


# The last touch up to the first offer, without those whose import was taken back.
REQUESTED: Final = """(
    SELECT max(touched) FROM unnest(touched_at, touches) AS touch (touched, id)
    WHERE touched <= fact.offered_at
        AND (undone IS NULL OR NOT undone @> jsonb_build_array(jsonb_build_array(id)))
)"""
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
    "wait": seconds(REQUESTED, "fact.first_contact_at"),
    "first_reason": "coalesce(reasons[1], '')",
    "last_reason": "coalesce(reasons[cardinality(reasons)], '')",
    "response_sla": "fact.response_sla",
    # Once anything is logged after the due time, the contact was not in time.
    "contact_sla": (
        f"CASE WHEN fact.first_contact_at < {DUE_FIRST} THEN '{SlaOutcome.MET.value}'"
        f" WHEN last_at >= {DUE_FIRST} THEN '{SlaOutcome.BREACHED.value}' ELSE '' END"
    ),
}
TOUCHES: Final = kinds(EventKind.OPENED, EventKind.TOUCHED)
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
            {first(*OPENINGS)} AS opened_at,
            {first_payload(*OPENINGS)} AS opened,
            {_repaired(SOURCE)}, {_repaired(CAMPAIGN)}, {_repaired(LEAD_TYPE)},
            {first_payload(EventKind.ACCEPTED, EventKind.REJECTED)} AS answer,
            jsonb_object_agg({text(HANDOFF)}, {number(TEAM)})
                FILTER (WHERE {kinds(EventKind.OFFERED)}) AS teams,
            (array_agg({number(TEAM)} ORDER BY occurred_at DESC, id DESC)
                FILTER (WHERE {kinds(EventKind.OFFERED)}))[1] AS last_team_id,
            (array_agg({number(USER)} ORDER BY occurred_at DESC, id DESC)
                FILTER (
                    WHERE {kinds(EventKind.OFFERED, EventKind.OWNER_CHANGED)}
                        AND {text(USER)} IS NOT NULL
                ))[1] AS last_user_id,
            {first(EventKind.OFFERED)} AS offered_at,
            {first(EventKind.ACCEPTED)} AS accepted_at,
            {first(EventKind.REJECTED)} AS rejected_at,
            (array_agg(kind ORDER BY occurred_at DESC, id DESC)
                FILTER (WHERE {kinds(EventKind.ACCEPTED, EventKind.REJECTED)}))[1] AS last_answer,
            {first(EventKind.ATTEMPTED)} AS first_contact_at,
            array_agg({text(REASON)} ORDER BY occurred_at, id)
                FILTER (WHERE {kinds(EventKind.REJECTED)}) AS reasons,
            {outcome(ANSWER)} AS response_sla,
            {first_payload(EventKind.OFFERED)} AS offer,
            array_agg(occurred_at) FILTER (WHERE {TOUCHES}) AS touched_at,
            array_agg({number(TOUCH)}) FILTER (WHERE {TOUCHES}) AS touches,
            jsonb_agg(payload -> '{UNDONE_TOUCHES}')
                FILTER (WHERE {kinds(EventKind.IMPORT_UNDONE)}) AS undone,
            jsonb_object_agg({text(HANDOFF)}, {text(DUE)})
                FILTER (
                    WHERE {kinds(EventKind.CLOCK_MET, EventKind.CLOCK_BREACHED)}
                        AND {text(CLOCK_KIND)} = '{FIRST_CONTACT.code}'
                ) AS dues,
            max(occurred_at) FILTER (
                WHERE NOT {kinds(EventKind.IMPORT_UNDONE, EventKind.ANSWER_UNDONE)}
            ) AS last_at
        FROM {COUNTED_EVENTS} {{scope}}
        GROUP BY lead_id
        HAVING NOT bool_or({UNDONE})
    ) AS fact
    WHERE opened_at IS NOT NULL
"""  # noqa: S608  (no input in it)
