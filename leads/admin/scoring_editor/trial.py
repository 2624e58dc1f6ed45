"""Try a lead on a version: its score criterion by criterion, beside the live one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leads import scoring
from leads.admin.scoring_editor.words import points_words
from leads.facts import PATHS, facts_from_row, signal_dates
from leads.models import Lead, LeadQuerySet
from leads.scoring import Line, Model, Score


@dataclass(frozen=True)
class TrialLine:
    """Points under the version and under the live one; None if it has no such criterion."""

    label: str
    detail: str
    points: int | None
    live: int | None

    @property
    def words(self) -> str:
        return "" if self.points is None else points_words(self.points)

    @property
    def live_words(self) -> str:
        return "" if self.live is None else points_words(self.live)

    @property
    def differs(self) -> bool:
        return self.points != self.live

    @property
    def counts(self) -> bool:
        return bool(self.points or self.live)


@dataclass(frozen=True)
class TrialGroup:
    label: str
    lines: Sequence[TrialLine]

    @property
    def points(self) -> int:
        return sum(line.points or 0 for line in self.lines)

    @property
    def live(self) -> int:
        return sum(line.live or 0 for line in self.lines)

    @property
    def counting(self) -> list[TrialLine]:
        return [line for line in self.lines if line.counts]


@dataclass(frozen=True)
class Trial:
    lead: Lead
    score: Score
    threshold: int
    live: Score | None
    live_threshold: int
    groups: Sequence[TrialGroup]

    @property
    def is_mql(self) -> bool:
        return self.score.total >= self.threshold

    @property
    def was_mql(self) -> bool:
        return self.live is not None and self.live.total >= self.live_threshold

    @property
    def differs(self) -> bool:
        return self.live is not None and (self.live.total, self.was_mql) != (
            self.score.total,
            self.is_mql,
        )

    @property
    def is_hand_raise(self) -> bool:
        return self.lead.lead_type is not None and self.lead.lead_type.is_hand_raise

    @property
    def counting(self) -> list[TrialGroup]:
        return [group for group in self.groups if group.counting]

    @property
    def missed(self) -> list[Line]:
        return self.score.missed


def try_lead(lead: Lead, model: Model, live: Model | None, at: datetime) -> Trial:
    rows: LeadQuerySet = Lead.objects.filter(pk=lead.pk)
    row = rows.values_list(*PATHS).get()
    has_company_rep = lead.pk in rows.company_reps()
    facts = facts_from_row(row, has_company_rep=has_company_rep)
    dates = signal_dates(row[-1])
    score = scoring.score(model, facts, dates, at)
    live_score = scoring.score(live, facts, dates, at) if live else None
    return Trial(
        lead,
        score,
        model.mql_threshold,
        live_score,
        live.mql_threshold if live else 0,
        compared_groups(model, score, live, live_score),
    )


def compared_groups(
    model: Model, score: Score, live: Model | None, live_score: Score | None
) -> list[TrialGroup]:
    """Return the lines of both scores by group, those of the same name side by side."""
    labels = {group.code: group.label for group in live.groups} if live else {}
    labels |= {group.code: group.label for group in model.groups}
    own, other = _points(score), _points(live_score)
    keys = dict.fromkeys((*own, *other))
    order = [*labels, ""]
    return [
        TrialGroup(
            labels.get(code, "Limits"),
            [
                TrialLine(
                    label,
                    (own.get((code, label)) or other[code, label])[1],
                    own[code, label][0] if (code, label) in own else None,
                    other[code, label][0] if (code, label) in other else None,
                )
                for group, label in keys
                if group == code
            ],
        )
        for code in order
        if any(group == code for group, _ in keys)
    ]


def _points(score: Score | None) -> dict[tuple[str, str], tuple[int, str]]:
    """Return points and detail by group and label; a missed criterion gives none."""
    points: dict[tuple[str, str], tuple[int, str]] = {}
    if score is None:
        return points
    met = [(line, line["points"]) for line in score.ledger]
    for line, gained in (*met, *((line, 0) for line in score.missed)):
        key = line["group"], line["label"]
        before, _ = points.get(key, (0, ""))
        points[key] = before + gained, line["detail"]
    return points
