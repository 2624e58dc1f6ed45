"""Sessions last while the cache server is away, and leave no private data in the browser."""

from datetime import timedelta
from secrets import token_hex

import pytest
import redis
import time_machine
from django.conf import settings
from django.contrib import messages
from django.contrib.messages.storage import default_storage
from django.core.cache import cache
from django.core.cache.backends.redis import RedisCache
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.utils import timezone

from core import cache_server
from people import sessions
from people.models import Session
from people.roles import Role
from people.sessions import SessionStore
from people.tasks import purge_sessions
from tests.pages import messages_of
from tests.people.factories import make_user_with
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db
NOWHERE = "unix:///nowhere/valkey.sock"


@pytest.fixture
def no_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the cache server away for this test."""
    away = RedisCache(NOWHERE, {"OPTIONS": settings.CACHES["default"]["OPTIONS"]})
    monkeypatch.setattr(sessions, "cache", away)
    monkeypatch.setattr(cache_server, "_paused_until", 0.0)


@pytest.fixture
def stored() -> SessionStore:
    session = SessionStore()
    session["color"] = "blue"
    session.save()
    return session


def test_session_is_read_from_the_cache_without_a_statement(stored: SessionStore) -> None:
    with exactly_statements(0):
        assert SessionStore(stored.session_key)["color"] == "blue"


def test_session_lost_by_the_cache_is_read_from_the_database_once(stored: SessionStore) -> None:
    cache.delete(stored.cache_key)

    with exactly_statements(1):
        assert SessionStore(stored.session_key)["color"] == "blue"
        assert SessionStore(stored.session_key)["color"] == "blue"


@pytest.mark.usefixtures("no_cache")
def test_user_stays_signed_in_without_the_cache(rep: Client) -> None:
    for _ in range(2):
        assert rep.get("/inbox/").status_code == 200


@pytest.mark.usefixtures("no_cache")
def test_user_signs_in_and_out_without_the_cache() -> None:
    client = Client()
    client.force_login(make_user_with(Role.REP))
    assert client.get("/inbox/").status_code == 200

    client.post("/sign-out/")

    assert not Session.objects.exists()
    assert client.get("/inbox/")["Location"] == "/sign-in/?next=/inbox/"


def test_session_ended_without_the_cache_ends_there_within_a_minute(stored: SessionStore) -> None:
    Session.objects.all().delete()

    server = redis.Redis.from_url(settings.REDIS_URL)
    assert 0 < server.ttl(cache.make_key(stored.cache_key)) <= 60
    server.delete(cache.make_key(stored.cache_key))
    assert SessionStore(stored.session_key).load() == {}


def test_expired_sessions_are_purged(stored: SessionStore) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=8)):
        purge_sessions()

    assert not Session.objects.exists()


@pytest.mark.parametrize("number", [1, 40])
def test_messages_are_in_a_cookie_and_none_is_lost(number: int) -> None:
    texts = [token_hex(60) for _ in range(number)]
    before, after = RequestFactory().get("/"), RequestFactory().get("/")
    before.session = after.session = SessionStore()
    response = HttpResponse()

    storage = default_storage(before)
    for text in texts:
        storage.add(messages.INFO, text)
    assert storage.update(response) == []

    after.COOKIES = {name: morsel.value for name, morsel in response.cookies.items()}
    assert len(after.COOKIES["messages"]) < 2200
    assert [message.message for message in default_storage(after)] == texts
    assert before.session.is_empty() == (number == 1)


def test_message_for_the_former_user_is_not_shown_to_the_next(rep: Client) -> None:
    message = "You were signed out, so nothing was saved."
    visitor = Client()
    visitor.post("/notices/read/")
    assert messages_of(visitor.get("/sign-in/")) == [message]
    visitor.post("/notices/read/")

    visitor.post("/sign-out/")

    assert messages_of(visitor.get("/sign-in/")) == []


@pytest.fixture
def rep() -> Client:
    client = Client()
    client.force_login(make_user_with(Role.REP))
    return client


def test_pages_of_a_session_are_in_no_cache(rep: Client) -> None:
    assert rep.get("/inbox/")["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    "path", ["/leads/", "/leads/export.csv", "/notices/", "/account/", "/reports/", "/admin/"]
)
def test_pages_exports_and_admin_are_in_no_cache(path: str) -> None:
    client = Client()
    client.force_login(make_user_with(*Role))

    response = client.get(path)

    assert response.status_code == 200
    assert {"private", "no-store"} <= set(response["Cache-Control"].split(", "))


def test_answers_without_a_session_set_no_rule(client: Client) -> None:
    assert not client.get("/api/v1/leads/").has_header("Cache-Control")


def test_signing_out_clears_what_the_browser_kept(rep: Client) -> None:
    response = rep.post("/sign-out/")

    assert response["Clear-Site-Data"] == '"cache", "storage"'


def test_no_page_may_use_camera_or_location(rep: Client) -> None:
    assert "camera=()" in rep.get("/inbox/")["Permissions-Policy"]
    assert "geolocation=()" in rep.get("/api/v1/leads/")["Permissions-Policy"]


@pytest.mark.parametrize("key", ["a b c d e f g h", "x" * 300, "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"])
def test_key_that_we_never_gave_is_asked_for_nowhere(
    key: str, recwarn: pytest.WarningsRecorder
) -> None:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key

    with exactly_statements(0):
        response = client.get("/inbox/")

    assert response["Location"] == "/sign-in/?next=/inbox/"
    assert not [warning for warning in recwarn if "Cache key" in str(warning.message)]
