"""Leads with a year of history, generated in the database with all constraints on.

The number of a lead modulo 100 decides how far it got (see PLAN), so any range has every kind.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Max
from psycopg import ClientCursor

from handoff.clock_kinds import kinds_started_by
from handoff.models import SlaPolicy, SlaTarget
from handoff.workload import merge_changes
from leads.models import EventKind, Lead, LeadType, ScoringModel, Source
from people.models import Membership, Team
from tools.bench.organization import COUNTRIES, FIRST_NAMES, INDUSTRIES

YEAR: Final = timedelta(days=365)
# In names, so that words consist of letters.
DIGITS: Final = "0123456789"
LETTERS: Final = "ghijklmnop"

# The plan: one row per lead, from which all tables are filled. k: 0-9 offered, 10-14 accepted,
# 15-19 contacted, 20-23 sql, 24-26 opportunity, 27-31 won, 32-39 lost, 40-54 rejected to nurture,
# 55-64 disqualified, 65-79 nurtured, 80-99 engaged. 100: a few of the latest, which sales returned.
PLAN: Final = """
CREATE TEMPORARY TABLE plan ON COMMIT DROP AS
SELECT i, k, opened_at, k < 65 OR k = 100 AS is_handed, k BETWEEN 10 AND 39 AS is_accepted,
    k BETWEEN 15 AND 39 AS is_contacted, k BETWEEN 40 AND 64 AS is_rejected,
    CASE WHEN k < 10 THEN 'mql' WHEN k < 20 THEN 'sal' WHEN k < 24 THEN 'sql'
        WHEN k < 27 THEN 'opportunity' WHEN k < 32 THEN 'won' WHEN k < 40 THEN 'lost'
        WHEN k < 55 THEN 'nurture' WHEN k < 65 THEN 'disqualified'
        WHEN k < 80 THEN 'nurture' ELSE 'engaged' END AS stage,
    k BETWEEN 27 AND 39 OR k BETWEEN 55 AND 64 AS is_closed,
    member.user_id, member.team_id, 30 + i %% 60 AS score,
    source.id AS source_id, type.id AS type_id, type.temperature
FROM (
    SELECT i, CASE
            WHEN i %% 100 = 80 AND i > %(last)s - 20000 THEN 100
            -- However many leads there are, as many are open: a rep works on some 700.
            WHEN i %% 100 < 27 AND i BETWEEN 124 AND %(last)s - 100000 THEN 27 + i %% 13
            ELSE i %% 100
        END AS k,
        %(until)s - (%(last)s - i) * %(step)s::interval AS opened_at
    FROM generate_series(%(first)s, %(last)s) AS i
) AS numbered
JOIN LATERAL (
    SELECT user_id, team_id FROM unnest(%(users)s::bigint[], %(teams)s::bigint[])
        WITH ORDINALITY AS members(user_id, team_id, place)
    -- The first member has exactly fifty open leads: the measured inbox.
    WHERE place = CASE WHEN i %% 100 < 27 AND i <= 123 THEN 1
        ELSE 2 + i / 7 %% (cardinality(%(users)s::bigint[]) - 1) END
) AS member ON true
JOIN leads_source AS source ON source.id = (%(sources)s::bigint[])[1 + i / 3 %% 8]
JOIN leads_leadtype AS type ON type.id = (%(types)s::bigint[])[1 + i %% 4];
CREATE UNIQUE INDEX ON plan (i);
ANALYZE plan
"""
CAPTURED: Final = """
INSERT INTO leads_company (id, name, domain, industry, employees, country, region, revenue_band,
    origins, created_at, updated_at)
SELECT i, initcap(translate(substr(md5('c' || i), 1, 6), %(digits)s, %(letters)s)) || ' Works',
    'company' || i || '.example', (%(industries)s::text[])[1 + i %% 12], 1 + i * 7 %% 2000,
    (%(countries)s::text[])[1 + i %% 8], '', '', '{}', opened_at, opened_at
FROM plan WHERE i %% 3 = 0;
INSERT INTO leads_contact (id, name, name_key, email, email_is_corporate, phone, phone_extension,
    company_id, title, seniority, persona, country, origins, created_at, updated_at)
SELECT i, (%(first_names)s::text[])[1 + i %% 16] || ' '
        || initcap(translate(substr(md5(i::text), 1, 7), %(digits)s, %(letters)s)), '',
    'person' || i || '@company' || company || '.example', true,
    '+4930' || lpad(i::text, 8, '0'), '',
    CASE WHEN company BETWEEN %(first)s AND %(last)s THEN company END,
    'Director of Operations', 'director', '', (%(countries)s::text[])[1 + i %% 8], '{}',
    opened_at, opened_at
