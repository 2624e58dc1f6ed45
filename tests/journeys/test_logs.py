"""Logs carry ids: whoever reads them learns nothing about a contact."""

from __future__ import annotations

import logging
import logging.config
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from leads.models import Lead
from people.models import User
from people.roles import Role
from tests.factories import make_person, make_pool, make_rep
from tests.intake.factories import DEMO, make_key, send
from tests.journeys.story import Story, handoff_of
from tests.pages import signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

SECRETS = ("Quibbleworth", "zuzanna", "901820", "wibblecorp")
CONTACT = {
    "name": "Zuzanna Quibbleworth",
    "email": "zuzanna@wibblecorp.example",
    "phone": "+49 30 901820",
    "company": "Wibblecorp",
}
SILENT = ("celery.beat", "celery.worker.strategy", "celery.app.trace")
EVENING = MONDAY_9AM + timedelta(hours=9)


class Kept(logging.Handler):
    """Every record as the product would have written it, at the lowest level of all."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        plan: Any = settings.LOGGING
        configurator = logging.config.DictConfigurator(plan)
        self.formatter = configurator.configure_formatter(dict(plan["formatters"]["line"]))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))

    @property
    def told(self) -> list[str]:
        return [line for line in self.lines for word in SECRETS if word in line.casefold()]


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> Iterator[Kept]:
    for name in ("", "django", *SILENT):
        caplog.set_level(logging.DEBUG, logger=name)
    kept = Kept()
    logging.getLogger().addHandler(kept)
    yield kept
    logging.getLogger().removeHandler(kept)


@pytest.fixture
def rep() -> User:
    rep = make_rep("Mia Hoffmann")
    make_pool(rep)
    return rep


def test_log_contains_no_names_or_addresses(log: Kept, rep: User) -> None:
    story = Story()
    marketer = make_person(Role.MARKETER)
    answer = story.arrives(MONDAY_9AM, **CONTACT)
    with time_machine.travel(MONDAY_9AM, tick=False):
        for wrong in (
            {"email": "zuzanna@"},
            {"phone": "zuzanna"},
            {"Quibbleworth": 1},
            {"kind": 7},
        ):
            # An invalid value is set aside; without a usable identity the touch is refused.
            assert send(Client(), story.secret, DEMO | CONTACT | wrong)[0] in {201, 400}
        assert send(Client(), make_key("leads:read"), DEMO | CONTACT)[0] == 403
        assert send(Client(), "wrong", DEMO | CONTACT)[0] == 401
        send(Client(), story.secret, DEMO | CONTACT, key="1")
        assert send(Client(), story.secret, DEMO | CONTACT | {"name": "Z Quibbleworth"}, key="1")
        signed_in_as(marketer).get("/leads/?q=Quibbleworth&stage=zuzanna")
        signed_in_as(marketer).get("/leads/99999/?q=Quibbleworth")
        Client().post("/sign-in/", {"username": CONTACT["email"], "password": "Quibbleworth"})
    handoff = handoff_of(answer)
    story.does(rep, "cannot-evaluate", EVENING, of=handoff.pk, missing=["lead.timing"])
    story.workers_run(EVENING)

    assert any("Unauthorized: /api/v1/touches/" in line for line in log.lines)
    assert log.told == []


def test_a_row_that_the_database_refuses_is_not_repeated_in_the_log(
    log: Kept, rep: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    story = Story()
    story.arrives(MONDAY_9AM, **CONTACT)
    other = story.arrives(MONDAY_9AM, email="bo@firm.example")
    missing = ["contact.has_email"]
    story.does(rep, "cannot-evaluate", MONDAY_9AM, of=handoff_of(other).pk, missing=missing)
    # As if somebody else had entered the address a moment after it was looked for.
    monkeypatch.setattr("handoff.answers.complete.refuse_duplicate", lambda *_: None)
    client = Client(raise_request_exception=False)
    client.force_login(make_person(Role.MARKETER))

    answer = client.post(
        f"/leads/{other['lead']}/complete/", {"contact-has_email": CONTACT["email"]}
    )

    assert answer.status_code == 500
    assert any("UniqueViolation" in line for line in log.lines)
    assert log.told == []
    assert Lead.objects.get(pk=other["lead"]).contact.email == "bo@firm.example"
