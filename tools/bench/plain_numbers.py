"""S(R1) and S(R2): the figures counted with SQL that shares nothing with that of the product.

It counts what the data of the bench has: no repaired, undone or reversed events.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from django.conf import settings
from django.db import connection

from reporting.registry.waits import STEPS

MILESTONES: Final = """
WITH log AS MATERIALIZED (
    SELECT lead_id, id, kind, occurred_at, to_stage, payload,
        (payload ->> 'handoff')::bigint AS handoff_id, payload ->> 'kind' AS clock,
        (payload ->> 'user')::bigint AS user_id, (payload ->> 'team')::bigint AS team_id
    FROM leads_leadevent WHERE lead_id >= %(first)s
), moments AS (
    SELECT lead_id,
        min(occurred_at) FILTER (WHERE kind = 'opened') AS opened_at,
        min(payload::text) FILTER (WHERE kind = 'opened')::jsonb AS opened,
        max(occurred_at) FILTER (WHERE kind IN ('opened', 'touched')) AS touched_at,
        min(occurred_at) FILTER (WHERE to_stage = 'engaged') AS engaged,
        min(occurred_at) FILTER (WHERE to_stage = 'mql') AS mql,
        min(occurred_at) FILTER (WHERE to_stage = 'sal') AS sal,
        min(occurred_at) FILTER (WHERE to_stage = 'sql') AS sql,
        min(occurred_at) FILTER (WHERE to_stage = 'opportunity') AS opportunity,
        min(occurred_at) FILTER (WHERE to_stage = 'won') AS won,
        min(occurred_at) FILTER (WHERE to_stage = 'lost') AS lost,
        min(occurred_at) FILTER (WHERE to_stage = 'nurture') AS nurture,
        min(occurred_at) FILTER (WHERE to_stage = 'disqualified') AS disqualified,
        min(occurred_at) FILTER (WHERE kind = 'offered') AS offered_at,
        min((payload ->> 'contact_due')::timestamptz) FILTER (WHERE kind = 'offered') AS due_at,
        min(occurred_at) FILTER (WHERE kind = 'accepted') AS accepted_at,
        min(occurred_at) FILTER (WHERE kind = 'rejected') AS rejected_at,
        min(occurred_at) FILTER (WHERE kind = 'attempted') AS contacted_at,
        min(payload ->> 'reason') FILTER (WHERE kind = 'rejected') AS reason,
        max(team_id) FILTER (WHERE kind = 'offered') AS team_id,
        max(user_id) FILTER (WHERE kind = 'offered') AS offered_to_id,
        max(user_id) FILTER (WHERE kind IN ('accepted', 'rejected')) AS answered_by_id,
        bool_or(kind = 'clock_breached' AND clock = 'answer') AS is_answer_late,
        bool_or(kind = 'clock_met' AND clock = 'answer') AS is_answer_met,
        max(occurred_at) AS last_at
    FROM log GROUP BY lead_id
), leads AS (
    INSERT INTO reporting_leadmilestones (lead_id, day, source_id, campaign_id, lead_type_id,
        team_id, owner_id, opened_at, engaged_at, mql_at, sal_at, sql_at, opportunity_at, won_at,
        lost_at, nurture_at, disqualified_at, implied, requested_at, offered_at, contact_due_at,
        answered_at, first_answer, last_answer, first_contact_at, wait, first_reason, last_reason,
        response_sla, contact_sla)
    SELECT lead_id, (opened_at AT TIME ZONE %(zone)s)::date, (opened ->> 'source')::bigint,
        (opened ->> 'campaign')::bigint, (opened ->> 'lead_type')::bigint, team_id,
        coalesce(answered_by_id, offered_to_id), opened_at,
        least(engaged, mql, sal, sql, opportunity, won), least(mql, sal, sql, opportunity, won),
        least(sal, sql, opportunity, won), least(sql, opportunity, won), least(opportunity, won),
        won, lost, nurture, disqualified,
        array_remove(ARRAY[
            CASE WHEN engaged IS DISTINCT FROM least(engaged, mql, sal, sql, opportunity, won)
                THEN 'engaged' END,
            CASE WHEN mql IS DISTINCT FROM least(mql, sal, sql, opportunity, won) THEN 'mql' END,
            CASE WHEN sal IS DISTINCT FROM least(sal, sql, opportunity, won) THEN 'sal' END,
            CASE WHEN sql IS DISTINCT FROM least(sql, opportunity, won) THEN 'sql' END,
            CASE WHEN opportunity IS DISTINCT FROM least(opportunity, won) THEN 'opportunity' END
        ], NULL),
        CASE WHEN offered_at IS NOT NULL THEN touched_at END, offered_at, due_at,
        least(accepted_at, rejected_at),
        CASE WHEN accepted_at IS NOT NULL THEN 'accepted' WHEN rejected_at IS NOT NULL
            THEN 'rejected' ELSE '' END,
        CASE WHEN accepted_at IS NOT NULL THEN 'accepted' WHEN rejected_at IS NOT NULL
            THEN 'rejected' ELSE '' END,
        contacted_at,
        CASE WHEN contacted_at >= touched_at
            THEN round(extract(epoch FROM contacted_at - touched_at)) END,
        coalesce(reason, ''), coalesce(reason, ''),
        CASE WHEN is_answer_late THEN 'breached' WHEN is_answer_met THEN 'met' ELSE '' END,
        CASE WHEN contacted_at < due_at THEN 'met' WHEN last_at >= due_at THEN 'breached'
            ELSE '' END
    FROM moments
    RETURNING lead_id, day, source_id, campaign_id, lead_type_id
), handed AS (
    INSERT INTO reporting_handoffmilestones (handoff_id, lead_id, day, source_id, campaign_id,
        lead_type_id, team_id, user_id, temperature, offered_at, accepted_at, rejected_at, reason,
        cannot_evaluate_at, first_contact_at, wait, response_sla, contact_sla)
    SELECT handed.handoff_id, handed.lead_id, (handed.offered_at AT TIME ZONE %(zone)s)::date,
        source_id, campaign_id, lead_type_id, handed.team_id,
        coalesce(handed.answered_by_id, handed.offered_to_id), handoff.temperature,
        handed.offered_at, accepted_at, rejected_at, coalesce(handed.reason, ''),
        cannot_evaluate_at, contacted_at,
        CASE WHEN contacted_at >= handed.offered_at
            THEN round(extract(epoch FROM contacted_at - handed.offered_at)) END,
        CASE WHEN is_answer_late THEN 'breached' WHEN is_answer_met THEN 'met' ELSE '' END,
        CASE WHEN is_contact_late THEN 'breached' WHEN is_contact_met THEN 'met' ELSE '' END
    FROM (
        SELECT handoff_id, lead_id,
            min(occurred_at) FILTER (WHERE kind = 'offered') AS offered_at,
            min(occurred_at) FILTER (WHERE kind = 'accepted') AS accepted_at,
            min(occurred_at) FILTER (WHERE kind = 'rejected') AS rejected_at,
            min(occurred_at) FILTER (WHERE kind = 'cannot_evaluate') AS cannot_evaluate_at,
            min(occurred_at) FILTER (WHERE kind = 'attempted') AS contacted_at,
            min(payload ->> 'reason') FILTER (WHERE kind = 'rejected') AS reason,
            max(team_id) FILTER (WHERE kind = 'offered') AS team_id,
            max(user_id) FILTER (WHERE kind = 'offered') AS offered_to_id,
            max(user_id) FILTER (
                WHERE kind IN ('accepted', 'rejected', 'cannot_evaluate')) AS answered_by_id,
            bool_or(kind = 'clock_breached' AND clock = 'answer') AS is_answer_late,
            bool_or(kind = 'clock_met' AND clock = 'answer') AS is_answer_met,
            bool_or(kind = 'clock_breached' AND clock = 'first_contact') AS is_contact_late,
            bool_or(kind = 'clock_met' AND clock = 'first_contact') AS is_contact_met
        FROM log WHERE handoff_id IS NOT NULL GROUP BY handoff_id, lead_id
    ) AS handed
    JOIN leads USING (lead_id) JOIN handoff_handoff AS handoff ON handoff.id = handoff_id
    WHERE handed.offered_at IS NOT NULL
    RETURNING day
)
SELECT day FROM leads UNION SELECT day FROM handed
"""
WAITS: Final = """
    CASE WHEN count(wait) <= 2000
        THEN coalesce(string_agg(int4send(wait), ''::bytea ORDER BY wait), '') ELSE '' END,
    coalesce(string_agg(substr(int4send(step), 4, 1), ''::bytea ORDER BY wait), '')
