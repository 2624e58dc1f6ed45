import json

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

from api.reference import type_text, with_code
from api.schema import Schema
from intake.normalize import FIELDS
from tests.intake.factories import TOUCHES, make_key, send
from tests.pages import Page, addresses_of, inline_code_of

SCHEMA = "/api/v1/schema/?format=json"


def test_schema_is_valid_and_has_every_field(client: Client) -> None:
    schema = json.loads(client.get(SCHEMA).content)

    validate_schema(schema)  # type: ignore[no-untyped-call]
    post = schema["paths"][TOUCHES]["post"]
    body = post["requestBody"]["content"]["application/json"]["schema"]
    assert set(body["properties"]) == FIELDS
    assert set(post["responses"]) == {
        "201",
        "400",
        "401",
        "403",
        "409",
        "413",
        "415",
        "429",
        "500",
        "503",
    }


@pytest.mark.django_db
def test_example_of_the_schema_is_accepted(client: Client) -> None:
    schema = json.loads(client.get(SCHEMA).content)
    body = schema["paths"][TOUCHES]["post"]["requestBody"]["content"]["application/json"]

    assert send(client, make_key(), body["schema"]["examples"][0])[0] == 201


@pytest.fixture
def reference(client: Client) -> Page:
    return Page(client.get("/api/v1/docs/"))


def names_in(page: Page, label: str) -> list[str]:
    return page.texts(f'[aria-label="{label}"] tbody th')


def test_reference_has_every_operation_parameter_and_field(client: Client, reference: Page) -> None:
    paths = json.loads(client.get(SCHEMA).content)["paths"]
    listed = paths["/api/v1/leads/"]["get"]
    result = listed["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
    lead = result["results"]["items"]["properties"]

    assert reference.texts("main h2") == ["List leads", "Read a lead", "Send a touch"]
    assert len(paths) == 3
    assert names_in(reference, "List leads: Parameters") == [
        parameter["name"] for parameter in listed["parameters"]
    ]
    assert set(names_in(reference, "Send a touch: Fields of the body")) == FIELDS
    assert names_in(reference, "List leads: Fields of the answer") == [
        *result,
        *(f"results[].{name}" for name in lead),
    ]
    assert json.loads(reference.texts("pre")[-1])["kind"] == "demo_request"
    assert "At least one of email, phone and external_id is required." in reference.text("main")


def test_reference_loads_only_own_files_and_nothing_inline(client: Client) -> None:
    answer = client.get("/api/v1/docs/")

    page = Page(answer)
    files = [address for address in addresses_of(page) if "://" in address or "//" in address[:2]]
    assert files == []
    assert inline_code_of(page) == []
    policy = answer.headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "data:" not in policy


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string", "maxLength": 200}, "text, at most 200 characters"),
        ({"type": ["string", "null"], "format": "date-time"}, "date and time or null"),
        ({"type": ["string", "number", "null"]}, "text or number or null"),
        ({"type": "string", "enum": ["no", "yes"]}, "one of no, yes"),
        ({"type": "integer", "minimum": 0, "maximum": 9}, "whole number, from 0 to 9"),
        ({"type": "integer", "default": 100}, "whole number, 100 unless given"),
        ({"type": "object", "maxProperties": 50}, "object, at most 50 entries"),
    ],
)
def test_types_are_words(schema: Schema, text: str) -> None:
    assert type_text(schema) == text


def test_text_between_backticks_is_code() -> None:
    assert with_code("From `next` & <b>") == "From <code>next</code> &amp; &lt;b&gt;"
