"""Requests and answers are as the OpenAPI schema documents them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from api.models import ApiKey
from tests.factories import make_handoff, make_lead, make_pool, make_rep
from tests.intake.factories import make_key

pytestmark = pytest.mark.django_db

README: Final = Path(__file__).parents[2] / "README.md"
LEADS: Final = "/api/v1/leads/"
TOUCHES: Final = "/api/v1/touches/"
# Values for parameters whose type allows more than an enumeration.
SAMPLES: Final = {"integer": 10, "number": 10, "date": "2026-11-02"}
# These have a test of their own.
FOLLOWING: Final = {"cursor", "updated_since", "email", "external_id"}


def load_schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(Client().get("/api/v1/schema/?format=json").content)
    return schema


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in load_schema()["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def assert_documented(operation: dict[str, Any], answer: Any) -> None:
    """Assert that the answer has a documented status, and the fields documented for it."""
    documented = operation["responses"][str(answer.status_code)]["content"]
    content = documented[answer.headers["Content-Type"]]
    names = content["schema"]["properties"].keys()
    body = answer.json()
    Draft202012Validator(content["schema"]).validate(body)
    assert body.keys() <= names, f"undocumented: {body.keys() - names}"
    if answer.status_code < 400:
        assert body.keys() == names


def headers(*scopes: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {make_key(*(scopes or ApiKey.Scope.values))}"}


def test_schema_is_valid_openapi_with_two_operations() -> None:
    validate_schema(load_schema())  # type: ignore[no-untyped-call]

    assert {(path, method) for path, method, operation in operations() if "tags" in operation} >= {
        (LEADS, "get"),
        (TOUCHES, "post"),
    }


def test_every_example_request_is_accepted_and_answered_as_documented(client: Client) -> None:
    examples = [
        (path, operation, example)
        for path, method, operation in operations()
        if method == "post"
        for example in operation["requestBody"]["content"]["application/json"]["schema"]["examples"]
    ]
    assert examples

    for path, operation, example in examples:
        answer = client.post(path, example, "application/json", headers=headers())

        assert answer.status_code == 201, answer.json()
        assert_documented(operation, answer)


def test_example_request_of_the_readme_is_accepted(client: Client) -> None:
    (example,) = re.findall(r"-d '(\{.*?\})'", README.read_text(encoding="utf-8"), re.DOTALL)

    answer = client.post(TOUCHES, example, "application/json", headers=headers())

    assert answer.status_code == 201, answer.json()


def test_every_documented_parameter_value_is_accepted(client: Client) -> None:
    make_pool(make_rep())
    make_handoff()
    make_lead(lead_type="low_intent", seniority="student")
    key = headers()
    operation = load_schema()["paths"][LEADS]["get"]
    queries = [
        {parameter["name"]: value}
        for parameter in operation["parameters"]
        if parameter["name"] not in FOLLOWING
        for value in documented_values(parameter["schema"])
    ]
    assert len(queries) > len(operation["parameters"])

    for query in queries:
        answer = client.get(LEADS, query, headers=key)

        assert answer.status_code == 200, (query, answer.json())
        assert_documented(operation, answer)


def documented_values(schema: dict[str, Any]) -> list[Any]:
    if "enum" in schema:
        return list(schema["enum"])
    sample = SAMPLES.get(schema.get("format", ""), SAMPLES.get(schema["type"]))
    return [sample if sample is not None else "none"]


def test_leads_are_answered_as_documented(client: Client) -> None:
    make_pool(make_rep())
    make_handoff()
    make_lead(lead_type="low_intent", seniority="student")
    item = load_schema()["paths"][LEADS]["get"]["responses"]["200"]["content"]["application/json"]
    lead_schema = item["schema"]["properties"]["results"]["items"]

    results = client.get(LEADS, headers=headers()).json()["results"]

    assert len(results) == 2
    for lead in results:
        Draft202012Validator(lead_schema).validate(lead)
        assert lead.keys() == lead_schema["properties"].keys()


@pytest.mark.parametrize(
    ("body", "scopes", "key", "status"),
    [
        ({"email": "ann"}, [ApiKey.Scope.TOUCHES_WRITE], "1", 400),
        ({"email": "ann@company.example"}, [ApiKey.Scope.LEADS_READ], "1", 403),
        ({"email": "ann@company.example"}, [ApiKey.Scope.TOUCHES_WRITE], "used", 409),
    ],
)
def test_errors_are_answered_as_documented(
    client: Client, body: dict[str, str], scopes: list[str], key: str, status: int
) -> None:
    sent = {**headers(*scopes), "Idempotency-Key": key}
    if key == "used":
        client.post(TOUCHES, {"email": "bob@firm.example"}, "application/json", headers=sent)

    answer = client.post(TOUCHES, body, "application/json", headers=sent)

    assert answer.status_code == status
    assert_documented(load_schema()["paths"][TOUCHES]["post"], answer)


def test_missing_key_is_answered_as_documented(client: Client) -> None:
    answer = client.post(TOUCHES, {"email": "ann@company.example"}, "application/json")

    assert answer.status_code == 401
    assert_documented(load_schema()["paths"][TOUCHES]["post"], answer)
