"""The counters: filters over milestones that the rollups count by day.

To add one, add an entry to COUNTERS; the next refresh counts it for all days. The list behind a
figure is made from the same filter, so the two are always equal.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Final

from django.db.models import F, Q

from reporting.models import SalesAnswer, SlaOutcome


class Basis(StrEnum):
    """The rows that are counted."""

    LEADS = "leads"
    HANDOFFS = "handoffs"

    @property
    def day(self) -> str:
        if self is Basis.LEADS:
            return "Leads count on the day they were opened."
        return "Handoffs count on the day they were offered."

    @property
    def waits(self) -> str:
        """Return the name of their waits beside the counts."""
        return f"{self}_waits"


@dataclass(frozen=True)
class Counter:
    code: str
    label: str
    basis: Basis
    where: Q
    short_label: str = ""


def is_set(moment: str) -> Q:
    return Q(**{f"{moment}__isnull": False})


def _leads(code: str, label: str, where: Q, short_label: str = "") -> Counter:
    return Counter(code, label, Basis.LEADS, where, short_label)


def _handoffs(code: str, label: str, where: Q) -> Counter:
    return Counter(code, label, Basis.HANDOFFS, where)


MET: Final = SlaOutcome.MET.value
BREACHED: Final = SlaOutcome.BREACHED.value
RESPONSE_ENDED: Final = Q(response_sla__in=[MET, BREACHED])
CONTACT_ENDED: Final = Q(contact_sla__in=[MET, BREACHED])

# Imported leads that were never offered have no attempts to log.
OFFERED: Final = is_set("offered_at")
NEVER_CONTACTED: Final = Q(first_contact_at__isnull=True)

# Upper ends of the paces of a first contact, in minutes; the last pace has none.
PACES: Final = {15: "15 min", 60: "1 h", 240: "4 h", 1440: "1 day"}
PACE_COUNTERS: Final = (*(f"within_{minutes}" for minutes in PACES), "later")


def _paces() -> list[Counter]:
    """Return one counter for each pace, so that every contact counts in one of them."""
    ends = [*(60 * minutes for minutes in PACES), None]
    names = [*PACES.values(), "any time"]
    counters = []
    for place, (code, end) in enumerate(zip(PACE_COUNTERS, ends, strict=True)):
        where = is_set("wait") if end is None else Q(wait__lt=end)
        if place:
            where &= Q(wait__gte=ends[place - 1])
        start = names[place - 1] if place else "0 min"
        counters.append(_handoffs(code, f"Contacted after {start} to {names[place]}", where))
    return counters


# Two periods are compared by what happened in the first days of each lead: as many days for all,
# so that leads that have had longer to convert are not ahead.
AGES: Final = (7, 30)
AGED: Final = {
    "mql": "mql_at",
    "sql": "sql_at",
    "answered": "answered_at",
    "accepted": "answered_at",
}


def aged_code(code: str, days: int) -> str:
    return f"{code}_in_{days}_days"


AGED_CODES: Final = frozenset(aged_code(code, days) for code in AGED for days in AGES)


def _aged(counter: Counter) -> list[Counter]:
    """Return the counter, and for some also what it counts in the first days of each lead."""
    moment = AGED.get(counter.code)
    return [
        counter,
        *(
            _leads(
                aged_code(counter.code, days),
                f"{counter.label} within {days} days",
                counter.where & Q(**{f"{moment}__lt": F("opened_at") + timedelta(days)}),
            )
            for days in (AGES if moment else ())
        ),
    ]


COUNTERS: Final[Mapping[str, Counter]] = {
    counter.code: counter
    for base in (
        _leads("leads", "Leads", is_set("opened_at")),
        _leads("engaged", "Engaged", is_set("engaged_at")),
        _leads("mql", "Marketing qualified", is_set("mql_at"), "MQL"),
        _leads("sal", "Sales accepted", is_set("sal_at"), "SAL"),
        _leads("sql", "Sales qualified", is_set("sql_at"), "SQL"),
        _leads("opportunity", "Opportunities", is_set("opportunity_at"), "Opp."),
        _leads("won", "Won", is_set("won_at")),
        _leads("lost", "Lost", is_set("lost_at")),
        _leads("nurture", "Sent to nurture", is_set("nurture_at"), "Nurture"),
        _leads("disqualified", "Disqualified", is_set("disqualified_at")),
        _leads("worked_sql", "Sales qualified after an offer", is_set("sql_at") & OFFERED),
        _leads(
            "unsupported_sql",
            "Sales qualified without a logged attempt",
            is_set("sql_at") & OFFERED & NEVER_CONTACTED,
        ),
        _leads("worked_won", "Won after an offer", is_set("won_at") & OFFERED),
        _leads(
            "unsupported_won",
            "Won without a logged attempt",
            is_set("won_at") & OFFERED & NEVER_CONTACTED,
        ),
        _leads("offered", "Offered to sales", is_set("offered_at")),
        _leads("answered", "Answered by sales", is_set("answered_at")),
        _leads("requests_contacted", "Contacted after a request", is_set("wait"), "Contacted"),
        _leads("request_sla_met", "Contacted before it was due", Q(contact_sla=MET)),
        _leads("request_sla_ended", "Contacted, or contact overdue", CONTACT_ENDED),
        _leads("accepted", "Accepted at first", Q(first_answer=SalesAnswer.ACCEPTED.value)),
        _leads("rejected", "Rejected at first", Q(first_answer=SalesAnswer.REJECTED.value)),
        _leads(
            "lasting",
            "Accepted and not rejected later",
            Q(last_answer=SalesAnswer.ACCEPTED.value),
        ),
        _leads(
            "ever_rejected", "Rejected once or more", is_set("answered_at") & ~Q(last_reason="")
        ),
        _handoffs("handoffs", "Handoffs", is_set("offered_at")),
        _handoffs("rejections", "Rejected", is_set("rejected_at")),
        _handoffs("unevaluated", "Could not be evaluated", is_set("cannot_evaluate_at")),
        _handoffs(
            "responses",
            "Answered or returned",
            is_set("accepted_at") | is_set("rejected_at") | is_set("cannot_evaluate_at"),
        ),
        _handoffs("contacted", "Contacted", is_set("first_contact_at")),
        _handoffs("contact_sla_met", "First contact SLA met", Q(contact_sla=MET)),
        _handoffs("contact_sla_ended", "First contact SLA met or breached", CONTACT_ENDED),
        _handoffs("response_sla_met", "Response SLA met", Q(response_sla=MET)),
        _handoffs("response_sla_ended", "Response SLA met or breached", RESPONSE_ENDED),
        _handoffs(
            "sla_met",
            "Every SLA met",
            (Q(response_sla=MET) | Q(contact_sla=MET))
            & ~Q(response_sla=BREACHED)
            & ~Q(contact_sla=BREACHED),
        ),
        _handoffs(
            "sla_ended",
            "Any SLA met or breached",
            RESPONSE_ENDED | CONTACT_ENDED,
        ),
        *_paces(),
    )
    for counter in _aged(base)
}


def counters_of(basis: Basis) -> list[Counter]:
    return [counter for counter in COUNTERS.values() if counter.basis is basis]