FROM (SELECT *, i - i %% 3 AS company FROM plan) AS plan;
INSERT INTO leads_externalid (contact_id, system_id, value, is_conflict)
SELECT i, 'unnamed', 'bench-' || i, false FROM plan;
INSERT INTO leads_lead (id, contact_id, company_id, stage, stage_entered_at, opened_at, closed_at,
    owner_id, queue_id, lead_type_id, temperature, source_id, medium, landing_page,
    first_touch_id, latest_touch_at, touch_count, signals, stated_problem, product_interest,
    timing, budget_context, score, intent_score, currency, is_historical, returned_at,
    signal_kinds, missing_fields)
SELECT i, i, contact.company_id, stage, least(opened_at + interval '5 days', %(until)s), opened_at,
    CASE WHEN is_closed THEN least(opened_at + interval '5 days', %(until)s) END,
    CASE WHEN k < 40 THEN user_id END, CASE WHEN k >= 40 THEN %(marketing)s::bigint END,
    type_id, plan.temperature, plan.source_id, 'cpc', '/demo', i, opened_at, 1,
    jsonb_build_object('demo_request', jsonb_build_object('count', 1, 'last', opened_at)),
    'Leads wait for days before a rep calls.', 'Routing', 'this_quarter', '', score, 70, '', false,
    CASE WHEN k = 100 THEN least(opened_at + interval '1 hour', %(until)s) END,
    CASE WHEN k = 100 THEN '{demo_request}' ELSE '{}' END::text[],
    CASE WHEN k = 100 THEN '{company.industry}' ELSE '{}' END::text[]
FROM plan JOIN leads_contact AS contact ON contact.id = i;
INSERT INTO leads_touch (id, contact_id, lead_id, kind, occurred_at, recorded_at, lead_type_id,
    source_id, medium, offer, landing_page, referrer, utm, answers, stated, via, is_repeat,
    set_aside)
SELECT i, i, i, 'demo_request', opened_at, opened_at, type_id, source_id, 'cpc', 'Demo', '/demo',
    '', '{"source": "ads"}', '{}', '{}', 'bench',
    false, '[]'
FROM plan;
INSERT INTO leads_leadscore (lead_id, model_id, total, intent, ledger, missed, to_become_ready,
    scored_at)
SELECT i, %(model)s, score, 70, jsonb_build_array(
        jsonb_build_object('group', 'title', 'label', 'Director', 'points', 20, 'detail', ''),
        jsonb_build_object('group', 'intent', 'label', 'Asked for a demo', 'points', score - 20,
            'detail', '')), '[]', '[]', opened_at
FROM plan;
INSERT INTO leads_contextcard (lead_id, content_engaged, problem_indicated, messaging_received, why,
    why_now)
SELECT i, 'Demo request: Demo, Nov 3, 2026', 'Leads wait for days before a rep calls.',
    'Every lead has an owner within the hour.', 'Fits in size and industry.', ''
FROM plan WHERE is_handed
"""
HANDED: Final = """
INSERT INTO handoff_handoff (id, lead_id, leg, state, owner_id, queue_id, team_id, offered_at,
    temperature, answered_at, answered_by_id, closed_at, reason_id, missing_fields,
    first_contact_at, attempt_count, policy_id, hop, due_at)
SELECT i, i, 'marketing_to_sdr',
    CASE WHEN is_accepted THEN 'accepted' WHEN is_rejected THEN 'rejected'
        WHEN k = 100 THEN 'cannot_evaluate' ELSE 'offered' END,
    user_id, NULL, team_id, opened_at, temperature,
    CASE WHEN k >= 10 THEN least(opened_at + interval '1 hour', %(until)s) END,
    CASE WHEN k >= 10 THEN user_id END,
    CASE WHEN is_rejected OR k = 100 THEN least(opened_at + interval '1 hour', %(until)s)
        WHEN k >= 27 THEN least(opened_at + interval '5 days', %(until)s) END,
    (SELECT id FROM handoff_rejectionreason WHERE code =
        CASE WHEN k BETWEEN 40 AND 54 THEN 'bad_timing'
            WHEN k BETWEEN 55 AND 64 THEN 'not_icp' END),
    CASE WHEN k = 100 THEN '{company.industry}' ELSE '{}' END::text[],
    CASE WHEN is_contacted THEN least(opened_at + interval '2 hours', %(until)s) END,
    is_contacted::int, %(policy)s, 0, CASE WHEN k < 15 THEN %(until)s + interval '31 days' END
