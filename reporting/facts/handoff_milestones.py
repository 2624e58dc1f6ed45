"""The SQL of one row for each handoff: its answers, its wait and its SLA."""

from typing import Final

from handoff.clock_kinds import ANSWER, FIRST_CONTACT
from handoff.models import Handoff
from leads.models import EventKind
from reporting.facts.contract import ANSWERS, HANDOFF, REASON, TEAM, USER
from reporting.facts.event_sql import COUNTED_EVENTS, first, kinds, number, outcome, seconds, text
from reporting.models import LeadMilestones

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
    "wait": seconds("fact.offered_at", "fact.first_contact_at"),
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
            {first(EventKind.OFFERED)} AS offered_at,
            {first(EventKind.ACCEPTED)} AS accepted_at,
            {first(EventKind.REJECTED)} AS rejected_at,
            min({text(REASON)}) FILTER (WHERE {kinds(EventKind.REJECTED)}) AS reason,
            {first(EventKind.CANNOT_EVALUATE)} AS cannot_evaluate_at,
            {first(EventKind.ATTEMPTED)} AS first_contact_at,
            {outcome(ANSWER)} AS response_sla,
            {outcome(FIRST_CONTACT)} AS contact_sla
        FROM {COUNTED_EVENTS} {{scope}}
        GROUP BY {text(HANDOFF)}, lead_id
    ) AS fact
    JOIN {LeadMilestones._meta.db_table} AS lead ON lead.lead_id = fact.lead_id
    JOIN {Handoff._meta.db_table} AS handoff ON handoff.id = fact.handoff_id
    WHERE fact.handoff_id IS NOT NULL AND fact.offered_at IS NOT NULL
"""  # noqa: S608  (no input in it)
