"""API keys and requests for tests."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from django.test import Client

from api.keys import issue_key
from api.models import ApiKey, IdempotentRequest
from handoff.models import Handoff, RoutingDecision
from intake.models import ImportedLine
from leads.models import Company, Contact, Lead, LeadEvent, Touch
from people.models import Notice

TOUCHES: Final = "/api/v1/touches/"
WRITE: Final = ApiKey.Scope.TOUCHES_WRITE
DEMO: Final[dict[str, Any]] = {
    "kind": "demo_request",
    "lead_type": "demo",
    "source": "website",
    "email": "ann@company.example",
    "name": "Ann Example",
    "title": "Director of Operations",
    "company": "Company",
    "industry": "Software",
    "employees": 250,
    "country": "DE",
}
WRITTEN: Final = (
    Company,
    Contact,
    Handoff,
    IdempotentRequest,
    ImportedLine,
    Lead,
    LeadEvent,
    Notice,
    RoutingDecision,
    Touch,
)


def make_key(*scopes: str, **limits: Any) -> str:
    """Create a key, by default to send touches, and return its secret."""
    return issue_key("Website", scopes or [WRITE], **limits)[1]


def send(
    client: Client, secret: str, body: object, *, key: str = "", **headers: str
) -> tuple[int, Any]:
    """POST the body, as JSON unless it is text or bytes; return status and JSON of the answer."""
    raw = body if isinstance(body, str | bytes) else json.dumps(body)
    defaults = {"Authorization": f"Bearer {secret}"} | ({"Idempotency-Key": key} if key else {})
    answer = client.post(
        TOUCHES, raw, content_type="application/json", headers={**defaults, **headers}
    )
    return answer.status_code, answer.json()


def problem(status: int, detail: str, code: str, **more: Any) -> tuple[int, dict[str, Any]]:
    """Return what `send` returns for an error."""
    title = HTTPStatus(status).phrase
    body = {"type": problem_type(code), "title": title, "status": status, "detail": detail}
    return status, {**body, "code": code, **more}


def problem_type(code: str) -> str:
    return f"{settings.SITE_URL}/api/v1/problems/{code}/"


def invalid(**errors: str) -> tuple[int, dict[str, Any]]:
    """Return what `send` returns for invalid fields, each with its message."""
    listed = [{"field": field, "message": message} for field, message in errors.items()]
    detail = "Some fields are invalid. Nothing was stored."
    return problem(400, detail, "invalid_touch", errors=listed)


def rows_written() -> dict[str, int]:
    """Count the rows of the tables that a touch writes; leave out empty tables."""
    counts = {model.__name__: model._default_manager.count() for model in WRITTEN}
    return {name: count for name, count in counts.items() if count}


def told(lead: Lead) -> list[tuple[str, str, str]]:
    events = LeadEvent.objects.filter(lead=lead, kind="stage_changed").order_by("pk")
    return [
        (event.to_stage, f"{event.occurred_at:%Y-%m-%d}", event.payload.get("reason", ""))
        for event in events
    ]
