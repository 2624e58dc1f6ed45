"""The metrics: what each figure means.

A metric is one counter, or one over another. It is never edited: a change is a new version from
a day on.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Final

from handoff.acceptance_metric import ACCEPTANCE
from reporting.registry.counters import AGED, COUNTERS, Basis, Counter, aged_code


class Unit(StrEnum):
    COUNT = "count"
    PERCENT = "percent"
    MEDIAN = "median"


FROM_THE_START: Final = date(2000, 1, 1)


@dataclass(frozen=True)
class Metric:
    """`narrowed_by` is a dimension whose filter applies to the numerator only."""

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
    def short_name(self) -> str:
        """Return its name for the head of a narrow column."""
        is_count = self.denominator is None
        return (self.numerator.short_label if is_count else "") or self.name

    @property
    def parts(self) -> Mapping[str, Counter]:
        parts = {"numerator": self.numerator}
        return parts if self.denominator is None else parts | {"denominator": self.denominator}

    @property
    def matures(self) -> bool:
        """Return whether its figure rises for a while after the leads were opened."""
        return self.unit is Unit.PERCENT and self.numerator.code in AGED

    def within(self, days: int) -> Metric:
        """Return the same metric for the first days of each lead."""
        numerator, denominator = (
            COUNTERS.get(aged_code(part.code, days), part) if part else None
            for part in (self.numerator, self.denominator)
        )
        return replace(self, numerator=numerator or self.numerator, denominator=denominator)

    @property
    def counters(self) -> set[str]:
        """Return the codes of what its figures are computed from."""
        waits = {self.basis.waits} if self.unit is Unit.MEDIAN else set()
        return {counter.code for counter in self.parts.values()} | waits


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
    wording = f"Leads that were ever counted as: {counter.label}."
    if counter.code == "leads":
        wording = "Leads opened. A repeat inquiry while a lead is open does not count again."
    elif counter.code == "handoffs":
        wording = "Offers of a lead to a rep or a queue. A lead that is offered again counts again."
    elif counter.basis is Basis.HANDOFFS:
        wording = f"Handoffs counted as: {counter.label}."
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
        "Leads that sales rejected in its first answer, of those accepted or rejected.",
        higher_is_better=False,
    ),
    _rate(
        "lasting_acceptance",
        "Lasting acceptance",
        ("lasting", "answered"),
        "Leads that a rep accepted, first or after a rejection, and that no rep rejected later, of "
        "those accepted or rejected. Sales acceptance counts the first answer only.",
    ),
    _rate(
        "rejected_once",
        "Rejected at least once",
        ("ever_rejected", "answered"),
        "Leads that a rep rejected at least once, also after accepting them, of those accepted or "
        "rejected. Such a lead can be accepted in the end.",
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
    _rate(
        "sql_without_attempt",
        "SQL without an attempt",
        ("unsupported_sql", "worked_sql"),
        "Leads that sales qualified without one logged attempt to reach the contact, of those it "
        "qualified after an offer.",
        higher_is_better=False,
    ),
    _rate(
        "won_without_attempt",
        "Won without an attempt",
        ("unsupported_won", "worked_won"),
        "Leads won without one logged attempt to reach the contact, of those won after an offer.",
        higher_is_better=False,
    ),
    _rate("lead_to_won", "Lead to won", ("won", "leads"), "Leads won, of all leads opened."),
    _rate(
        "disqualification",
        "Disqualification rate",
        ("disqualified", "leads"),
        "Leads that were ever disqualified, of all leads opened.",
        higher_is_better=False,
    ),
    _rate(
        "handoff_rejection",
        "Rejection rate",
        ("rejections", "responses"),
        "Handoffs that a rep rejected, also after accepting them, of all handoffs with an answer. "
        "A lead rejected twice counts twice.",
        higher_is_better=False,
    ),
    _rate(
        "rejection_reasons",
        "Rejection reasons",
        ("rejections", "rejections"),
        "Rejected handoffs by reason, of all rejected handoffs. A lead rejected twice counts "
        "twice.",
        higher_is_better=None,
        narrowed_by="reason",
    ),
    _rate(
        "rejections_by_reason",
        "Rejected for a reason",
        ("rejections", "responses"),
        "Handoffs rejected for a reason, of all handoffs with an answer. A lead rejected twice "
        "counts twice.",
        higher_is_better=False,
        narrowed_by="reason",
    ),
    _rate(
        "cannot_evaluate",
        "Can't evaluate",
        ("unevaluated", "responses"),
        "Handoffs returned because data was missing, of all handoffs with an answer.",
        higher_is_better=False,
    ),
    _rate(
        "time_to_first_action",
        "Time to first action",
        ("contacted", "handoffs"),
        "Median time from the offer to the first logged attempt to reach the contact, in elapsed "
        "hours including nights, among handoffs with an attempt. Exact for up to 2000 handoffs, "
        "and within 3% for more.",
        unit=Unit.MEDIAN,
        higher_is_better=False,
    ),
    _rate(
        "time_to_first_contact",
        "Request to first contact",
        ("requests_contacted", "offered"),
        "Median time from the request, the last touch before the first offer, to the first logged "
        "attempt of any rep, in elapsed hours including nights. Reassigning the lead does not "
        "reset it. Exact for up to 2000 leads, and within 3% for more.",
        unit=Unit.MEDIAN,
        higher_is_better=False,
    ),
    _rate(
        "request_within_sla",
        "Requests contacted within SLA",
        ("request_sla_met", "request_sla_ended"),
        "Leads contacted before the first-contact SLA of their first offer was due, of those "
        "contacted or overdue. Reassigning the lead does not reset it.",
    ),
    _rate(
        "contact_within_sla",
        "First contact within SLA",
        ("contact_sla_met", "contact_sla_ended"),
        "Handoffs contacted before the first-contact SLA was due, of those where it was met or "
        "breached. SLA timers that are still running count in neither.",
    ),
    _rate(
        "answer_within_sla",
        "Response within SLA",
        ("response_sla_met", "response_sla_ended"),
        "Handoffs answered before the response SLA was due, of those where it was met or "
        "breached. SLA timers that are still running count in neither.",
    ),
    _rate(
        "sla_attainment",
        "SLA attainment",
        ("sla_met", "sla_ended"),
        "Handoffs with every SLA met so far, of those with an SLA met or breached.",
    ),
)

METRICS: Final[Mapping[str, Metric]] = {
    metric.code: metric for metric in (*map(_volume, COUNTERS.values()), *RATES)
}


def versions(metrics: Iterable[Metric]) -> dict[str, int]:
    return {metric.code: metric.version for metric in metrics}