"""
ON_DAYS: Final = "WHERE %(days)s::date[] IS NULL OR day = ANY(%(days)s::date[])"
LEAD_DAYS: Final = f"""
INSERT INTO reporting_leadday (grain, day, source_id, campaign_id, lead_type_id, team_id, owner_id,
    counts, waits, wait_steps)
SELECT grouping(source_id, campaign_id, lead_type_id, team_id, owner_id), day, source_id,
    campaign_id, lead_type_id, team_id, owner_id, ARRAY[
        count(*), count(engaged_at), count(mql_at),
        count(*) FILTER (WHERE mql_at < opened_at + interval '7 days'),
        count(*) FILTER (WHERE mql_at < opened_at + interval '30 days'),
        count(sal_at), count(sql_at),
        count(*) FILTER (WHERE sql_at < opened_at + interval '7 days'),
        count(*) FILTER (WHERE sql_at < opened_at + interval '30 days'),
        count(opportunity_at), count(won_at), count(lost_at), count(nurture_at),
        count(disqualified_at),
        count(sql_at) FILTER (WHERE offered_at IS NOT NULL),
        count(sql_at) FILTER (WHERE offered_at IS NOT NULL AND first_contact_at IS NULL),
        count(won_at) FILTER (WHERE offered_at IS NOT NULL),
        count(won_at) FILTER (WHERE offered_at IS NOT NULL AND first_contact_at IS NULL),
        count(offered_at), count(answered_at),
        count(*) FILTER (WHERE answered_at < opened_at + interval '7 days'),
        count(*) FILTER (WHERE answered_at < opened_at + interval '30 days'),
        count(wait),
        count(*) FILTER (WHERE contact_sla = 'met'),
        count(*) FILTER (WHERE contact_sla IN ('met', 'breached')),
        count(*) FILTER (WHERE first_answer = 'accepted'),
        count(*) FILTER (WHERE first_answer = 'accepted'
            AND answered_at < opened_at + interval '7 days'),
        count(*) FILTER (WHERE first_answer = 'accepted'
            AND answered_at < opened_at + interval '30 days'),
        count(*) FILTER (WHERE first_answer = 'rejected'),
        count(*) FILTER (WHERE last_answer = 'accepted'),
        count(answered_at) FILTER (WHERE last_reason <> '')
    ]::integer[], {WAITS}
