"""An upgrade from release 0.1 loses nothing; the dump was made by that release itself."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

import psycopg
import pytest
from django.db import connection

from handoff.answers.reasons import REASONS
from handoff.defaults import RULE_SET_NOTE, RULES
from leads.default_definitions import DEFINITIONS
from leads.defaults import SCORING, SOURCES
from tests.installation.restored import manage, restored, structure

INSPECT: Final = "from tests.installation.inspection import print_inspection; print_inspection()"
VIEW, EDIT, FULL = "view", "add change view", "add change delete view"
CHANGE: Final = "change view"
ROWS: Final = {
    "Absence": 1, "ApiKey": 2, "Attempt": 16, "Campaign": 1, "ClosedDay": 1, "Company": 28,
    "Contact": 28, "ContextCard": 29, "Escalation": 13, "Group": 6, "Handoff": 31,
    "IdempotentRequest": 2, "ImportedLine": 4, "Lead": 29, "LeadEvent": 340, "LeadScore": 27,
    "LogEntry": 3, "Membership": 5, "Notice": 46, "Rejection": 7, "RejectionReason": 8,
    "RoutingDecision": 30, "SlaClock": 62, "Source": 11, "Team": 3, "Touch": 32, "User": 10,
}  # fmt: skip
RIGHTS: Final[dict[str, dict[str, str]]] = {
    "rep1": {},
    "manager": {"Absence": FULL, "Membership": VIEW, "Team": VIEW},
    "marketer": {
        "Campaign": EDIT, "Company": CHANGE, "Contact": CHANGE, "ExternalId": FULL,
        "LeadType": VIEW, "Source": VIEW, "SourceSystem": VIEW,
    },
    "owner": {
        "Campaign": VIEW, "LeadType": VIEW, "MailDomain": VIEW, "Membership": VIEW,
        "RejectionReason": VIEW, "TitlePhrases": VIEW,
        "RoutingRule": VIEW, "RuleCondition": VIEW, "RuleSet": VIEW, "ScoringCriterion": VIEW,
        "ScoringGroup": VIEW, "ScoringModel": VIEW, "SlaPolicy": VIEW, "SlaTarget": VIEW,
        "Source": VIEW, "SourceSystem": VIEW, "StageDefinition": VIEW, "Team": VIEW, "User": VIEW,
        "WorkCalendar": VIEW,
    },
    "operations": {
        "Absence": FULL, "ApiKey": EDIT, "CalendarEdition": VIEW, "CalendarWindow": FULL,
        "Campaign": EDIT, "ClosedDay": FULL, "Company": CHANGE, "Contact": CHANGE,
        "ExternalId": FULL, "LeadType": EDIT, "MailDomain": FULL, "Membership": FULL,
        "SourceSystem": EDIT, "TitlePhrases": FULL,
        "RejectionReason": EDIT, "RoutingRule": FULL, "RuleCondition": FULL, "RuleSet": FULL,
        "ScoringCriterion": FULL, "ScoringGroup": FULL, "ScoringModel": FULL, "SlaPolicy": FULL,
        "SlaTarget": FULL, "Source": EDIT, "StageDefinition": FULL, "Team": EDIT, "User": EDIT,
        "WorkCalendar": EDIT,
    },
    "leader": {},
    "new": {},
}  # fmt: skip


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with restored("release-0.1.sql.gz") as address:
        with psycopg.connect(address) as before:
            before.execute("UPDATE leads_contact SET external_id = 'id-' || id")
        manage(address, "prepare")
        yield address


@pytest.fixture(scope="module")
def inspection(database: str) -> Any:
    return json.loads(manage(database, "shell", "--no-imports", "-c", INSPECT))


@pytest.mark.django_db
def test_upgraded_database_has_the_structure_of_a_new_one(database: str) -> None:
    with connection.cursor() as new, psycopg.connect(database) as upgraded:
        assert structure(upgraded.cursor()) == structure(new)


def test_upgrade_keeps_every_row(inspection: Any) -> None:
    facts = inspection["facts"]

    assert {name: facts["rows"][name] for name in ROWS} == ROWS
    assert facts["leads"] == {
        "new": 3, "engaged": 3, "mql": 4, "sal": 9, "sql": 1, "opportunity": 1, "won": 3,
        "lost": 1, "nurture": 2, "disqualified": 2,
    }  # fmt: skip
    assert facts["handoffs"] == {
        "offered": 4, "accepted": 13, "rejected": 7, "cannot_evaluate": 2, "expired": 4,
        "withdrawn": 1,
    }  # fmt: skip
    assert facts["events"] == {
        "opened": 29, "touched": 3, "scored": 30, "stage_changed": 63, "routed": 30,
        "offered": 31, "viewed": 12, "accepted": 18, "rejected": 7, "cannot_evaluate": 2,
        "expired": 4, "withdrawn": 1, "completed": 2, "attempted": 16, "clock_warned": 3,
        "clock_met": 38, "clock_breached": 6, "escalated": 2, "owner_changed": 41,
        "card_edited": 1, "data_completed": 1,
    }  # fmt: skip
    assert facts["clocks"] == {"True": 38, "False": 6, "None": 18}
    assert facts["escalations"] == {"warn": 3, "tell": 6, "reassign": 3, "last_queue": 1}


def test_rejected_handoffs_keep_their_reasons(inspection: Any) -> None:
    facts = inspection["facts"]
    rejections = [
        [1, "not_icp", "", "rep1@ours.example"],
        [2, "no_budget", "", "rep3@ours.example"],
        [3, "no_authority", "", "rep2@ours.example"],
        [4, "bad_timing", "Next year.", "rep1@ours.example"],
        [5, "duplicate", "", "rep1@ours.example"],
        [6, "unresponsive", "", "rep3@ours.example"],
        [7, "bad_data", "", "rep2@ours.example"],
    ]

    assert facts["rejections"] == rejections
    assert facts["handoff_reasons"] == {str(lead): code for lead, code, _, _ in rejections}


def test_upgrade_keeps_what_operations_edited_and_its_history(inspection: Any) -> None:
    facts = inspection["facts"]

    assert facts["edited"] == {
        "reason": [["Not this half-year", "Ask again in the next one.", 90]],
        "rule": [[3, "draft", "person", "rep4@ours.example"]],
        "condition": [["company.employees", 1000]],
        "scoring": [[2, 70]],
        "definition": [["sql", "Agreed to a second meeting."]],
    }
    assert facts["reasons_added"] == 8
    assert facts["reason_history"] == {
        "bad_timing": [
            ["insert", "Bad timing", True, None],
            ["update", "Not this half-year", True, 8],
        ],
        "other_region": [
            ["insert", "Outside our regions", True, 8],
            ["update", "Outside our regions", False, 8],
        ],
    }


def test_upgrade_rewords_the_default_texts_that_nobody_edited(inspection: Any) -> None:
    texts = inspection["facts"]["defaults"]
    # A published rule keeps its conditions, and with them the text that explains them.
    first = [RULES[0].name, "They have no purchasing authority, so marketing stays in touch."]
    rules = [first, *([rule.name, rule.rationale] for rule in RULES[1:])]

    assert texts == {
        "reasons": [[r.code, r.label, r.help] for r in REASONS if r.code != "bad_timing"],
        "criteria": [[points.label] for group in SCORING for points in group.criteria],
        "rules": rules,
        "compiled": rules,
        "note": RULE_SET_NOTE,
        "definitions": {stage: list(answers) for stage, answers in DEFINITIONS.items()},
        "sources": {**SOURCES, "partner": "Resellers"},
    }


def test_roles_keep_their_rights_and_pages(inspection: Any) -> None:
    known = {*ROWS, *RIGHTS["operations"]}
    kept = {
        email.removesuffix("@ours.example"): {
            name: actions for name, actions in rights.items() if name in known
        }
        for email, rights in inspection["facts"]["rights"].items()
    }

    assert {who: kept[who] for who in RIGHTS} == RIGHTS
    assert {who for who, status in inspection["homes"].items() if status != 302} == {
        "new@ours.example"
    }


def test_reports_and_invariants_are_as_before(inspection: Any) -> None:
    assert inspection["violations"] == []
    assert inspection["reports"] == {
        "overview": [
            ["leads", 29, 29],
            ["mql_to_sql", 6, 26],
            ["source_to_sql", 6, 29],
            ["sales_acceptance", 16, 20],
            ["time_to_first_action", 15, 31],
            ["contact_within_sla", 15, 17],
            ["sla_attainment", 22, 27],
        ],
        "funnel": [[29], [26], [26], [18], [6], [4], [3], [3], [2], [1]],
        "sources": [
            ["Website", 15, 14, 3, 1, 3],
            ["Paid search", 5, 5, 1, 0, 1],
            ["Event", 5, 5, 1, 1, 0],
            ["Referral", 2, 2, 1, 1, 0],
            ["Organic search", 1, 0, 0, 0, 0],
            ["Social", 1, 0, 0, 0, 0],
        ],
        "rejections": [["Event", 1]] * 2 + [["Paid search", 1]] * 2 + [["Website", 1]] * 3,
        "speed": [["Inbound", 28, 22, 14, 22.5], ["Qualification", 3, 1, 1, 170.0]],
    }


def test_api_keys_and_idempotency_answers_are_still_known(inspection: Any) -> None:
    first = {"touch": 19, "contact": 19, "lead": 19, "is_new": True, "stage": "mql", "score": 90}
    first |= {"owner": 1, "queue": None, "handoff": 27}

    assert inspection["same_request"] == [201, first]
    assert (inspection["other_body"], inspection["revoked_key"]) == (409, 401)


def test_new_lead_can_be_rejected_after_the_upgrade(inspection: Any) -> None:
    assert inspection["new_rejection"] == [["not_icp"]]


def test_second_upgrade_changes_nothing(inspection: Any) -> None:
    assert inspection["again"] == {"created": [], "facts": inspection["facts"]}


def test_upgrade_gives_each_external_id_to_the_system_that_brought_it(database: str) -> None:
    with psycopg.connect(database) as upgraded:
        ids = upgraded.execute(
            "SELECT system_id, count(*), bool_and(value = 'id-' || contact_id) "
            "FROM leads_externalid WHERE NOT is_conflict GROUP BY 1 ORDER BY 1"
        ).fetchall()
        keys = upgraded.execute("SELECT DISTINCT source_system_id FROM api_apikey").fetchall()

    assert (ids, keys) == (
        [("fair", 1, True), ("last-year", 2, True), ("unnamed", 25, True)],
        [("unnamed",)],
    )
