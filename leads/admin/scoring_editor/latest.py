"""Score the latest leads under a version: what each criterion gave, and who is an MQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.criteria.fields import Catalog
from core.errors import Refused
from leads.admin.recent_leads import RecentLead, recent_leads
from leads.contact_names import name_contacts
from leads.facts import signal_dates
from leads.field_catalog import COMPANY_HAS_OPEN_LEAD
from leads.models import Lead, LeadQuerySet, ScoringGroup
from leads.scoring import (
    Criterion,
    Group,
    Model,
    criterion_from_row,
    earned_points,
    ordered_criteria,
)


@dataclass(frozen=True)
class RowCriterion(Criterion):
    row_id: int = 0


@dataclass
class Tally:
    """`met` counts leads by criterion, `decisive` those whose cap was not reached anyway."""

    totals: list[int] = field(default_factory=list)
    met: Counter[int] = field(default_factory=Counter)
    decisive: Counter[int] = field(default_factory=Counter)

    @property
    def leads(self) -> int:
        return len(self.totals)


@dataclass(frozen=True)
class Move:
    """A lead that is an MQL under one version only."""

    lead_id: int
    live: int
    draft: int
    becomes_mql: bool


@dataclass(frozen=True)
class Comparison:
    leads: int
    live_mqls: int
    draft_mqls: int
    moves: Sequence[Move]

    @property
    def gained(self) -> int:
        return sum(move.becomes_mql for move in self.moves)

    @property
    def lost(self) -> int:
        return len(self.moves) - self.gained


def usable_model(groups: Iterable[ScoringGroup], threshold: int, catalog: Catalog) -> Model:
    """Return a model as scoring would use it, without the criteria that are not valid yet."""
    return Model(
        tuple(
            Group(group.code, group.label, group.cap, tuple(_usable_criteria(group, catalog)))
            for group in groups
        ),
        threshold,
    )


def _usable_criteria(group: ScoringGroup, catalog: Catalog) -> Iterable[RowCriterion]:
    for row in ordered_criteria(group):
        try:
            valid = criterion_from_row(row, catalog)
        except Refused:
            continue
        yield RowCriterion(valid.label, valid.tree, valid.points, valid.half_life_days, row.pk)


def read_latest(leads: LeadQuerySet, models: Iterable[Model], at: datetime) -> list[RecentLead]:
    asks = any(model.uses(COMPANY_HAS_OPEN_LEAD) for model in models)
    return recent_leads(leads, at, with_company_rep=asks)


def tally(model: Model, leads: Iterable[RecentLead], at: datetime) -> Tally:
    """Score leads by today's attributes, without the words of a breakdown."""
    result = Tally()
    for lead in leads:
        dates, total = signal_dates(lead.signals), 0
        for group in model.groups:
            earned = [
                (criterion, points)
                for criterion in group.criteria
                if (points := earned_points(criterion, lead.facts, dates, at)) is not None
            ]
            uncapped = sum(points for _, points in earned)
            counted = min(uncapped, group.cap)
            total += counted
            for criterion, points in earned:
                assert isinstance(criterion, RowCriterion), "of a usable model"
                result.met[criterion.row_id] += 1
                # Points that halved to none are not lost to the cap.
                is_decisive = not points or min(uncapped - points, group.cap) != counted
                result.decisive[criterion.row_id] += is_decisive
        result.totals.append(max(total, 0))
    return result


def compare(
    leads: Sequence[RecentLead], live: Model, draft: Model, live_tally: Tally, draft_tally: Tally
) -> Comparison:
    moves, live_mqls, draft_mqls = [], 0, 0
    for lead, now, then in zip(leads, live_tally.totals, draft_tally.totals, strict=True):
        is_mql, becomes_mql = now >= live.mql_threshold, then >= draft.mql_threshold
        live_mqls += is_mql
        draft_mqls += becomes_mql
        if is_mql != becomes_mql:
            moves.append(Move(lead.pk, now, then, becomes_mql))
    return Comparison(len(leads), live_mqls, draft_mqls, moves)


def leads_of(moves: Iterable[Move]) -> dict[int, Lead]:
    """Read the leads of moves with their names, in one statement."""
    rows = Lead.objects.filter(pk__in=[move.lead_id for move in moves])
    leads = list(rows.select_related("contact", "company"))
    name_contacts([lead.contact for lead in leads])
    return {lead.pk: lead for lead in leads}
