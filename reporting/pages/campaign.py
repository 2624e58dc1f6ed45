"""The figures of one campaign, as the reports on sources and rejections count them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from core.formatting import count_text, percent_text
from leads.contact_names import name_contacts
from people.models import User
from reporting.pages.components import Tile, label_of, tile
from reporting.pages.labels import drilldown_link, period_label, report_link
from reporting.pages.sources import COUNTS
from reporting.queries.drilldown import Drilldown
from reporting.queries.reports import SOURCE_RATES
from reporting.queries.rollup_queries import Question, read, sum_by, total
from reporting.queries.scope import Scope
from reporting.registry.counters import Basis
from reporting.registry.figures import figure
from reporting.registry.metrics import METRICS

REASONS: Final = METRICS["rejection_reasons"]
MAX_NOTES: Final = 10


class ReasonRow(NamedTuple):
    label: str
    number: str
    share: str
    href: str


@dataclass(frozen=True)
class CampaignFigures:
    """`rejections` are of handoffs offered in the period, `notes` those of reps with them."""

    tiles: list[Tile]
    reasons: list[ReasonRow]
    rejections: int
    rejections_href: str
    notes: list[Any]
    days: str
    sources_href: str
    rejections_report_href: str
    fresh_as_of: datetime | None


def campaign_figures(campaign_id: int, scope: Scope, *, reader: User) -> CampaignFigures:
    scope = scope.narrowed(campaign=campaign_id)
    answers = read([Question(Basis.LEADS, scope), Question(Basis.HANDOFFS, scope, ("reason",))])
    leads = total(answers.tables[0], basis=Basis.LEADS)
    by_reason = {
        reason: counts["rejections"]
        for reason, counts in sum_by(answers.tables[1], 0).items()
        if reason
    }
    rejections = sum(by_reason.values())
    return CampaignFigures(
        tiles=[tile(figure(METRICS[code], leads), scope) for code in (*COUNTS, *SOURCE_RATES)],
        reasons=[
            ReasonRow(
                label_of(answers, "reason", reason),
                count_text(number),
                percent_text(number, rejections),
                drilldown_link(scope, REASONS, reason=reason),
            )
            for reason, number in sorted(by_reason.items(), key=lambda row: (-row[1], str(row[0])))
            if number
        ],
        rejections=rejections,
        rejections_href=drilldown_link(scope, REASONS),
        notes=notes_of(scope, reader) if rejections else [],
        days=period_label(scope.period),
        sources_href=report_link("sources", Scope(scope.period), by="campaign"),
        rejections_report_href=report_link("rejections", scope),
        fresh_as_of=answers.counted_at,
    )


def notes_of(scope: Scope, reader: User) -> list[Any]:
    """Return the latest rejected handoffs with a note, of leads that the reader may open."""
    rows = Drilldown(REASONS, "numerator", scope).rows_with_notes(reader).exclude(note="")
    shown = list(rows.select_related("lead__contact", "user")[:MAX_NOTES])
    name_contacts([row.lead.contact for row in shown])
    return shown
