"""While the database is away, pages say so, keep what was entered, and recover."""

import logging
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.files.base import ContentFile
from django.db import OperationalError
from django.test import Client

from config.logs import LineFormatter, OutageFilter
from people.backends import SignInBackend
from people.roles import Role
from tests.pages import Page, htmx
from tests.people.factories import make_user_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def rep() -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(make_user_with(Role.REP))
    return client


@pytest.fixture
def no_database(rep: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(backend: SignInBackend, user_id: object) -> None:
        raise OperationalError("connection failed: refused")

    monkeypatch.setattr(SignInBackend, "get_user", refuse)


@pytest.fixture
def log() -> Iterator[StringIO]:
    """Yield what the console handler writes."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(LineFormatter("%(levelname)s %(name)s %(message)s"))
    handler.addFilter(OutageFilter())
    logging.getLogger().addHandler(handler)
    yield written
    logging.getLogger().removeHandler(handler)


@pytest.mark.usefixtures("no_database")
def test_page_says_that_it_reloads_by_itself(rep: Client) -> None:
    response = rep.get("/inbox/?lead=3")

    page = Page(response)
    assert (page.status, response["Retry-After"]) == (503, "5")
    assert response["Cache-Control"] == "private, no-store"
    assert page.text("h1") == "Not available for a moment"
    assert page.values("meta[http-equiv=refresh]", "content") == ["5"]
    assert page.links("main .button") == ["/inbox/?lead=3"]


@pytest.mark.usefixtures("no_database")
def test_form_keeps_what_was_entered_but_no_password(rep: Client) -> None:
    sent = {"note": "Met at “Expo”\nCall in May", "leads": ["3", "4"], "old_password": "secret"}

    page = Page(rep.post("/account/password/", sent))

    assert page.status == 503
    assert page.values("main form", "action") == ["/account/password/"]
    names = page.values("main form input[type=hidden]", "name")
    assert names == ["csrfmiddlewaretoken", "note", "leads", "leads"]
    assert page.values("main form input", "value")[1:] == ["Met at “Expo”\nCall in May", "3", "4"]
    assert not page.has("meta[http-equiv=refresh]")
    assert "secret" not in page.html


@pytest.mark.usefixtures("no_database")
@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"note": "Call"}, ""),
        ({"old_password": "secret"}, " Passwords have to be entered again."),
        ({"file": "leads.csv"}, " Files have to be entered again."),
        ({"password": "secret", "file": "x"}, " Passwords and files have to be entered again."),
    ],
)
def test_page_says_that_some_of_it_may_be_saved(
    rep: Client, fields: dict[str, str], words: str
) -> None:
    """Some actions save lead by lead, and were interrupted between two."""
    sent = {
        name: ContentFile(b"a", name=value) if name == "file" else value
        for name, value in fields.items()
    }

    page = Page(rep.post("/account/password/", sent))

    assert page.text("main p:not([class])") == (
        "It may not have been saved. Look before you send it again. "
        f"Your entries are kept on this page.{words}"
    )


@pytest.mark.usefixtures("no_database")
def test_htmx_request_is_answered_with_retry_after(rep: Client) -> None:
    response = rep.get("/inbox/", **htmx("inbox"))

    assert (response.status_code, response["Retry-After"]) == (503, "5")


@pytest.mark.usefixtures("no_database")
def test_log_has_one_line_and_no_stack_trace(rep: Client, log: StringIO) -> None:
    for _ in range(3):
        rep.get("/inbox/")

    (line,) = log.getvalue().splitlines()
    assert line.startswith("ERROR django.request [")
    assert line.endswith("] The database does not answer: connection failed: refused.")


def test_other_errors_have_their_stack_trace(
    rep: Client, log: StringIO, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(SignInBackend, "get_user", lambda backend, user_id: 1 / 0)

    for _ in range(2):
        assert rep.get("/inbox/").status_code == 500

    assert log.getvalue().count("ZeroDivisionError: division by zero") == 2


def test_refused_page_is_one_line_in_the_log(rep: Client, log: StringIO) -> None:
    assert rep.get("/team/").status_code == 403

    (line,) = log.getvalue().splitlines()
    assert line.endswith("] Forbidden (Permission denied): /team/")
