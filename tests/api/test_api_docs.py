import json

import pytest
from django.test import Client
from drf_spectacular.validation import validate_schema

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


def test_docs_page_loads_only_own_files_and_nothing_inline(client: Client) -> None:
    answer = client.get("/api/v1/docs/")

    page = Page(answer)
    addresses = addresses_of(page)
    assert page.status == 200
    assert len(addresses) == 4
    assert all(address.startswith("/static/") for address in addresses)
    assert inline_code_of(page) == []
    policy = answer.headers["Content-Security-Policy"]
    assert "script-src 'self';" in policy + ";"
    assert "unsafe" not in policy
