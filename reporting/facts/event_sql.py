"""SQL over the events of one lead or one handoff, which all milestones are made of."""

from typing import Final

from handoff.clock_kinds import ClockKind
from leads.models import EventKind, LeadEvent
from reporting.facts.contract import CLOCK, CLOCK_KIND, IS_WHOLE, TAKEN_BACK
from reporting.models import SlaOutcome

EVENT_TABLE: Final = LeadEvent._meta.db_table
# The few events that take others back have an index of their own, so this costs one look at it.
COUNTED_EVENTS: Final = f"""(
    SELECT * FROM {EVENT_TABLE} AS event WHERE NOT EXISTS (
        SELECT FROM {EVENT_TABLE} AS later
        WHERE later.lead_id = event.lead_id AND later.payload ? '{TAKEN_BACK}'
            AND later.payload -> '{TAKEN_BACK}' @> to_jsonb(event.id)
    )
) AS counted"""  # noqa: S608  (no input in it)


def first(*of: EventKind) -> str:
    return f"min(occurred_at) FILTER (WHERE {kinds(*of)})"


def first_payload(*of: EventKind) -> str:
    return f"(array_agg(payload ORDER BY occurred_at, id) FILTER (WHERE {kinds(*of)}))[1]"


def outcome(clock: ClockKind) -> str:
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


def seconds(start: str, end: str) -> str:
    seconds = f"round(extract(epoch FROM {end} - {start}))::integer"
    return f"CASE WHEN {end} >= {start} THEN {seconds} END"


def text(key: str) -> str:
    return f"payload ->> '{key}'"


def number(key: str) -> str:
    return f"({text(key)})::bigint"


def kinds(*kinds: EventKind) -> str:
    return f"kind IN ({', '.join(repr(kind.value) for kind in kinds)})"


# The import that opened the lead was taken back, so that it is not counted.
UNDONE: Final = f"{kinds(EventKind.IMPORT_UNDONE)} AND coalesce({text(IS_WHOLE)} = 'true', false)"
