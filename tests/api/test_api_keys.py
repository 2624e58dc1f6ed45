import json
from datetime import UTC, datetime

import pytest
import redis
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from time_machine import travel

from api.keys import issue_key, revoke_key
from api.models import ApiKey
from api.throttle import server
from config.logs import outage_of
from core import cache_server
from leads.models import Source
from tests.intake.factories import (
    DEMO,
    TOUCHES,
    WRITE,
    make_key,
    problem,
    problem_type,
    rows_written,
    send,
)
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db


def test_request_without_key_is_rejected(client: Client) -> None:
    answer = client.post(TOUCHES, DEMO, content_type="application/json")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="api"'
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.json() == {
        "type": problem_type("not_authenticated"),
        "title": "Unauthorized",
        "status": 401,
        "detail": "Authentication credentials were not provided.",
        "code": "not_authenticated",
    }
    assert rows_written() == {}


@pytest.mark.parametrize(
    ("header", "detail"),
    [
        ("Bearer hk_unknown", "This API key is unknown or revoked."),
        ("Bearer \xff\x00", "This API key is unknown or revoked."),
        ("Bearer", "Send the key as “Authorization: Bearer KEY”."),
        ("Basic abc", "Send the key as “Authorization: Bearer KEY”."),
    ],
)
def test_unknown_key_is_rejected(client: Client, header: str, detail: str) -> None:
    refusal = send(client, "", DEMO, Authorization=header)

    assert refusal == problem(401, detail, "authentication_failed")
    assert rows_written() == {}


def test_revoked_key_is_rejected_and_keeps_its_revocation_time(client: Client) -> None:
    key, secret = issue_key("Website", [WRITE])
    revoke_key(key, at=MONDAY_9AM)
    revoke_key(key, at=timezone.now())

    assert send(client, secret, DEMO)[0] == 401
    assert key.revoked_at == MONDAY_9AM
    assert rows_written() == {}


def test_key_without_the_scope_is_rejected(client: Client) -> None:
    refusal = send(client, make_key(ApiKey.Scope.LEADS_READ), DEMO)

    assert refusal == problem(
        403, "This API key does not have the scope touches:write.", "permission_denied"
    )
    assert rows_written() == {}


def test_only_the_hash_of_a_key_is_stored() -> None:
    key, secret = issue_key("Website", [WRITE])

    assert len(secret) == 46
    assert key.prefix == secret[:10]
    assert secret not in str(ApiKey.objects.values().get())


def test_api_key_scheme_is_accepted_beside_bearer(client: Client) -> None:
    secret = make_key()

    assert send(client, "", DEMO, Authorization=f"Api-Key {secret}")[0] == 201


def test_requests_over_the_limit_wait_for_the_next_minute(client: Client) -> None:
    secret = make_key(requests_per_minute=2)
    moment = datetime(2026, 11, 2, 9, 0, 50, tzinfo=UTC)

    with travel(moment, tick=False):
        statuses = [send(client, secret, DEMO)[0] for _ in range(2)]
        refused = client.post(
            TOUCHES, DEMO, "application/json", headers={"Authorization": f"Bearer {secret}"}
        )
    with travel(moment.replace(minute=1, second=0), tick=False):
        statuses.append(send(client, secret, DEMO)[0])

    assert statuses == [201, 201, 201]
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "10"
    assert refused.json()["code"] == "throttled"
    assert refused.headers["RateLimit"] == '"requests";r=0;t=10'


