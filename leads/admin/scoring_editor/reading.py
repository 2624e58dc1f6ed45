"""Read what the pages of scoring models show: criteria in words, findings, consequences."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from core.audit import Saved, last_saved
from core.criteria.fields import Catalog
from core.formatting import counted
from core.versioning.models import ContentStatus
from core.versioning.pages import Versions, changes_text, live_and_draft
from leads.admin.recent_leads import DAYS, MAX_LEADS
from leads.admin.scoring_editor.difference import Change, changes_between
from leads.admin.scoring_editor.findings import Finding, findings_of
from leads.admin.scoring_editor.latest import (
    Comparison,
    Move,
    Tally,
    compare,
    leads_of,
    read_latest,
    tally,
    usable_model,
)
from leads.admin.scoring_editor.potential import most_counted, most_points
from leads.admin.scoring_editor.words import SCALE, CriterionWords, cap_words, criterion_words
from leads.live_catalog import live_catalog
from leads.models import Lead, LeadQuerySet, ScoringCriterion, ScoringGroup, ScoringModel
from leads.scoring import INTENT, Model, ordered_criteria

MAX_HISTORY: Final = 30
MAX_SHOWN: Final = 5  # leads that change sides, beside the draft


@dataclass(frozen=True)
class CriterionRow:
    criterion: ScoringCriterion
    words: CriterionWords
    findings: Sequence[Finding]
    is_changed: bool
    met: int
    leads: int
    is_first: bool
    is_last: bool

    @property
    def met_share(self) -> str:
        return _percent(self.met, self.leads)


@dataclass(frozen=True)
class GroupCard:
    """A group with its criteria; `most` is what they can give one lead, before the cap."""

    group: ScoringGroup
    rows: Sequence[CriterionRow]
    findings: Sequence[Finding]
    most: int
    is_changed: bool
    is_first: bool
    is_last: bool

    @property
    def prefix(self) -> str:
        return f"group-{self.group.pk}"

    @property
    def is_intent(self) -> bool:
        return self.group.code == INTENT

    @property
    def cap(self) -> str:
        return cap_words(self.group)

    @property
    def most_words(self) -> str:
        points = counted(self.most, "point", "points")
        if self.most > self.group.cap:
            return f"The criteria can give {points}, of which {self.group.cap} count"
        return f"The criteria can give {points}"

    @property
    def counted_share(self) -> str:
        return _percent(min(self.most, self.group.cap), self._scale)

    @property
    def most_share(self) -> str:
        return _percent(self.most, self._scale)

    @property
    def cap_x(self) -> str:
        return _percent(self.group.cap, self._scale)

    @property
    def _scale(self) -> int:
        return max(self.most, self.group.cap, 1)


@dataclass(frozen=True)
class Segment:
    """Place on the scale what a group can add to a score."""

    group: ScoringGroup
    points: int
    x: str
    width: str


@dataclass(frozen=True)
class MovedLead:
    move: Move
    lead: Lead


@dataclass(frozen=True)
class ScoringEditor:
    """One version of the scoring model, compared with the live one."""

    version: ScoringModel
    versions: Versions[ScoringModel]
    groups: Sequence[ScoringGroup]
    live_groups: Sequence[ScoringGroup]
    catalog: Catalog
    leads: LeadQuerySet
    at: datetime

    @property
    def is_live(self) -> bool:
        return self.version.status == ContentStatus.PUBLISHED

    @cached_property
    def model(self) -> Model:
        return usable_model(self.groups, self.version.mql_threshold, self.catalog)

    @cached_property
    def live_model(self) -> Model | None:
        live = self.versions.live
        if live is None or not self.version.is_draft:
            return None
        return usable_model(self.live_groups, live.mql_threshold, self.catalog)

    @cached_property
    def changes(self) -> list[Change]:
        """Return what publishing this draft would change."""
        live = self.versions.live
        if not self.version.is_draft or live is None:
            return []
        return changes_between(live, self.version, self.live_groups, self.groups, self.catalog)

    @property
    def changes_text(self) -> str:
        return changes_text(self.changes)

    @cached_property
    def saved(self) -> Saved | None:
        groups = [group.pk for group in self.groups]
        return last_saved(
            (ScoringModel, {"pgh_obj": self.version.pk}),
            (ScoringGroup, {"model": self.version.pk}),
            (ScoringCriterion, {"group__in": groups}),
        )

    @cached_property
    def latest(self) -> tuple[Tally, Comparison | None]:
        """Return what this version gives the latest leads, and how it differs from the live one."""
        live = self.live_model
        models = [self.model] if live is None else [self.model, live]
        leads = read_latest(self.leads, models, self.at)
        own = tally(self.model, leads, self.at)
        if live is None:
            return own, None
        return own, compare(leads, live, self.model, tally(live, leads, self.at), own)

    @property
    def tally(self) -> Tally:
        return self.latest[0]

    @property
    def comparison(self) -> Comparison | None:
        return self.latest[1]

    @property
    def mqls(self) -> int:
        return sum(total >= self.version.mql_threshold for total in self.tally.totals)

    @property
    def leads_text(self) -> str:
        """Say which leads were counted."""
        leads = counted(self.tally.leads, "lead", "leads")
        if self.tally.leads == MAX_LEADS:
            return f"The latest {leads}"
        return f"{leads} opened in the last {DAYS} days"

    @cached_property
    def moved(self) -> list[MovedLead]:
        """Return the first leads that change sides."""
        moves = self.comparison.moves[:MAX_SHOWN] if self.comparison else []
        return read_moved(moves)

    @cached_property
    def findings(self) -> list[Finding]:
        return findings_of(self.version, self.groups, self.model, self.tally, self.catalog)

    @property
    def blocking(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.blocks]

    @property
    def model_findings(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.group is None]

    @cached_property
    def cards(self) -> list[GroupCard]:
        return [
            GroupCard(
                group=group,
                rows=self._rows(group, place),
                findings=[row for row in self.findings if row.group == group and not row.criterion],
                most=max(0, most_points(usable.criteria)),
                is_changed=any(change.group_id == group.pk for change in self.changes),
                is_first=place == 0,
                is_last=place == len(self.groups) - 1,
            )
            for place, (group, usable) in enumerate(
                zip(self.groups, self.model.groups, strict=True)
            )
        ]

    @cached_property
    def segments(self) -> list[Segment]:
        """Return the groups side by side on the scale of 100 points."""
        segments, start = [], 0
        for group, usable in zip(self.groups, self.model.groups, strict=True):
            points = most_counted(usable)
            shown = min(points, SCALE - start)
            segments.append(Segment(group, points, _percent(start, SCALE), _percent(shown, SCALE)))
            start += shown
        return segments

    @property
    def threshold_x(self) -> str:
        return _percent(self.version.mql_threshold, SCALE)

    @property
    def threshold_anchor(self) -> str:
        """Return where the words at the threshold start, so that they fit on the scale."""
        threshold = self.version.mql_threshold
        return "start" if threshold < 10 else "end" if threshold > 90 else "middle"

    @property
    def most(self) -> int:
        return sum(segment.points for segment in self.segments)

    def _rows(self, group: ScoringGroup, place: int) -> list[CriterionRow]:
        rows = ordered_criteria(group)
        changed = {change.criterion_id for change in self.changes}
        findings = defaultdict[int, list[Finding]](list)
        for finding in self.findings:
            if finding.criterion is not None:
                findings[finding.criterion.pk].append(finding)
        return [
            CriterionRow(
                criterion=row,
                words=criterion_words(row, self.catalog),
                findings=findings[row.pk],
                is_changed=row.pk in changed,
                met=self.tally.met[row.pk],
                leads=self.tally.leads,
                is_first=place == 0 and index == 0,
                is_last=place == len(self.groups) - 1 and index == len(rows) - 1,
            )
            for index, row in enumerate(rows)
        ]


@dataclass(frozen=True)
class VersionEntry:
    """A published version, and what it changed in words."""

    version: ScoringModel
    changes: Sequence[Change]
    is_first: bool


@dataclass(frozen=True)
class LiveGroup:
    group: ScoringGroup
    cap: str
    sentences: Sequence[str]


@dataclass(frozen=True)
class Overview:
    """All versions: the live one in sentences, the draft, and what changed when."""

    versions: Versions[ScoringModel]
    groups: Sequence[LiveGroup]
    history: Sequence[VersionEntry]


def read_editor(version: ScoringModel, leads: LeadQuerySet, at: datetime) -> ScoringEditor:
    """Read a version, and the live one; `leads` are those that the reader may see."""
    pair = live_and_draft(ScoringModel.objects.all())
    groups = read_groups([version, pair.live] if pair.live else [version])
    return ScoringEditor(
        version=version,
        versions=pair,
        groups=groups[version.pk],
        live_groups=groups[pair.live.pk] if pair.live else [],
        catalog=live_catalog(),
        leads=leads,
        at=at,
    )


def read_groups(versions: Iterable[ScoringModel]) -> Mapping[int, list[ScoringGroup]]:
    """Return the groups of each version in their order, with their criteria."""
    rows = ScoringGroup.objects.filter(model__in=[version.pk for version in versions])
    by_version = defaultdict[int, list[ScoringGroup]](list)
    for group in rows.prefetch_related("criteria").order_by("position", "pk"):
        by_version[group.model_id].append(group)
    return by_version


def read_moved(moves: Sequence[Move]) -> list[MovedLead]:
    leads = leads_of(moves) if moves else {}
    return [MovedLead(move, leads[move.lead_id]) for move in moves if move.lead_id in leads]


def read_overview() -> Overview:
    versions = live_and_draft(ScoringModel.objects.all())
    published = ScoringModel.objects.exclude(status=ContentStatus.DRAFT)
    newest_first = published.select_related("published_by").order_by("-version")
    rows = list(newest_first[: MAX_HISTORY + 1])
    groups, catalog = read_groups(rows), live_catalog()
    before: list[ScoringModel | None] = [*rows[1:], None]
    entries = [
        VersionEntry(
            row,
            changes_between(old, row, groups[old.pk], groups[row.pk], catalog) if old else (),
            is_first=old is None,
        )
        for row, old in zip(rows, before, strict=True)
    ]
    live = groups[versions.live.pk] if versions.live else []
    return Overview(
        versions,
        [
            LiveGroup(
                group,
                cap_words(group),
                [str(criterion_words(row, catalog)) for row in ordered_criteria(group)],
            )
            for group in live
        ],
        entries[:MAX_HISTORY],
    )


def _percent(part: int, of: int) -> str:
    """Return a position or a width for SVG."""
    return f"{100 * part / of:.1f}%" if of else "0%"