FROM (
    SELECT *, width_bucket(wait, %(steps)s::integer[]) AS step
    FROM reporting_leadmilestones {ON_DAYS}
) AS milestones
GROUP BY GROUPING SETS ((day), (day, source_id), (day, team_id, owner_id),
    (day, source_id, campaign_id, lead_type_id),
    (day, source_id, campaign_id, lead_type_id, team_id),
    (day, source_id, campaign_id, lead_type_id, team_id, owner_id))
"""  # noqa: S608  (no input in it)
HANDOFF_DAYS: Final = f"""
INSERT INTO reporting_handoffday (grain, day, source_id, campaign_id, lead_type_id, team_id,
    user_id, temperature, reason, counts, waits, wait_steps)
SELECT grouping(source_id, campaign_id, lead_type_id, team_id, user_id, temperature, reason), day,
    source_id, campaign_id, lead_type_id, team_id, user_id, temperature, reason, ARRAY[
        count(*), count(rejected_at), count(cannot_evaluate_at),
        count(coalesce(accepted_at, rejected_at, cannot_evaluate_at)), count(first_contact_at),
        count(*) FILTER (WHERE contact_sla = 'met'),
        count(*) FILTER (WHERE contact_sla IN ('met', 'breached')),
        count(*) FILTER (WHERE response_sla = 'met'),
        count(*) FILTER (WHERE response_sla IN ('met', 'breached')),
        count(*) FILTER (WHERE 'met' IN (response_sla, contact_sla)
            AND 'breached' NOT IN (response_sla, contact_sla)),
        count(*) FILTER (WHERE response_sla IN ('met', 'breached')
            OR contact_sla IN ('met', 'breached')),
        count(*) FILTER (WHERE wait < 900),
        count(*) FILTER (WHERE wait >= 900 AND wait < 3600),
        count(*) FILTER (WHERE wait >= 3600 AND wait < 14400),
        count(*) FILTER (WHERE wait >= 14400 AND wait < 86400),
        count(*) FILTER (WHERE wait >= 86400)
    ]::integer[], {WAITS}
FROM (
    SELECT *, width_bucket(wait, %(steps)s::integer[]) AS step
    FROM reporting_handoffmilestones {ON_DAYS}
) AS milestones
GROUP BY GROUPING SETS ((day), (day, temperature), (day, team_id), (day, reason),
    (day, source_id, reason), (day, team_id, user_id),
    (day, source_id, campaign_id, lead_type_id, team_id, temperature),
    (day, source_id, campaign_id, lead_type_id, team_id, reason),
    (day, source_id, campaign_id, lead_type_id, team_id, user_id))
"""  # noqa: S608  (no input in it)
STALE: Final = """
WITH leads AS (DELETE FROM reporting_leadday WHERE day = ANY(%(days)s))
DELETE FROM reporting_handoffday WHERE day = ANY(%(days)s)
"""


def count_leads_from(first: int) -> None:
    """Count the leads from this number on, and the days on which they were opened anew."""
    days = insert_milestones(first)
    execute(STALE, {"days": days})
    insert_days(days)


def count_all() -> None:
    """Count everything into empty tables."""
    insert_milestones(1)
    insert_days(None)


def insert_milestones(first: int) -> list[date]:
    with connection.cursor() as cursor:
        cursor.execute(MILESTONES, {"first": first, "zone": settings.REPORTING_TIME_ZONE})
        return [day for (day,) in cursor.fetchall()]


def insert_days(days: list[date] | None) -> None:
    for sql in (LEAD_DAYS, HANDOFF_DAYS):
        execute(sql, {"days": days, "steps": list(STEPS)})


def execute(sql: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
