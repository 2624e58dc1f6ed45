"""The metric registry: what every figure means, and which leads are behind it.

A counter is a filter over milestones. The rollup column of its name and the list behind a figure
are both made from that filter, so a tile cannot differ from its list (N-30). A metric is one
counter, or one over another; it is never edited: a change is a new version from a day on.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from django.db.models import Q

from handoff.acceptance_metric import ACCEPTANCE
from reporting.facts.milestones import SPEED_STEPS
from reporting.models import Answer, Outcome


class Basis(StrEnum):
    """What is counted, and on which day it counts."""

    LEADS = "leads"
    HANDOFFS = "handoffs"

    @property
    def day(self) -> str:
        if self is Basis.LEADS:
            return "A lead counts on the day it was opened."
        return "A handoff counts on the day it was offered."


class Unit(StrEnum):
    COUNT = "count"
    PERCENT = "percent"
    MEDIAN = "median"


@dataclass(frozen=True)
class Counter:
    code: str
    label: str
    basis: Basis
    where: Q
    short: str = ""


def reached(moment: str) -> Q:
    return Q(**{f"{moment}__isnull": False})


def _leads(code: str, label: str, where: Q, short: str = "") -> Counter:
    return Counter(code, label, Basis.LEADS, where, short)


def _handoffs(code: str, label: str, where: Q) -> Counter:
    return Counter(code, label, Basis.HANDOFFS, where)


KEPT: Final = Outcome.KEPT.value
MISSED: Final = Outcome.MISSED.value
BOTH: Final = [KEPT, MISSED]

SPEED_COUNTERS: Final = tuple(f"speed_{step}" for step in range(len(SPEED_STEPS) + 1))


def _speeds() -> list[Counter]:
    """The distribution of the time to first contact, as many counters as it has steps."""
    edges = ["at once", *(f"{minutes} min" for minutes in SPEED_STEPS), "any time"]
    return [
        _handoffs(code, f"Contacted after {edges[step]} to {edges[step + 1]}", Q(speed=step))
        for step, code in enumerate(SPEED_COUNTERS)
    ]


COUNTERS: Final[Mapping[str, Counter]] = {
    counter.code: counter
    for counter in (
        _leads("leads", "Leads", reached("opened_at")),
        _leads("engaged", "Engaged", reached("engaged_at")),
        _leads("mql", "Marketing qualified", reached("mql_at"), "MQL"),
        _leads("sal", "Sales accepted", reached("sal_at"), "SAL"),
        _leads("sql", "Sales qualified", reached("sql_at"), "SQL"),
        _leads("opportunity", "Opportunities", reached("opportunity_at"), "Opp."),
        _leads("won", "Won", reached("won_at")),
        _leads("lost", "Lost", reached("lost_at")),
        _leads("nurture", "Sent to nurture", reached("nurture_at"), "Nurture"),
        _leads("disqualified", "Disqualified", reached("disqualified_at")),
        _leads("offered", "Offered to sales", reached("offered_at")),
        _leads("answered", "Answered by sales", reached("answered_at")),
        _leads("accepted", "Accepted at first", Q(first_answer=Answer.ACCEPTED.value)),
        _leads("rejected", "Rejected at first", Q(first_answer=Answer.REJECTED.value)),
        _handoffs("handoffs", "Handoffs", reached("offered_at")),
        _handoffs("rejections", "Rejected", reached("rejected_at")),
        _handoffs("unevaluated", "Could not be evaluated", reached("cannot_evaluate_at")),
        _handoffs(
            "responses",
            "Answered, or sent back for data",
            reached("accepted_at") | reached("rejected_at") | reached("cannot_evaluate_at"),
        ),
        _handoffs("contacted", "Contacted", reached("first_contact_at")),
        _handoffs("contact_kept", "Contacted in time", Q(contact_promise=KEPT)),
        _handoffs("contact_due", "Owed a first contact", Q(contact_promise__in=BOTH)),
        _handoffs("answer_kept", "Answered in time", Q(answer_promise=KEPT)),
        _handoffs("answer_due", "Owed an answer", Q(answer_promise__in=BOTH)),
        _handoffs(
            "promises_kept",
            "Every promise kept",
            (Q(answer_promise=KEPT) | Q(contact_promise=KEPT))
            & ~Q(answer_promise=MISSED)
            & ~Q(contact_promise=MISSED),
        ),
        _handoffs(
            "promises_due",
            "With a promise kept or missed",
            Q(answer_promise__in=BOTH) | Q(contact_promise__in=BOTH),
        ),
        *_speeds(),
    )
}


def counters_of(basis: Basis) -> list[Counter]:
    return [counter for counter in COUNTERS.values() if counter.basis is basis]


FROM_THE_START: Final = date(2000, 1, 1)


@dataclass(frozen=True)
class Metric:
    """`narrowed_by` is a dimension that narrows the numerator alone: a share of the whole."""

    code: str
    name: str
    wording: str
    numerator: Counter
    denominator: Counter | None = None
    unit: Unit = Unit.PERCENT
    higher_is_better: bool | None = True
    narrowed_by: str = ""
    version: int = 1
    effective_from: date = FROM_THE_START

    @property
    def basis(self) -> Basis:
        return self.numerator.basis

    @property
    def head(self) -> str:
        """Its name where room is scarce."""
        is_count = self.denominator is None
        return (self.numerator.short if is_count else "") or self.name

    @property
    def parts(self) -> Mapping[str, Counter]:
        parts = {"numerator": self.numerator}
        return parts if self.denominator is None else parts | {"denominator": self.denominator}


def _rate(
    code: str,
    name: str,
    parts: tuple[str, str],
    wording: str,
    *,
    unit: Unit = Unit.PERCENT,
    higher_is_better: bool | None = True,
    narrowed_by: str = "",
) -> Metric:
    numerator, denominator = (COUNTERS[part] for part in parts)
    return Metric(code, name, wording, numerator, denominator, unit, higher_is_better, narrowed_by)


def _volume(counter: Counter) -> Metric:
    wording = f"Leads that ever were: {counter.label.lower()}."
    if counter.code == "leads":
        wording = "Pursuits opened; a repeat enquiry while one is open does not count again."
    elif counter.code == "handoffs":
        wording = "Offers of a lead to a person or a queue; a lead offered again counts again."
    elif counter.basis is Basis.HANDOFFS:
        wording = f"Handoffs: {counter.label.lower()}."
    return Metric(
        counter.code, counter.label, wording, counter, unit=Unit.COUNT, higher_is_better=None
    )


RATES: Final = (
    _rate(
        "sales_acceptance",
        "Sales acceptance",
        ("accepted", "answered"),
        ACCEPTANCE,
    ),
    _rate(
        "sales_rejection",
        "Sales rejection",
        ("rejected", "answered"),
        "Leads whose first answer from sales was no, of those answered with yes or no.",
        higher_is_better=False,
    ),
    _rate(
        "source_to_sql",
        "Source to SQL",
        ("sql", "leads"),
        "Leads that sales ever qualified, of all leads opened.",
    ),
    _rate(
        "lead_to_mql",
        "Lead to MQL",
        ("mql", "leads"),
        "Leads that marketing ever qualified, of all leads opened.",
    ),
    _rate(
        "mql_to_sal",
        "MQL to SAL",
        ("sal", "mql"),
        "Leads that a rep ever accepted, of those marketing qualified.",
    ),
    _rate(
        "mql_to_sql",
        "MQL to SQL",
        ("sql", "mql"),
        "Leads that sales ever qualified, of those marketing qualified.",
    ),
    _rate(
        "sal_to_sql",
        "SAL to SQL",
        ("sql", "sal"),
        "Leads that sales ever qualified, of those a rep accepted.",
    ),
    _rate(
        "sql_to_opportunity",
        "SQL to opportunity",
        ("opportunity", "sql"),
        "Leads that became an opportunity, of those sales qualified.",
    ),
    _rate(
        "opportunity_to_won",
        "Opportunity to won",
        ("won", "opportunity"),
        "Leads won, of those that became an opportunity.",
    ),
    _rate("lead_to_won", "Lead to won", ("won", "leads"), "Leads won, of all leads opened."),
    _rate(
        "disqualification",
        "Disqualified",
        ("disqualified", "leads"),
        "Leads that were ever disqualified, of all leads opened.",
        higher_is_better=False,
    ),
    _rate(
        "rejection_reasons",
        "Rejection reasons",
        ("rejections", "rejections"),
        "Rejected handoffs by reason, of all rejected handoffs. A lead rejected twice is in it "
        "twice.",
        higher_is_better=None,
        narrowed_by="reason",
    ),
    _rate(
        "cannot_evaluate",
        "Cannot be evaluated",
        ("unevaluated", "responses"),
        "Handoffs sent back because data was missing, of all that got any answer.",
        higher_is_better=False,
    ),
    _rate(
        "time_to_first_action",
        "Time to first action",
        ("contacted", "handoffs"),
        "Median time from the offer to the first logged attempt to reach the contact, in elapsed "
        "hours, nights included, among handoffs with an attempt. Found by interpolating within "
        "the step of the distribution that holds the middle handoff.",
        unit=Unit.MEDIAN,
        higher_is_better=False,
    ),
    _rate(
        "contact_within_sla",
        "First contact within SLA",
        ("contact_kept", "contact_due"),
        "Handoffs contacted before their clock ran out, of those whose first-contact promise was "
        "kept or missed. Clocks still running are in neither.",
    ),
    _rate(
        "answer_within_sla",
        "Answer within SLA",
        ("answer_kept", "answer_due"),
        "Handoffs answered before their clock ran out, of those whose answer promise was kept or "
        "missed. Clocks still running are in neither.",
    ),
    _rate(
        "sla_attainment",
        "SLA attainment",
        ("promises_kept", "promises_due"),
        "Handoffs with every promise kept so far, of those with a promise kept or missed.",
    ),
)

METRICS: Final[Mapping[str, Metric]] = {
    metric.code: metric for metric in (*map(_volume, COUNTERS.values()), *RATES)
}


def versions(metrics: Iterable[Metric]) -> dict[str, int]:
    return {metric.code: metric.version for metric in metrics}
