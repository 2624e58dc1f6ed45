from io import BytesIO
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from hypothesis import HealthCheck, given
from hypothesis import strategies as st

from intake.normalize import FIELDS
from leads.models import Touch
from tests.examples import examples
from tests.intake.factories import DEMO, TOUCHES, invalid, make_key, problem, rows_written, send

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        ("{", "Malformed JSON at line 1, column 2: "),
        ("", "The body is empty."),
        ("[]", "The body must be a JSON object of fields and values."),
        ('"text"', "The body must be a JSON object of fields and values."),
        ('{"employees": NaN}', "Malformed JSON: NaN is not a JSON number."),
        ('{"employees": -Infinity}', "Malformed JSON: -Infinity is not a JSON number."),
        ('{"employees": ' + "9" * 5_000 + "}", "Malformed JSON: a number has too many digits."),
        ("[" * 100_000, "Malformed JSON: nested too deeply."),
        (b'{"name": "\xff"}', "The body is not UTF-8: byte 11 is invalid."),
    ],
)
def test_body_that_is_not_a_json_object_is_rejected(
    client: Client, body: str | bytes, detail: str
) -> None:
    status, answer = send(client, make_key(), body)

    assert (status, answer["code"]) == (400, "parse_error")
    assert answer["detail"].startswith(detail)
    assert rows_written() == {}


NOT_TEXT: list[object] = [0, False, [], {}]
INVALID_FIELDS = [
    ({"color": "red"}, {"color": "Unknown field."}),
    ({"emial": "ann@x.example"}, {"emial": "Unknown field. Did you mean “email”?"}),
    ({"name": False}, {"name": "Must be text."}),
    ({"name": ["Ann"]}, {"name": "Must be text."}),
    ({"employees": "many"}, {"employees": "Must be a whole number."}),
    ({"employees": True}, {"employees": "Must be a whole number."}),
    ({"employees": -1}, {"employees": "Must be from 0 to 2,147,483,647."}),
    ({"employees": 10**30}, {"employees": "Must be from 0 to 2,147,483,647."}),
    ({"consent": "maybe"}, {"consent": "Must be true or false."}),
    ({"source": "webiste"}, {"source": "Unknown source “webiste”. Did you mean “website”?"}),
    *(({"source": source}, {"source": "Must be text."}) for source in NOT_TEXT),
    ({"campaign": "spring"}, {"campaign": "Unknown campaign “spring”. None is defined yet."}),
    (
        {"lead_type": "zzz"},
        {"lead_type": "Unknown lead type “zzz”. Known: consultation, demo, download, low_intent."},
    ),
    (
        {"timing": "tomorrow"},
        {"timing": "Unknown value “tomorrow”. Known: now, this_quarter, this_year, later."},
    ),
    ({"name": "x" * 100_000}, {"name": "Must be at most 200 characters; it has 100,000."}),
    ({"name": "a\x00b"}, {"name": "Contains a character that cannot be stored: U+0000."}),
    ({"title": "a\x1bb"}, {"title": "Contains a character that cannot be stored: U+001B."}),
    ({"company": "\ud800"}, {"company": "Contains a character that cannot be stored: U+D800."}),
    ({"\ud800": "x"}, {"\N{REPLACEMENT CHARACTER}": "Unknown field."}),
    ({"email": "ann"}, {"email": "Must be an email address such as ana@company.com."}),
    ({"email": "ann@"}, {"email": "Must be an email address such as ana@company.com."}),
    (
        {"email": f"{'a' * 60}@{'ü.' * 25}example"},
        {"email": "Must be at most 254 characters with its domain in ASCII; it has 268."},
    ),
    ({"phone": "12"}, {"phone": "“12” has no country code. Start with + or add the country."}),
    (
        {"phone": "030 901820", "country": "Atlantis"},
        {
            "country": "Unknown country “Atlantis”. Use its two-letter code, such as DE.",
            "phone": "“030 901820” has no country code. Start with + or add the country.",
        },
    ),
    ({"website": "acme"}, {"website": "“acme” is not a web address such as https://company.com."}),
    ({"answers": {"a": [1]}}, {"answers": "“a” must be text, a number, true or false."}),
    ({"answers": {"a": 1e16}}, {"answers": "“a” is too large."}),
    ({"answers": {"a": 10**400}}, {"answers": "“a” is too large."}),
    ({"answers": "a"}, {"answers": "Must be an object of names and values."}),
    ({"utm": {"source": [1]}}, {"utm": "“source” must be text, a number, true or false."}),
    ({"occurred_at": "2999-01-01T00:00Z"}, {"occurred_at": "Must not be in the future."}),
    ({"occurred_at": "0001-01-01T00:00+14:00"}, {"occurred_at": "Must not be before 1990."}),
    *(
        (
            {"occurred_at": moment},
            {
                "occurred_at": "Must be a date and time with a UTC offset, "
                "such as 2026-03-01T09:30:00Z."
            },
        )
        for moment in ("yesterday", "2026-02-30T09:00:00Z", "01.03.2026", 7)
    ),
]


@pytest.mark.parametrize(("wrong", "errors"), INVALID_FIELDS)
def test_strict_sender_is_told_of_an_invalid_field_and_nothing_is_written(
    client: Client, wrong: dict[str, object], errors: dict[str, str]
) -> None:
    body = wrong if "email" in wrong else {"email": "ann@company.example", **wrong}

    assert send(client, make_key(), body, Prefer="handling=strict") == invalid(**errors)
    assert rows_written() == {}


