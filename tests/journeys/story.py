"""Let users and the website act over HTTP, at the moments of a story."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import time_machine
from django.test import Client

from handoff.models import Handoff
from handoff.tasks import sweep_clocks
from people.models import User
from people.tasks import deliver_notices
from reporting.tasks import follow_log
from tests.intake.factories import DEMO, make_key, send
from tests.pages import Page, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM

Answer = dict[str, Any]
NOVEMBER = date(2026, 11, 1)
EVENING = MONDAY_9AM + timedelta(hours=9)


def after(minutes: float) -> timedelta:
    return timedelta(minutes=minutes)


@dataclass
class Story:
    secret: str = field(default_factory=make_key)

    def arrives(self, at: datetime, **fields: Any) -> Answer:
        """Send a touch as the website does: a demo request with some other fields."""
        with time_machine.travel(at, tick=False):
            status, answer = send(Client(), self.secret, DEMO | fields)
        assert status == 201, answer
        return dict(answer)

    def does(self, user: User, what: str, at: datetime, *, of: int, **typed: Any) -> Page:
        """Answer a handoff, or take another step on it, and return the next page."""
        return self.sends(user, f"/handoffs/{of}/{what}/", at, **typed)

    def sends(self, user: User, path: str, at: datetime, **typed: Any) -> Page:
        with time_machine.travel(at, tick=False):
            answer = signed_in_as(user).post(path, typed, follow=True)
        assert answer.status_code == 200, answer.content.decode()
        return Page(answer)

    def sees(self, user: User, path: str, at: datetime) -> Page:
        with time_machine.travel(at, tick=False):
            return page_at(path, user)

    def workers_run(self, at: datetime) -> None:
        with time_machine.travel(at, tick=False):
            sweep_clocks()
            deliver_notices()
            follow_log()

    def figures(
        self, user: User, report: str, at: datetime, *, since: date, by: str
    ) -> list[dict[str, str]]:
        """Download the rows of a report as its reader does, without the empty columns."""
        self.workers_run(at)
        path = f"/reports/{report}/?format=csv&from={since}&to={at.date()}&by={by}"
        with time_machine.travel(at, tick=False):
            answer: Any = signed_in_as(user).get(path)
            assert answer.status_code == 200
            lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
        kept = ("counted_up_to", "asked_at", "metric_versions")
        return [
            {name: text for name, text in row.items() if name not in kept and text not in {"0", ""}}
            for row in csv.DictReader(lines)
        ]


def handoff_of(answer: Answer) -> Handoff:
    """Return the newest handoff of the lead in an answer of the API."""
    return Handoff.objects.filter(lead=answer["lead"]).latest("pk")
