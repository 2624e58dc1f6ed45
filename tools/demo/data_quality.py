"""Create values that are set aside, and a lead that no one can reach; repair or dismiss some."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from intake.repairs import dismiss_values, repair_values
from people.models import User
from tools.demo.arrivals import Arrival, first_touch
from tools.demo.flows import FLOWS, Verdict
from tools.demo.prospects import Crowd, Prospect

GUIDE: Final = next(flow for flow in FLOWS if flow.campaign == "dispatch-guide")
DEMO: Final = next(flow for flow in FLOWS if flow.lead_type == "demo")
OUT_OF_REACH: Final = timedelta(days=2, hours=3)


class WrongValue(NamedTuple):
    """A value that intake sets aside, and how many days ago touches had it."""

    field: str
    value: str
    days_ago: tuple[int, ...]


RENAMED: Final = WrongValue("campaign", "Dispatch guide 2024", (12, 11))
NOT_ASKED: Final = WrongValue("phone", "see email", (10,))
WAITING: Final = (
    WrongValue("campaign", "dispatch-giude", (5, 3, 1)),
    WrongValue("phone", "n/a", (6, 2)),
    WrongValue("country", "EMEA", (4,)),
)
DISMISSED_NOTE: Final = "The old form had no box for it. The new one asks for a number."


def wrong_values(crowd: Crowd, *, at: datetime) -> Iterator[Arrival]:
    """Yield downloads with a value each that cannot be used."""
    for wrong in (RENAMED, NOT_ASKED, *WAITING):
        for days in wrong.days_ago:
            earlier = timedelta(days=days, minutes=crowd.rng.randint(5, 600))
            touch = first_touch(reader_of_guide(crowd), at - earlier)
            yield replace(touch, fields={**touch.fields, wrong.field: wrong.value})


def out_of_reach(crowd: Crowd, *, at: datetime) -> Arrival:
    """Return a demo request without an email address and a phone number."""
    firm = crowd.firms.create("europe", crowd.rng, fits=True)
    prospect = crowd.person(DEMO, Verdict.QUALIFIES, "europe", firm)
    prospect.answers |= prospect.withheld | {"external_id": "fair-2041"}
    prospect.withheld = {name: prospect.answers.pop(name) for name in ("email", "phone")}
    return first_touch(prospect, at - OUT_OF_REACH)


def settle(by: User, at: datetime) -> None:
    """Repair the campaign that was renamed, and dismiss a phone number that is none."""
    field, value, _ = RENAMED
    repair_values(field=field, value=value, entered=GUIDE.campaign, by=by, at=at)
    field, value, _ = NOT_ASKED
    dismiss_values(field=field, value=value, note=DISMISSED_NOTE, by=by, at=at)


def reader_of_guide(crowd: Crowd) -> Prospect:
    firm = crowd.firms.create("europe", crowd.rng, fits=False)
    return crowd.person(GUIDE, Verdict.NOT_ICP, "europe", firm)
