"""Print as JSON what an upgraded database holds and does; run in a process of its own.

Models are looked up by class name, because they may live in another app than in the old release.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import redirect_stdout, suppress
from io import StringIO
from typing import Any, Final

from django.apps import apps
from django.core.management import call_command
from django.db.models import Count, Manager, QuerySet
from django.test import Client
from django.test.utils import setup_test_environment

TOUCHES: Final = "/api/v1/touches/"
KEY: Final = "hk_release-0-1-website"
REVOKED_KEY: Final = "hk_release-0-1-revoked"
# The bytes that were sent as "order-1" when the dump was made.
TOUCH: Final[Mapping[str, Any]] = {
    "kind": "demo_request",
    "lead_type": "demo",
    "source": "website",
    "email": "ann@first-buyer.example",
    "name": "Ann Buyer",
    "title": "Director of Operations",
    "company": "First Buyer",
    "phone": "+49 30 555001",
    "industry": "Software",
    "employees": 250,
    "country": "DE",
    "stated_problem": "Leads get lost between two tools.",
}
DEFINITION: Final = ("buyer_did", "company_looks_like", "problem_shows", "sales_does_next")
MODELS: Final = {model.__name__: model for model in apps.get_models()}


def rows(name: str) -> Manager[Any]:
    manager: Manager[Any] = MODELS[name]._default_manager
    return manager


def print_inspection() -> None:
    setup_test_environment()
    # Some commands print whatever they are asked for.
    # Standard output is for the JSON alone.
    with redirect_stdout(sys.stderr):
        inspection = {
            # First, because it counts the figures of the old release again.
            "reports": reports(),
            "facts": facts(),
            "violations": command("check_invariants")["violations"],
            "again": upgrade_again(),
            "homes": {user.email: home(user) for user in rows("User").order_by("pk")},
            "same_request": post(TOUCH, idempotency_key="order-1"),
            "other_body": post({**TOUCH, "title": "VP"}, idempotency_key="order-1")[0],
            "revoked_key": post(TOUCH, key=REVOKED_KEY)[0],
            "new_rejection": reject_new_lead(),
        }
    sys.stdout.write(json.dumps(inspection))


def facts() -> dict[str, Any]:
    return {
        "rows": {name: rows(name).count() for name in MODELS},
        "leads": counts("Lead", "stage"),
        "handoffs": counts("Handoff", "state"),
        "events": counts("LeadEvent", "kind"),
        "clocks": counts("SlaClock", "is_met"),
        "escalations": counts("Escalation", "step"),
        "handoff_reasons": {
            handoff.lead_id: reason_code(handoff)
            for handoff in rows("Handoff").filter(state="rejected").order_by("pk")
        },
        "rejections": values(
            rows("Rejection").order_by("handoff"),
            *("handoff__lead", "reason__code", "note", "rejected_by__email"),
        ),
        "reasons_added": rows("RejectionReasonEvent").filter(pgh_label="insert").count(),
        "reason_history": {code: history(code) for code in ("bad_timing", "other_region")},
        "edited": edited(),
        "defaults": default_texts(),
        "rights": {user.email: rights(user) for user in rows("User").order_by("pk")},
    }


def edited() -> dict[str, Any]:
    """Return what operations wrote: one reason, and drafts of three kinds."""
    rule = rows("RoutingRule").filter(name="Big companies")
    draft = {"status": "draft"}
    return {
        "reason": values(
            rows("RejectionReason").filter(code="bad_timing"), "label", "help", "cool_down_days"
        ),
        "rule": values(rule, "rule_set__version", "rule_set__status", "target", "person__email"),
        "condition": values(rows("RuleCondition").filter(rule__in=rule), "field", "value"),
        "scoring": values(rows("ScoringModel").filter(**draft), "version", "mql_threshold"),
        "definition": values(rows("StageDefinition").filter(**draft), "stage", "buyer_did"),
    }


def default_texts() -> dict[str, Any]:
    """Return the texts of the first versions, which bootstrap created and published."""
    reasons = rows("RejectionReason").exclude(code__in=("bad_timing", "other_region"))
    criteria = rows("ScoringCriterion").filter(group__model__version=1)
    rules = rows("RoutingRule").filter(rule_set__version=1)
    definitions = rows("StageDefinition").filter(version=1).order_by("pk")
    rule_set = rows("RuleSet").get(version=1)
    return {
        "reasons": values(reasons.order_by("position"), "code", "label", "help"),
        "criteria": values(criteria.order_by("group", "position"), "label"),
        "rules": values(rules.order_by("position"), "name", "rationale"),
        "compiled": [[rule["name"], rule["rationale"]] for rule in rule_set.compiled["rules"]],
        "note": rule_set.note,
        "definitions": {
            row.stage: [getattr(row, name) for name in DEFINITION] for row in definitions
        },
        "sources": dict(values(rows("Source").all(), "code", "name")),
    }


def values(queryset: QuerySet[Any], *columns: str) -> list[Any]:
    return list(queryset.values_list(*columns))


def counts(name: str, column: str) -> dict[str, int]:
    groups = rows(name).values_list(column).annotate(Count("pk")).order_by(column)
    return {str(value): number for value, number in groups}


def reason_code(handoff: Any) -> str:
    """Return the code, whether the handoff stores it or points to the reason."""
    reason = getattr(handoff, "reason", None)
    return str(reason.code if reason else handoff.reason_code)


def history(code: str) -> list[Any]:
    """Return the first two versions of a reason; an upgrade may add more."""
    versions = rows("RejectionReasonEvent").filter(code=code).order_by("pgh_id")[:2]
    return values(versions, "pgh_label", "label", "is_active", "pgh_context__metadata__user")


def rights(user: Any) -> dict[str, str]:
    """Return what the user may do in the admin, by the names of models."""
    allowed = {
        name: " ".join(
            action
            for action in ("add", "change", "delete", "view")
            if user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}")
        )
        for name, model in MODELS.items()
    }
    return {name: actions for name, actions in allowed.items() if actions}


def reports() -> dict[str, Any]:
    return {
        "overview": report("overview", "metric", "numerator", "denominator"),
        "funnel": report("funnel", "leads"),
        "sources": report("sources", "source", "leads", "mql", "sql", "won", "rejected"),
        "rejections": report("rejections", "source", "rejections"),
        "speed": report("speed", "team", "handoffs", "responses", "contacted", "median_minutes"),
    }


def report(name: str, *columns: str) -> list[Any]:
    output = command("report", name, "--from", "2026-01-01", "--to", "2026-11-15")
    return [[row[column] for column in columns] for row in output["rows"]]


def command(*words: str) -> Any:
    out = StringIO()
    # check_invariants exits with 1 when it finds a violation.
    with suppress(SystemExit):
        call_command(*words, "--json", stdout=out)
    return json.loads(out.getvalue())


def upgrade_again() -> dict[str, Any]:
    """Exit with 1 if anything is left to migrate, else upgrade once more."""
    call_command("migrate", "--check", verbosity=0)
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)
    call_command("prepare")
    return {"facts": facts(), "created": command("bootstrap")["created"]}


def home(user: Any) -> int:
    """Return 302 for a user whose role has a home page."""
    client = Client()
    client.force_login(user)
    return client.get("/").status_code


def post(body: Mapping[str, Any], *, key: str = KEY, idempotency_key: str = "") -> Any:
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": idempotency_key}
    answer = Client().post(TOUCHES, body, "application/json", headers=headers)
    return answer.status_code, answer.json()


def reject_new_lead() -> list[Any]:
    """Send a touch through the API, reject its lead on the page, return the stored reason."""
    status, answer = post({**TOUCH, "email": "new@other-buyer.example", "phone": ""})
    if status != 201:
        return [answer]
    client = Client()
    client.force_login(rows("User").get(pk=answer["owner"]))
    client.post(f"/handoffs/{answer['handoff']}/reject/", {"reason": "not_icp"})
    return values(rows("Rejection").filter(handoff=answer["handoff"]), "reason__code")