FROM plan WHERE is_handed;
INSERT INTO handoff_rejection (handoff_id, reason_id, note, rejected_by_id, rejected_at)
SELECT handoff.id, handoff.reason_id, '', handoff.answered_by_id, handoff.answered_at
FROM plan JOIN handoff_handoff AS handoff ON handoff.id = i
WHERE handoff.reason_id IS NOT NULL;
INSERT INTO handoff_attempt (handoff_id, lead_id, by_id, channel, outcome, occurred_at,
    recorded_at, note, link)
SELECT i, i, user_id, 'call', 'reached', least(opened_at + interval '2 hours', %(until)s),
    least(opened_at + interval '2 hours', %(until)s), '', ''
FROM plan WHERE is_contacted;
-- Running clocks are due in a month, a second apart, and never during another measurement.
INSERT INTO handoff_slaclock (handoff_id, lead_id, kind, target_id, calendar_id, started_at,
    warn_at, due_at, next_action_at, stopped_at, is_met)
SELECT i, i, kind, target_id, %(edition)s, opened_at,
    CASE WHEN runs THEN %(until)s + interval '30 days' ELSE opened_at + interval '3 hours' END,
    CASE WHEN runs THEN %(until)s + interval '31 days' ELSE opened_at + interval '4 hours' END,
    CASE WHEN runs THEN %(until)s + interval '30 days' + i * interval '1 second' END,
    CASE WHEN NOT runs THEN least(opened_at + interval '2 hours', %(until)s) END,
    CASE WHEN NOT runs AND (kind = 'answer' OR is_contacted) THEN true END
FROM (
    SELECT plan.*, kind, target_id, k < CASE kind WHEN 'answer' THEN 10 ELSE 15 END AS runs
    FROM plan CROSS JOIN unnest(%(kinds)s::text[], %(targets)s::bigint[]) AS clock(kind, target_id)
    WHERE is_handed
) AS planned
"""
# The events by first and last k: kind, from stage, to stage, hours after the lead opened, and their
# order within the hour.
LOG: Final = """
INSERT INTO leads_leadevent (lead_id, kind, occurred_at, recorded_at, actor_id, from_stage,
    to_stage, payload)
SELECT i, kind, least(opened_at + hours * interval '1 hour', %(until)s),
    least(opened_at + hours * interval '1 hour', %(until)s),
    CASE WHEN hours > 0 THEN user_id END, from_stage, to_stage,
    CASE kind
        WHEN 'opened' THEN jsonb_build_object('touch', i, 'source', source_id, 'campaign', NULL,
            'lead_type', type_id, 'predecessor', NULL)
        WHEN 'offered' THEN jsonb_build_object('handoff', i, 'leg', 'marketing_to_sdr',
            'user', user_id, 'team', team_id, 'hop', 0)
        WHEN 'accepted' THEN jsonb_build_object('handoff', i, 'user', user_id)
        WHEN 'rejected' THEN jsonb_build_object('handoff', i, 'user', user_id,
            'reason', CASE WHEN k < 55 THEN 'bad_timing' ELSE 'not_icp' END)
        WHEN 'attempted' THEN jsonb_build_object('handoff', i, 'channel', 'call',
            'outcome', 'reached', 'is_first', true)
        WHEN 'cannot_evaluate' THEN jsonb_build_object('handoff', i, 'user', user_id,
            'fields', jsonb_build_array('company.industry'))
        ELSE jsonb_build_object('why', 'score') END
FROM plan JOIN (VALUES
    (0, 100, 'opened', '', 'new', 0, 1),
    (0, 64, 'stage_changed', 'new', 'mql', 0, 2),
    (0, 64, 'offered', '', '', 0, 3),
    (10, 39, 'accepted', '', '', 1, 4),
    (10, 39, 'stage_changed', 'mql', 'sal', 1, 5),
    (40, 64, 'rejected', '', '', 1, 6),
    (40, 54, 'stage_changed', 'mql', 'nurture', 1, 7),
    (55, 64, 'stage_changed', 'mql', 'disqualified', 1, 8),
    (15, 39, 'attempted', '', '', 2, 9),
    (20, 39, 'stage_changed', 'sal', 'sql', 24, 10),
    (24, 31, 'stage_changed', 'sql', 'opportunity', 72, 11),
    (27, 31, 'stage_changed', 'opportunity', 'won', 120, 12),
    (32, 39, 'stage_changed', 'sql', 'lost', 120, 13),
    (65, 79, 'stage_changed', 'new', 'nurture', 0, 14),
    (80, 99, 'stage_changed', 'new', 'engaged', 0, 15),
    (100, 100, 'stage_changed', 'new', 'mql', 0, 16),
    (100, 100, 'offered', '', '', 0, 17),
    (100, 100, 'cannot_evaluate', '', '', 1, 18),
    (100, 100, 'stage_changed', 'mql', 'engaged', 1, 19)
) AS happened(first_k, last_k, kind, from_stage, to_stage, hours, place)
    ON k BETWEEN first_k AND last_k
