"""Every answer and every log line of a request carry its id."""

from __future__ import annotations

import logging
import logging.config
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.handlers.base import BaseHandler
from django.test import Client

from people.roles import Role
from tests.factories import make_person
from tests.intake.factories import DEMO, TOUCHES
from tests.pages import signed_in_as

MADE = re.compile(r"[0-9a-f]{32}")


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        plan: Any = settings.LOGGING
        configurator = logging.config.DictConfigurator(plan)
        self.formatter = configurator.configure_formatter(dict(plan["formatters"]["line"]))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def log() -> Iterator[list[str]]:
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler.lines
    logging.getLogger().removeHandler(handler)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path",
    [
        *("/health/live/", "/sign-in/", "/", "/leads/", "/nothing/", "/static/nothing.css"),
        *(TOUCHES, "/api/v1/nothing/", "/api/v1/schema/", "/admin/"),
    ],
)
def test_every_answer_has_the_id_of_the_request(client: Client, path: str) -> None:
    sent = client.get(path, headers={"X-Request-Id": "proxy-4711.a:b/c+d="})
    made = client.get(path)

    assert sent.headers["X-Request-Id"] == "proxy-4711.a:b/c+d="
    assert MADE.fullmatch(made.headers["X-Request-Id"])


def test_each_request_has_an_id_of_its_own(client: Client) -> None:
    ids = {client.get("/health/live/").headers["X-Request-Id"] for _ in range(3)}

    assert len(ids) == 3


@pytest.mark.parametrize(
    "sent", ["", " ", "a b", "a\tb", "ann@company.example", "é", "x" * 129, "a,b", "<b>"]
)
def test_an_id_that_is_not_sane_is_replaced(client: Client, sent: str) -> None:
    answer = client.get("/health/live/", headers={"X-Request-Id": sent})

    assert MADE.fullmatch(answer.headers["X-Request-Id"])


def test_refused_host_is_answered_with_the_id(client: Client) -> None:
    answer = client.get("/sign-in/", headers={"Host": "elsewhere.example", "X-Request-Id": "a1"})

    assert answer.status_code == 400
    assert answer.headers["X-Request-Id"] == "a1"


@pytest.mark.django_db
def test_log_lines_of_a_request_carry_its_id(client: Client, log: list[str]) -> None:
    client.post(TOUCHES, DEMO, "application/json", headers={"X-Request-Id": "req-1"})

    assert log
    assert all(" [req-1] " in line for line in log)


@pytest.mark.django_db
def test_lines_of_an_error_carry_the_id(log: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in_as(make_person(Role.MARKETER))
    client.raise_request_exception = False
    monkeypatch.setattr(BaseHandler, "resolve_request", lambda *_: 1 / 0)

    answer = client.get("/notices/", headers={"X-Request-Id": "req-2"})

    assert answer.status_code == 500
    assert any("ZeroDivisionError" in line and " [req-2] " in line for line in log)


@pytest.mark.django_db
def test_lines_after_the_request_carry_no_id(client: Client, log: list[str]) -> None:
    client.get("/health/live/", headers={"X-Request-Id": "req-3"})

    logging.getLogger("handoff").warning("A sweep ran.")

    assert log[-1].endswith("WARNING handoff A sweep ran.")
