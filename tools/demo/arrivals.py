"""The touches of the demo: when contacts of a campaign respond, and what they do afterwards."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, time, timedelta
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from intake.normalize import Vocabulary, normalize
from leads.touches import TouchIn
from tools.demo.briefs import BRIEFS
from tools.demo.flows import Flow, Verdict
from tools.demo.prospects import Crowd, Prospect

BRIEF_OF: Final = {brief.code: brief for brief in BRIEFS}
ZONES: Final = {
    "europe": ZoneInfo("Europe/Berlin"),
    "americas": ZoneInfo("America/New_York"),
    "asia_pacific": ZoneInfo("Asia/Singapore"),
    "elsewhere": ZoneInfo("America/Sao_Paulo"),
}
BY_WEEKDAY: Final = (1.0, 1.1, 1.1, 1.0, 0.8, 0.25, 0.3)
BY_HOUR: Final = (
    *(0.2, 0.1, 0.1, 0.1, 0.1, 0.2, 0.5, 1.2, 2.5, 3.5, 4.0, 4.0),
    *(2.5, 3.0, 4.0, 4.0, 3.5, 2.5, 1.5, 1.3, 1.5, 1.3, 0.8, 0.4),
)
# Fewer touches in vacation months, and slight growth over the year.
BY_MONTH: Final = (1.0, 1.05, 1.1, 1.0, 1.0, 0.95, 0.8, 0.7, 1.1, 1.15, 1.1, 0.65)

# Kinds of later touches, by weight.
RETURNS: Final[Mapping[str, int]] = {
    "site_visit": 38,
    "pricing_visit": 20,
    "content_download": 12,
    "pricing_download": 10,
    "email_reply": 8,
    "demo_request": 7,
    "consultation_request": 3,
}
QUIET: Final = frozenset({"site_visit", "pricing_visit"})
LEAD_TYPES: Final = {
    "demo_request": "demo",
    "consultation_request": "consultation",
    "pricing_download": "download",
    "content_download": "download",
    "email_reply": "low_intent",
}
OFFERS: Final = {
    "pricing_download": "Pricing guide",
    "content_download": "Checklist for your industry",
    "demo_request": "A 30-minute demo with your own jobs",
    "consultation_request": "An hour with one of our planners",
}
PAGES: Final = {
    "site_visit": "/features/planning-board",
    "pricing_visit": "/prices",
    "pricing_download": "/prices/guide",
    "content_download": "/guides",
    "email_reply": "",
    "demo_request": "/demo",
    "consultation_request": "/advice",
}


@dataclass(frozen=True)
class Arrival:
    """A touch to receive; touches with the same `batch` are received together.

    A lead that `waits` stays unanswered, or is accepted at `accepted_at`, perhaps contacted
    at `contacted_at`, and then left alone. Marketing suppresses a contact at `disqualified_at`.
    """

    at: datetime
    prospect: Prospect
    fields: Mapping[str, Any]
    via: str
    batch: str = ""
    waits: bool = False
    accepted_at: datetime | None = None
    contacted_at: datetime | None = None
    disqualified_at: datetime | None = None


def touch_of(arrival: Arrival, vocabulary: Vocabulary) -> TouchIn:
    """Normalize the touch; treat the reserved private email host like a free-mail host."""
    touch = normalize(arrival.fields, vocabulary, at=arrival.at)
    if arrival.prospect.has_private_email:
        return replace(touch, domain="", email_is_corporate=False)
    return touch


class Arrivals:
    def __init__(self, crowd: Crowd, rng: Random, *, at: datetime) -> None:
        self._crowd = crowd
        self._rng = rng
        self._now = at

    def of(self, flow: Flow, volume: int) -> Iterator[Arrival]:
        evening = self._burst(flow)
        for _ in range(volume):
            prospect = self._crowd.new_prospect(flow)
            opens = evening or self._moment(flow, prospect.region)
            if opens >= self._now:
                continue
            yield first_touch(prospect, opens)
            yield from self._returns(prospect, opens)

    def _burst(self, flow: Flow) -> datetime | None:
        """Return when the attendee list of an event is imported: in the evening."""
        if not flow.is_burst:
            return None
        day = (self._now - timedelta(days=flow.first_day)).date()
        day -= timedelta(days=max(0, day.weekday() - 3))
        return datetime.combine(day, time(15, 40), UTC)

    def _moment(self, flow: Flow, region: str) -> datetime:
        """Pick a day of the campaign by weekday and season, and an hour by typical activity."""
        rng = self._rng
        while True:
            back = rng.uniform(flow.last_day, flow.first_day)
            day = (self._now - timedelta(days=back)).date()
            growth = 0.8 + 0.2 * (1 - back / 365)
            weight = BY_WEEKDAY[day.weekday()] * BY_MONTH[day.month - 1] * growth
            if rng.random() * 1.3 < weight:
                break
        hour = rng.choices(range(24), BY_HOUR)[0]
        local = datetime.combine(
            day, time(hour, rng.randrange(60), rng.randrange(60)), ZONES[region]
        )
        return local.astimezone(UTC)

    def _returns(self, prospect: Prospect, opens: datetime) -> Iterator[Arrival]:
        """Yield later touches: more for qualified leads, and a few after months."""
        rng = self._rng
        keen = 0.62 if prospect.verdict is Verdict.QUALIFIES else 0.42
        moment = opens
        while rng.random() < min(0.85, keen * prospect.flow.returns**0.5):
            late = rng.random() < 0.08
            gap = rng.uniform(35, 140) if late else rng.lognormvariate(0.6, 1.1)
            moment += timedelta(days=gap, minutes=rng.uniform(5, 240))
            if moment >= self._now:
                return
            kind = rng.choices(list(RETURNS), list(RETURNS.values()))[0]
            yield return_touch(prospect, kind, moment)


def first_touch(prospect: Prospect, at: datetime) -> Arrival:
    flow, brief = prospect.flow, BRIEF_OF[prospect.flow.campaign]
    fields = {
        **prospect.answers,
        "kind": flow.kind,
        "lead_type": flow.lead_type,
        "source": brief.source,
        "campaign": brief.code,
        "offer": brief.offer,
        "landing_page": brief.landing_page,
        "medium": medium_of(brief.source),
        "occurred_at": at,
    }
    return Arrival(at, prospect, fields, flow.via, brief.code if flow.is_burst else "")


def return_touch(prospect: Prospect, kind: str, at: datetime) -> Arrival:
    """Return a later touch; page visits are synced the following night, others are immediate."""
    brief = BRIEF_OF[prospect.flow.campaign]
    fields = {
        "email": prospect.answers["email"],
        "kind": kind,
        "lead_type": LEAD_TYPES.get(kind, ""),
        "source": "email" if kind == "email_reply" else "website",
        "campaign": brief.code if kind == "content_download" else "",
        "offer": OFFERS.get(kind, ""),
        "landing_page": PAGES[kind],
        "occurred_at": at,
    }
    if kind not in QUIET:
        return Arrival(at, prospect, fields, "form")
    synced = at.replace(hour=4, minute=10, second=0) + timedelta(days=1)
    return Arrival(synced, prospect, fields, "webhook", f"visits {synced:%Y-%m-%d}")


def medium_of(source: str) -> str:
    return {"paid-search": "cpc", "paid-social": "paid", "email": "newsletter"}.get(source, "")