@pytest.mark.parametrize(("wrong", "errors"), INVALID_FIELDS)
def test_touch_is_received_without_its_invalid_fields(
    client: Client, wrong: dict[str, object], errors: dict[str, str]
) -> None:
    """Case I9: the rest of the touch is not lost."""
    body = {"external_id": "7", **wrong}

    status, answer = send(client, make_key(), body)

    touch = Touch.objects.get()
    assert status == 201
    assert {row["field"]: row["reason"] for row in answer["set_aside"]} == errors
    assert touch.set_aside == answer["set_aside"]


def test_value_set_aside_is_kept_as_it_was_sent(client: Client) -> None:
    body = {"email": "ann@company.example", "phone": "n/a", "color": {"a": [1]}, "name": "a\x00b"}

    answer = send(client, make_key(), body)[1]

    assert {row["field"]: row["value"] for row in answer["set_aside"]} == {
        "phone": "n/a",
        "color": '{"a": [1]}',
        "name": "a\N{REPLACEMENT CHARACTER}b",
    }


def test_sender_may_state_several_preferences(client: Client) -> None:
    body = {"email": "ann@company.example", "color": "red"}

    status, _ = send(client, make_key(), body, Prefer="return=minimal, Handling = strict; wait=5")

    assert status == 400


def test_number_that_overflows_is_set_aside(client: Client) -> None:
    body = '{"email": "ann@company.example", "answers": {"a": 1e999}}'

    answer = send(client, make_key(), body)[1]

    assert [row["reason"] for row in answer["set_aside"]] == ["“a” is too large."]


def test_all_invalid_fields_are_reported_at_once(client: Client) -> None:
    body = {"email": "ann@", "source": "zzz", "name": []}

    _, answer = send(client, make_key(), body, key="1")

    assert [error["field"] for error in answer["errors"]] == ["email", "source", "name"]
    assert rows_written() == {}


def test_touch_without_identity_is_rejected(client: Client) -> None:
    assert send(client, make_key(), {"name": "Ann", "email": " "}) == invalid(
        email="Must be an email address such as ana@company.com."
    )
    assert send(client, make_key(), {"name": "Ann", "email": ""}) == invalid(
        email="An email, phone or external_id is required."
    )
    assert rows_written() == {}


def test_body_of_ten_megabytes_is_rejected(client: Client) -> None:
    refusal = send(client, make_key(), b"x" * 10_000_000)

    assert refusal == problem(413, "The body must have at most 1,048,576 bytes.", "body_too_large")
    assert rows_written() == {}


def test_body_of_another_content_type_is_rejected(client: Client) -> None:
    secret = make_key()

    answer = client.post(
        TOUCHES, {"email": "a@b.example"}, headers={"Authorization": f"Bearer {secret}"}
    )

    assert answer.status_code == 415
    assert answer.json()["detail"] == 'Unsupported media type "multipart/form-data" in request.'


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"CONTENT_TYPE": "text/plain"}, 415),
        ({"HTTP_AUTHORIZATION": ""}, 401),
        ({"HTTP_IDEMPOTENCY_KEY": "x" * 201}, 400),
        ({}, 413),
    ],
)
def test_rejection_reads_the_body_to_its_end(
    client: Client, wrong: dict[str, str], status: int
) -> None:
    body = BytesIO(b"x" * 2_000_000)
    sent: dict[str, Any] = {
        "HTTP_AUTHORIZATION": f"Bearer {make_key()}",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": "2000000",
        "wsgi.input": body,
    }

    answer = client.generic("POST", TOUCHES, **{**sent, **wrong})

    assert (answer.status_code, body.tell()) == (status, 2_000_000)


def test_errors_are_limited_to_fifty(client: Client) -> None:
    names = [f"field_{n}" for n in range(1_000)]

    refusal = send(client, make_key(), dict.fromkeys(names, 1))

    missing = {"email": "An email, phone or external_id is required."}
    assert refusal == invalid(**dict.fromkeys(names[:50], "Unknown field."), **missing)


def test_touches_cannot_be_read(client: Client) -> None:
    answer = client.get(TOUCHES, headers={"Authorization": f"Bearer {make_key()}"})

    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")


def test_unavailable_database_is_a_503_with_retry_after(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OperationalError("the connection is closed")

    secret = make_key()
    monkeypatch.setattr("api.idempotency.receive", gone)

    answer = client.post(
        TOUCHES, DEMO, "application/json", headers={"Authorization": f"Bearer {secret}"}
    )

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json()["detail"] == (
        "The server is not available for a moment. Nothing was stored."
    )


def test_error_of_a_statement_is_a_bug(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise InterfaceError("the cursor is closed")

    secret = make_key()
    monkeypatch.setattr("api.idempotency.receive", breaks)

    status, answer = send(client, secret, DEMO)

    assert (status, answer["code"]) == (500, "server_error")


def test_bug_is_logged_and_answered_with_problem_details(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise ZeroDivisionError("somewhere inside")

    secret = make_key()
    monkeypatch.setattr("api.idempotency.receive", breaks)

    refusal = send(client, secret, DEMO)

    assert refusal == problem(
        500, "Something went wrong on our side. The error is logged.", "server_error"
    )
    assert "ZeroDivisionError: somewhere inside" in caplog.text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)
NAMES = st.sampled_from(sorted(FIELDS)) | st.text()


@examples(100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300) | st.dictionaries(NAMES, JSON, max_size=6))
def test_arbitrary_body_is_never_a_server_error(client: Client, body: object) -> None:
    secret = make_key()
    before = Touch.objects.count()

    status, _ = send(client, secret, body)

    assert status in {201, 400}
    assert Touch.objects.count() - before == (status == 201)
