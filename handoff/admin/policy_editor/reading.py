"""Read what the pages of SLA policies show: targets in words, timers, rules, versions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from django.db.models import Count, Q

from core.audit import Saved, last_saved
from core.formatting import counted, percent_text
from core.versioning.difference import Kind
from core.versioning.models import ContentStatus
from core.versioning.pages import Versions, changes_text, live_and_draft
from handoff.admin.policy_editor.difference import Change, changes_between
from handoff.admin.policy_editor.timers import MET, RUNNING, WINDOW, due_before
from handoff.admin.policy_editor.words import scope_of, sentence_of, span_words
from handoff.clock_kinds import CLOCK_KINDS, ClockKind
from handoff.models import RoutingRule, SlaClock, SlaPolicy, SlaTarget
from handoff.sla import versions

MAX_HISTORY: Final = 10  # versions shown of each policy


@dataclass(frozen=True)
class Attainment:
    """Timers of a policy: those that run, and those that were due within `WINDOW`."""

    running: int = 0
    due: int = 0
    met: int = 0

    @property
    def percent(self) -> str:
        return percent_text(self.met, self.due)


@dataclass(frozen=True)
class TargetRow:
    target: SlaTarget
    is_changed: bool
    has_siblings: bool

    @property
    def scope(self) -> str:
        return scope_of(self.target, has_siblings=self.has_siblings)

    @property
    def sentence(self) -> str:
        return sentence_of(self.target)

    @property
    def within(self) -> str:
        return span_words(self.target)

    @property
    def is_removable(self) -> bool:
        target = self.target
        is_exception = bool(target.lead_type_id or target.temperature)
        return is_exception or bool(CLOCK_KINDS[target.clock].falls_back_on)


@dataclass(frozen=True)
class ClockCard:
    kind: ClockKind
    rows: Sequence[TargetRow]
    attainment: Attainment

    @property
    def fallback(self) -> str:
        """Return the kind whose targets apply, if this one has none."""
        code = self.kind.falls_back_on
        return CLOCK_KINDS[code].label if code and not self.rows else ""


@dataclass(frozen=True)
class Ladder:
    """The escalation of one target: its steps with their times, and where they are drawn."""

    row: TargetRow
    tabs: Sequence[TargetRow]

    @property
    def warns_after(self) -> str:
        return span_words(self.row.target, percent=self.row.target.warn_at_percent)

    @property
    def warn_x(self) -> str:
        return f"{4 + 0.66 * self.row.target.warn_at_percent:.1f}%"


@dataclass(frozen=True)
class PolicyEditor:
    """One version of a policy, compared with the live one."""

    version: SlaPolicy
    versions: Versions[SlaPolicy]
    targets: Sequence[SlaTarget]
    live_targets: Sequence[SlaTarget]
    attainments: Mapping[str, Attainment]
    rules: Sequence[RoutingRule]
    shown_target: int

    @property
    def is_live(self) -> bool:
        return self.version.status == ContentStatus.PUBLISHED

    @cached_property
    def changes(self) -> list[Change]:
        """Return what publishing this draft would change."""
        live = self.versions.live
        if not self.version.is_draft or live is None:
            return []
        return changes_between(live, self.version, self.live_targets, self.targets)

    @cached_property
    def saved(self) -> Saved | None:
        policy = self.version.pk
        return last_saved((SlaPolicy, {"pgh_obj": policy}), (SlaTarget, {"policy": policy}))

    @property
    def changes_text(self) -> str:
        return changes_text(self.changes)

    @cached_property
    def problems(self) -> list[str]:
        return versions.problems_of(self.version) if self.version.is_draft else []

    @cached_property
    def cards(self) -> list[ClockCard]:
        changed = {change.target_id for change in self.changes if change.kind is not Kind.REMOVED}
        by_clock = defaultdict[str, list[SlaTarget]](list)
        for target in self.targets:
            by_clock[target.clock].append(target)
        return [
            ClockCard(
                kind,
                [
                    TargetRow(target, target.pk in changed, len(by_clock[kind.code]) > 1)
                    for target in by_clock[kind.code]
                ],
                self.attainments.get(kind.code, Attainment()),
            )
            for kind in CLOCK_KINDS.values()
        ]

    @cached_property
    def ladder(self) -> Ladder | None:
        for card in self.cards:
            for row in card.rows:
                if row.target.pk == self.shown_target:
                    return Ladder(row, card.rows)
        first = next((card for card in self.cards if card.rows), None)
        return Ladder(first.rows[0], first.rows) if first else None

    @property
    def reassignments_text(self) -> str:
        return counted(self.version.hop_limit, "reassignment", "reassignments")

    @property
    def running(self) -> int:
        return sum(row.running for row in self.attainments.values())

    @property
    def rules_text(self) -> str:
        return counted(len(self.rules), "routing rule", "routing rules")


def read_editor(version: SlaPolicy, at: datetime, *, shown_target: int = 0) -> PolicyEditor:
    pair = live_and_draft(SlaPolicy.objects.filter(code=version.code))
    live = pair.live
    targets = read_targets([version, live] if live else [version])
    return PolicyEditor(
        version=version,
        versions=pair,
        targets=targets[version.pk],
        live_targets=targets[live.pk] if live else [],
        attainments=read_attainments(version.code, at),
        rules=read_rules(version.code, is_default=bool(live and live.is_default)),
        shown_target=shown_target,
    )


def read_targets(policies: Iterable[SlaPolicy]) -> Mapping[int, list[SlaTarget]]:
    """Return the targets of each policy by clock, those for all other leads first."""
    rows = SlaTarget.objects.filter(policy__in=[policy.pk for policy in policies])
    order = list(CLOCK_KINDS)
    by_policy = defaultdict[int, list[SlaTarget]](list)
    for row in sorted(
        rows.select_related("lead_type"),
        key=lambda row: (
            order.index(row.clock),
            row.lead_type.position if row.lead_type else -1,
            row.temperature,
        ),
    ):
        by_policy[row.policy_id].append(row)
    return by_policy


def read_attainments(code: str, at: datetime) -> dict[str, Attainment]:
    """Count the timers of all versions of a policy by kind. This reads all timers once."""
    is_due = due_before(at)
    timers = SlaClock.objects.filter(target__policy__code=code)
    rows = timers.filter(RUNNING | Q(due_at__gt=at - WINDOW)).values("kind")
    counts = rows.annotate(
        running=Count("pk", filter=RUNNING),
        due=Count("pk", filter=is_due),
        met=Count("pk", filter=is_due & MET),
    )
    numbers = counts.order_by("kind").values_list("kind", "running", "due", "met")
    return {kind: Attainment(running, due, met) for kind, running, due, met in numbers}


def read_rules(code: str, *, is_default: bool) -> list[RoutingRule]:
    """Return the live rules that use a policy, by name or because it is the default."""
    codes = [code, ""] if is_default else [code]
    rules = RoutingRule.objects.filter(
        rule_set__status=ContentStatus.PUBLISHED, is_active=True, policy_code__in=codes
    )
    return list(rules.exclude(target=RoutingRule.Target.NURTURE).order_by("position", "pk"))


@dataclass(frozen=True)
class VersionEntry:
    version: SlaPolicy
    changes: Sequence[Change]
    is_first: bool


@dataclass(frozen=True)
class PolicyEntry:
    """One policy in the list: its live version in sentences, its draft, and what changed when."""

    versions: Versions[SlaPolicy]
    sentences: Sequence[str]
    history: Sequence[VersionEntry]

    @property
    def newest(self) -> SlaPolicy:
        newest = self.versions.live or self.versions.draft
        return newest or self.history[0].version


def read_policies() -> list[PolicyEntry]:
    by_code = defaultdict[str, list[SlaPolicy]](list)
    rows = SlaPolicy.objects.select_related("published_by")
    for row in rows.order_by("code", "-version"):
        by_code[row.code].append(row)
    targets = read_targets([row for group in by_code.values() for row in group])
    entries = [_policy_entry(group, targets) for group in by_code.values()]
    return sorted(entries, key=lambda entry: (not entry.newest.is_default, entry.newest.name))


def _policy_entry(
    group: Sequence[SlaPolicy], targets: Mapping[int, list[SlaTarget]]
) -> PolicyEntry:
    published = [row for row in group if not row.is_draft]
    live = next((row for row in group if row.status == ContentStatus.PUBLISHED), None)
    before: list[SlaPolicy | None] = [*published[1:], None]
    history = [
        VersionEntry(
            row,
            changes_between(old, row, targets[old.pk], targets[row.pk]) if old else (),
            is_first=old is None,
        )
        for row, old in zip(published, before, strict=True)
    ]
    return PolicyEntry(
        Versions(live, next((row for row in group if row.is_draft), None)),
        [sentence_of(target) for target in targets[live.pk]] if live else [],
        history[:MAX_HISTORY],
    )
