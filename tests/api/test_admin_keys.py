import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from api.keys import hash_secret
from api.models import ApiKey
from config.bootstrap import bootstrap
from leads.models import Source, SourceSystem
from people.models import User
from people.roles import Role
from tests.admin_pages import errors_of, url_of
from tests.factories import make_person
from tests.pages import Page, signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    bootstrap(at=MONDAY_9AM)
    return signed_in_as(make_person(Role.OPERATIONS, "Olga"))


def make_key(client: Client) -> tuple[ApiKey, str]:
    fields = {
        "name": "Website",
        "scopes": ["touches:write"],
        "default_source": str(Source.objects.get(code="website").pk),
        "requests_per_minute": "600",
    }
    page = Page(client.post(reverse("admin:api_apikey_add"), fields))
    return ApiKey.objects.get(), page.text("#new-key")


def test_new_key_is_shown_once_and_only_its_hash_is_stored(client: Client) -> None:
    key, secret = make_key(client)

    assert key.hash == hash_secret(secret)
    assert secret.startswith(key.prefix)
    assert (key.created_by, key.requests_per_minute) == (User.objects.get(name="Olga"), 600)
    for url in (url_of(key), reverse("admin:api_apikey_changelist")):
        assert secret not in client.get(url).content.decode()


def test_new_key_is_in_no_cookie_session_or_cache(client: Client) -> None:
    fields = {"name": "Website", "scopes": ["leads:read"], "requests_per_minute": "600"}
    response = client.post(reverse("admin:api_apikey_add"), fields)

    secret = Page(response).text("#new-key")
    assert ApiKey.objects.get().hash == hash_secret(secret)
    assert "no-store" in response["Cache-Control"]
    assert set(client.cookies) == {settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME}
    assert secret not in str(client.cookies) + str(dict(client.session))


def test_revoking_asks_for_confirmation_and_is_final(client: Client) -> None:
    key, _ = make_key(client)
    url = reverse("admin:api_apikey_revoke", args=[key.pk])
    assert client.get(url).status_code == 200
    key.refresh_from_db()
    assert key.revoked_at is None

    assert client.post(url).status_code == 302

    key.refresh_from_db()
    assert key.revoked_at is not None
    assert client.post(url).status_code == 403


def test_name_of_colons_is_refused_in_words(client: Client) -> None:
    fields = {"name": ":", "scopes": ["leads:read"], "requests_per_minute": "600"}

    answer = client.post(reverse("admin:api_apikey_add"), fields)

    assert "Must have other characters than colons." in errors_of(answer)
    assert not ApiKey.objects.exists()
    assert not SourceSystem.objects.filter(name="").exists()