def test_cache_server_that_hangs_is_waited_for_once(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    waits: list[object] = []

    def hang(pipeline: object) -> None:
        waits.append(pipeline)
        raise redis.TimeoutError("Timeout reading from socket")

    secret = make_key(requests_per_minute=1)
    monkeypatch.setattr(redis.client.Pipeline, "execute", hang)
    monkeypatch.setattr(cache_server, "_paused_until", 0.0)

    statuses = [send(client, secret, DEMO)[0] for _ in range(3)]

    assert statuses == [201, 201, 201]
    assert len(waits) == 1
    (record,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert outage_of(record) == "The cache server does not work: Timeout reading from socket."


@pytest.mark.parametrize(
    ("method", "path", "scope", "status"),
    [
        ("get", "/api/v1/leads/", ApiKey.Scope.LEADS_READ, 200),
        ("get", "/api/v1/leads/?stag=mql", ApiKey.Scope.LEADS_READ, 400),
        ("post", "/api/v1/touches/", WRITE, 400),
        ("get", "/api/v1/touches/", WRITE, 405),
    ],
)
def test_every_counted_answer_says_what_is_left(
    client: Client, method: str, path: str, scope: str, status: int
) -> None:
    key = {"Authorization": f"Bearer {make_key(scope, requests_per_minute=5)}"}

    with travel(datetime(2026, 11, 2, 9, 0, 20, tzinfo=UTC), tick=False):
        client.generic(method.upper(), path, headers=key)
        answer = client.generic(method.upper(), path, headers=key)

    assert answer.status_code == status
    assert answer.headers["RateLimit-Policy"] == '"requests";q=5;w=60'
    assert answer.headers["RateLimit"] == '"requests";r=3;t=40'


def test_answer_that_is_not_counted_says_the_limit(client: Client) -> None:
    key = {"Authorization": f"Bearer {make_key(requests_per_minute=5)}"}

    answers = [client.get(path, headers=key) for path in ("/api/v1/key/", "/api/v1/leads/")]

    assert [answer.status_code for answer in answers] == [200, 403]
    for answer in answers:
        assert answer.headers["RateLimit-Policy"] == '"requests";q=5;w=60'
        assert "RateLimit" not in answer.headers


@pytest.mark.parametrize(
    ("method", "path"), [("get", "/api/v1/key/?a=1"), ("post", "/api/v1/touches/?a=1")]
)
def test_unknown_parameter_is_refused_everywhere(client: Client, method: str, path: str) -> None:
    key = {"Authorization": f"Bearer {make_key()}"}

    answer = client.generic(method.upper(), path, json.dumps(DEMO), "application/json", headers=key)

    assert answer.status_code == 400
    message = "“a” is not a parameter here."
    assert answer.json()["errors"] == [{"field": "a", "message": message}]
    assert rows_written() == {}


def test_touches_are_received_without_the_cache_server(
    client: Client, settings: LazySettings, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_server, "_paused_until", 0.0)
    settings.REDIS_URL = f"unix://{tmp_path}/nobody-listens.sock"
    server.cache_clear()

    status, _ = send(client, make_key(requests_per_minute=1), DEMO)
    server.cache_clear()

    assert status == 201


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["x" * 101], "name: Ensure this value has at most 100 characters (it has 101)."),
        ([" "], "name: This field cannot be blank."),
        ([" : : "], "name: Must have other characters than colons."),
        (
            ["Site", "--requests-per-minute", "99999999999"],
            "requests_per_minute: Ensure this value is less than or equal to 2147483647.",
        ),
        (
            ["Site", "--requests-per-minute", "0"],
            "requests_per_minute: Ensure this value is greater than or equal to 1.",
        ),
        (["Site", "--source", "zzz"], "Unknown source “zzz”. Known: fair."),
        (["Site", "--source", ""], "Unknown source “”. Known: fair."),
    ],
)
def test_create_api_key_reports_invalid_values_and_creates_no_key(
    options: list[str], error: str
) -> None:
    Source.objects.all().delete()
    Source.objects.create(code="fair", name="Fair")

    with pytest.raises(CommandError) as refusal:
        call_command("create_api_key", *options, "--scope", "touches:write")

    assert (refusal.value.returncode, str(refusal.value)) == (2, error)
    assert ApiKey.objects.count() == 0
