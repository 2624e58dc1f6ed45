import json

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from time_machine import travel

from api.keys import issue_key
from api.models import IdempotentRequest
from leads.models import Contact, Lead, Source, Touch
from tests.factories import make_pool, make_rep
from tests.intake.factories import DEMO, TOUCHES, WRITE, make_key, problem, rows_written, send
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db


def test_demo_request_becomes_a_lead_offered_to_a_rep(client: Client) -> None:
    rep = make_rep()
    make_pool(rep)

    status, answer = send(client, make_key(), DEMO)

    lead = Lead.objects.get()
    touch = Touch.objects.get()
    assert status == 201
    assert answer == {
        "touch": touch.pk,
        "contact": lead.contact_id,
        "lead": lead.pk,
        "is_new": True,
        "stage": "mql",
        "score": lead.score,
        "owner": rep.pk,
        "queue": None,
        "handoff": lead.handoffs.get().pk,
        "set_aside": [],
    }
    assert touch.via == "api"
    assert Contact.objects.get().seniority == "director"


def test_second_touch_of_a_contact_reinforces_the_open_lead(client: Client) -> None:
    secret = make_key()
    first = send(client, secret, {"email": "ann@company.example"})[1]

    status, second = send(client, secret, {"email": " Ann@Company.EXAMPLE ", "kind": "site_visit"})

    assert status == 201
    assert (second["lead"], second["is_new"]) == (first["lead"], False)
    assert Lead.objects.get().touch_count == 2


def test_lead_routed_to_a_pool_takes_four_statements(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_pool()
    secret = make_key()
    send(client, secret, {**DEMO, "email": "first@elsewhere.example"})

    # Two of the six are the test's own savepoint, where the product has its one transaction.
    with django_assert_num_queries(6):
        send(client, secret, DEMO, key="k1")


def test_source_and_date_default_to_the_key_and_now(client: Client) -> None:
    source = Source.objects.get(code="webinar")
    secret = issue_key("Webinar tool", [WRITE], source)[1]

    with travel(MONDAY_9AM, tick=False):
        send(client, secret, {"email": "ann@company.example", "source": None})

    touch = Touch.objects.get()
    assert (touch.source, touch.occurred_at) == (source, MONDAY_9AM)


@pytest.mark.parametrize(
    "sent",
    [{"employees": "250"}, {"employees": 250.0}, {"consent": "true"}, {"external_id": 250}],
)
def test_values_are_read_as_form_tools_send_them(client: Client, sent: dict[str, object]) -> None:
    send(client, make_key(), {"email": "ann@company.example", "company": "Company", **sent})

    contact = Contact.objects.select_related("company").get()
    assert contact.company is not None
    ids = [str(external_id) for external_id in contact.external_ids.all()]
    stored = (contact.company.employees, contact.consent, *ids)
    assert stored in {(250, None), (None, True), (None, None, "Website:250")}


def test_source_is_accepted_by_name(client: Client) -> None:
    send(client, make_key(), {"email": "ann@company.example", "source": "organic search"})

    assert Touch.objects.get().source == Source.objects.get(code="organic-search")


def test_new_source_is_accepted_at_once(client: Client) -> None:
    secret = make_key()
    body = {"email": "ann@company.example", "source": "fair"}
    assert send(client, secret, body, Prefer="handling=strict")[0] == 400

    Source.objects.create(code="fair", name="Trade fair")

    assert send(client, secret, body, Prefer="handling=strict")[0] == 201


def test_same_idempotency_key_and_body_return_the_first_answer(client: Client) -> None:
    secret = make_key()
    first = send(client, secret, DEMO, key="order-1")
    before = rows_written()

    answer = client.post(
        TOUCHES,
        DEMO,
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}", "Idempotency-Key": "order-1"},
    )

    assert (answer.status_code, answer.json()) == first
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert rows_written() == before


@pytest.mark.parametrize(
    "again",
    [
        json.dumps(dict(reversed(DEMO.items()))),
        json.dumps(DEMO, indent=2),
        json.dumps(DEMO).replace("Ann", "\\u0041nn"),
    ],
)
def test_same_values_in_another_form_return_the_first_answer(client: Client, again: str) -> None:
    """Case I13: middleware that repeats a call may write the same JSON anew."""
    secret = make_key()
    first = send(client, secret, DEMO, key="k1")

    assert send(client, secret, again, key="k1") == first


def test_same_idempotency_key_with_another_body_is_rejected(client: Client) -> None:
    secret = make_key()
    send(client, secret, DEMO, key="order-1")
    before = rows_written()

    refusal = send(client, secret, {**DEMO, "name": "Someone Else"}, key="order-1")

    assert refusal == problem(
        409,
        "This Idempotency-Key was already used with another body.",
        "idempotency_key_used",
    )
    assert rows_written() == before


def test_idempotency_keys_of_two_clients_are_independent(client: Client) -> None:
    send(client, make_key(), DEMO, key="1")

    status, answer = send(client, make_key(), DEMO, key="1")

    assert (status, answer["is_new"]) == (201, False)
    assert IdempotentRequest.objects.count() == 2


def test_rejected_body_does_not_use_up_its_idempotency_key(client: Client) -> None:
    secret = make_key()
    assert send(client, secret, {"email": "ann"}, key="1")[0] == 400

    assert send(client, secret, DEMO, key="1")[0] == 201


@pytest.mark.parametrize("key", ["x" * 201, "caf\xe9", "a\x01b"])
def test_invalid_idempotency_key_is_rejected(client: Client, key: str) -> None:
    refusal = send(client, make_key(), DEMO, key=key)

    assert refusal == problem(
        400, "Idempotency-Key must have at most 200 printable ASCII characters.", "parse_error"
    )
    assert rows_written() == {}
