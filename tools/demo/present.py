"""Leads that wait at load time, so that every inbox has running clocks at any hour."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from people.calendars import value_of
from people.models import User
from people.worktime import WorkCalendar
from tools.demo.arrivals import Arrival, first_touch, return_touch
from tools.demo.content import region_of
from tools.demo.flows import FLOWS, Flow, Verdict
from tools.demo.organization import QUALIFICATION, DemoOrganization
from tools.demo.prospects import Crowd, Firm

ADVICE: Final = next(flow for flow in FLOWS if flow.campaign == "planning-advice")
GUIDE: Final = next(flow for flow in FLOWS if flow.campaign == "dispatch-guide")
PRICES: Final = next(flow for flow in FLOWS if flow.campaign == "benchmark-report")._replace(
    kind="pricing_download"
)
# Minutes of working time since the touch. The answer to a consultation is due within 60 and the
# first contact within 60, the answer to a pricing download within 240.
FRESH: Final = 7
NEARLY_DUE: Final = 208
CONTACT_LATE: Final = 65
ACCEPTED: Final = 40
# An hour for each of the three team members, and the delay of the sweeps.
UNANSWERED: Final = 250
IN_THE_QUEUE: Final = 50
# A touch, its acceptance, the first contact, and a new request.
ASKED_AGAIN: Final = (700, 690, 680, 12)
# Days ago. Marketing releases two of them.
ASK_ALTHOUGH_SUPPRESSED: Final = (9, 4, 1)
WITH_NEW_REQUEST: Final = ("Jonas Albrecht", "Dana Whitfield")
WITH_LATE_CONTACT: Final = ("Jonas Albrecht", "Callum Reid")
FIRST_TO_IGNORE: Final = ("Priscilla Ng",)
MAX_AGE: Final = timedelta(days=20)


def waiting(
    people: DemoOrganization,
    owned: Mapping[int, list[Firm]],
    crowd: Crowd,
    spare: Crowd,
    *,
    at: datetime,
) -> Iterator[Arrival]:
    """Yield a fresh and a nearly due lead for each rep, and a few late ones.

    One lead was reassigned until it reached the last queue, as no rep answered.
    """
    for rep in people.reps():
        firms = owned[rep.pk]
        calendar = value_of(people.editions[rep.pk])
        yield arrival(crowd, ADVICE, rep, firms[0], worked_before(calendar, at, FRESH))
        yield arrival(crowd, PRICES, rep, firms[1], worked_before(calendar, at, NEARLY_DUE))
        if rep.name in WITH_LATE_CONTACT:
            came = worked_before(calendar, at, CONTACT_LATE)
            late = arrival(crowd, ADVICE, rep, firms[2], came)
            yield replace(late, accepted_at=worked_before(calendar, at, ACCEPTED))
        if rep.name in FIRST_TO_IGNORE:
            came = worked_before(calendar, at, UNANSWERED)
            yield arrival(crowd, ADVICE, rep, firms[2], came)
        if rep.name in WITH_NEW_REQUEST:
            yield from asks_again(spare, rep, firms[0], calendar, at)
    hours = value_of(people.teams[QUALIFICATION].calendar.current_edition_id)
    for minutes in (FRESH, IN_THE_QUEUE):
        yield to_the_queue(crowd, worked_before(hours, at, minutes))


def asks_again(
    crowd: Crowd, rep: User, firm: Firm, calendar: WorkCalendar, at: datetime
) -> Iterator[Arrival]:
    """Yield a touch of a lead that the rep contacts, and a new request that waits."""
    came, accepted_at, contacted_at, again = (
        worked_before(calendar, at, minutes) for minutes in ASKED_AGAIN
    )
    first = arrival(crowd, ADVICE, rep, firm, came)
    yield replace(first, accepted_at=accepted_at, contacted_at=contacted_at)
    yield replace(return_touch(first.prospect, "demo_request", again), waits=True)


def suppressed(crowd: Crowd, *, at: datetime) -> Iterator[Arrival]:
    """Yield downloads of contacts whom marketing suppresses, and who ask for a demo later."""
    for days in ASK_ALTHOUGH_SUPPRESSED:
        firm = crowd.firms.create("europe", crowd.rng, fits=False)
        prospect = crowd.person(GUIDE, Verdict.NOT_ICP, "europe", firm)
        prospect.answers["consent"] = True
        came = at - timedelta(days=days + 20)
        yield replace(first_touch(prospect, came), disqualified_at=came + timedelta(days=1))
        yield return_touch(prospect, "demo_request", at - timedelta(days=days))


def to_the_queue(crowd: Crowd, at: datetime) -> Arrival:
    """Return a touch without the number of employees, which is routed to qualification."""
    firm = crowd.firms.create("europe", crowd.rng, fits=True)
    prospect = crowd.person(ADVICE, Verdict.QUALIFIES, "europe", firm)
    prospect.answers |= prospect.withheld
    prospect.withheld = {"employees": prospect.answers.pop("employees")}
    return replace(first_touch(prospect, at), waits=True)


def arrival(crowd: Crowd, flow: Flow, rep: User, firm: Firm, at: datetime) -> Arrival:
    """Return a touch from an account of the rep, complete enough to be offered at once."""
    prospect = crowd.person(flow, Verdict.QUALIFIES, region_of(rep), firm)
    prospect.answers |= prospect.withheld | {"title": "VP Operations"}
    prospect.withheld.clear()
    return replace(first_touch(prospect, at), waits=True)


def worked_before(calendar: WorkCalendar, at: datetime, minutes: float) -> datetime:
    """Return the latest moment that is so many minutes of working time before `at`."""
    work = timedelta(minutes=minutes)
    early, late = at - MAX_AGE, at
    while late - early > timedelta(seconds=1):
        middle = early + (late - early) / 2
        if calendar.between(middle, at) >= work:
            early = middle
        else:
            late = middle
    return early