ORDER BY opened_at + hours * interval '1 hour', i, place
"""
# One accepted lead of the measured inbox has a thousand events, all but six of them attempts.
LONG_LEAD: Final = 115
HISTORY: Final = """
CREATE TEMPORARY TABLE calls ON COMMIT DROP AS
SELECT plan.*, opened_at + interval '2 hours' + number * interval '1 hour' AS called_at
FROM plan CROSS JOIN generate_series(1, 994) AS number WHERE i = %(long)s;
INSERT INTO handoff_attempt (handoff_id, lead_id, by_id, channel, outcome, occurred_at,
    recorded_at, note, link)
SELECT i, i, user_id, 'call', 'no_answer', called_at, called_at, '', '' FROM calls;
UPDATE handoff_handoff SET attempt_count = attempt_count + (SELECT count(*) FROM calls)
WHERE id IN (SELECT i FROM calls);
INSERT INTO leads_leadevent (lead_id, kind, occurred_at, recorded_at, actor_id, from_stage,
    to_stage, payload)
SELECT i, 'attempted', called_at, called_at, user_id, '', '', jsonb_build_object('handoff', i,
    'channel', 'call', 'outcome', 'no_answer', 'is_first', false)
FROM calls
"""
NUMBERED: Final = (
    *("leads_company", "leads_contact", "leads_lead", "leads_touch", "handoff_handoff"),
)
FILLED: Final = (
    *NUMBERED,
    *("leads_externalid", "leads_leadscore", "leads_contextcard", "leads_leadevent"),
    *("handoff_slaclock", "handoff_attempt", "handoff_rejection", "handoff_workloadchange"),
)


FOREIGN_KEYS: Final = """
SELECT conrelid::regclass::text, quote_ident(conname), pg_get_constraintdef(oid)
FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY(%s::regclass[])
"""


@contextmanager
def foreign_keys_checked_at_once() -> Iterator[None]:
    """Check the foreign keys of all new rows with a join, which takes a fraction of one by one."""
    with connection.cursor() as cursor:
        cursor.execute(FOREIGN_KEYS, [list(FILLED)])
        keys = cursor.fetchall()
        for table, name, _ in keys:
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")
        yield
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, name, definition in keys:
            cursor.execute(f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def add_leads(count: int, *, until: datetime, over: timedelta = YEAR) -> None:
    """Add leads that are opened one after the other up to `until`."""
    values = parameters(count, until=until, over=over)
    connection.ensure_connection()
    # A client-side cursor, because a script has several statements.
    with transaction.atomic(), ClientCursor(connection.connection) as cursor:
        for script in (PLAN, CAPTURED, HANDED, LOG, HISTORY):
            cursor.execute(script, values)
        for table in NUMBERED:
            cursor.execute(
                "SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table, values["last"]]
            )


def parameters(count: int, *, until: datetime, over: timedelta) -> dict[str, Any]:
    memberships = Membership.objects.exclude(team__function=Team.Function.MARKETING)
    members = list(memberships.order_by("pk").values_list("user_id", "team_id"))
    first = 1 + (Lead.objects.aggregate(Max("pk"))["pk__max"] or 0)
    marketing = Team.objects.get(name="Marketing")
    policy = SlaPolicy.objects.get(is_default=True, status="published")
    kinds = [kind.code for kind in kinds_started_by(EventKind.OFFERED)]
    targets = SlaTarget.objects.filter(policy=policy, lead_type=None, temperature="")
    return {
        "first": first,
        "last": first + count - 1,
        "until": until,
        "step": over / count,
        "users": [user_id for user_id, _ in members],
        "teams": [team_id for _, team_id in members],
        "sources": list(Source.objects.order_by("pk").values_list("pk", flat=True)[:8]),
        "types": list(LeadType.objects.order_by("pk").values_list("pk", flat=True)[:4]),
        "industries": list(INDUSTRIES),
        "countries": list(COUNTRIES),
        "first_names": list(FIRST_NAMES),
        "long": LONG_LEAD,
        "digits": DIGITS,
        "letters": LETTERS,
        "marketing": marketing.pk,
        "model": ScoringModel.objects.get(status="published").pk,
        "policy": policy.pk,
        "edition": marketing.calendar.current_edition_id,
        "kinds": kinds,
        "targets": [targets.get(clock=code).pk for code in kinds],
    }


def vacuum() -> None:
    """Merge and vacuum as a job and autovacuum would later; the first measurement does not pay."""
    merge_changes()
    with connection.cursor() as cursor:
        for table in FILLED:
            cursor.execute(f"VACUUM (ANALYZE) {table}")
        cursor.execute("CHECKPOINT")
