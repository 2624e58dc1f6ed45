"""The page of a rule set: what it shows for each rule, and where its buttons lead."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Final

from core.audit import Saved, last_saved
from core.criteria.fields import Field
from core.versioning.difference import Kind, list_detail
from core.versioning.models import ContentStatus
from core.versioning.pages import Versions, changes_text, live_and_draft
from handoff.admin.rule_editor.difference import Change, changes_between
from handoff.admin.rule_editor.findings import Finding, findings_of, specs_of
from handoff.admin.rule_editor.reach import Reach, count_reach
from handoff.admin.rule_editor.reading import Names, read_names, read_rules, rule_words
from handoff.admin.rule_editor.sentences import RuleWords
from handoff.models import RoutingRule, RuleCondition, RuleSet
from handoff.routing.publishing import takes_the_rest
from handoff.routing.specs import asks_for_company_rep
from leads.admin.condition_rows import grouped_fields
from leads.admin.recent_leads import recent_leads
from leads.models import Lead

MARKS = {
    Kind.ADDED: ("New", "plus", "good"),
    Kind.CHANGED: ("Changed", "pencil", "accent"),
    Kind.MOVED: ("Moved", "sort", "accent"),
}


MAX_HISTORY: Final = 30


@dataclass(frozen=True)
class Mark:
    """A badge for a rule that differs from the live version."""

    text: str
    icon: str
    tone: str


@dataclass(frozen=True)
class RuleRow:
    rule: RoutingRule
    words: RuleWords
    place: int
    marks: tuple[Mark, ...]
    findings: tuple[Finding, ...]
    matching: int
    first: int
    leads: int
    is_last: bool
    is_first: bool
    is_next_to_last: bool

    @property
    def matching_share(self) -> str:
        return _share(self.matching, self.leads)

    @property
    def first_share(self) -> str:
        return _share(self.first, self.leads)


@dataclass(frozen=True)
class Overview:
    """The versions to switch between on a page that is about none of them."""

    versions: Versions[RuleSet]
    version: RuleSet | None = None


@dataclass(frozen=True)
class VersionEntry:
    """A published version, what it changed in words, and for how many rules."""

    version: RuleSet
    rules: int
    changes: Sequence[Change]
    is_first: bool


@dataclass(frozen=True)
class Editor:
    """One version of the rules, compared with the live one."""

    version: RuleSet
    versions: Versions[RuleSet]
    names: Names
    rules: Sequence[RoutingRule]
    live_rules: Sequence[RoutingRule]
    at: datetime

    @cached_property
    def words(self) -> list[RuleWords]:
        return [rule_words(rule, self.names) for rule in self.rules]

    @cached_property
    def live_words(self) -> list[RuleWords]:
        return [rule_words(rule, self.names) for rule in self.live_rules]

    @property
    def is_live(self) -> bool:
        return self.version.status == ContentStatus.PUBLISHED

    @cached_property
    def changes(self) -> list[Change]:
        """Return what publishing this draft would change."""
        live = self.versions.live
        if not self.version.is_draft or live is None:
            return []
        details = [
            *list_detail(
                "Required fields",
                self._labels(live.required_fields),
                self._labels(self.version.required_fields),
            ),
            *list_detail("Name", [live.name], [self.version.name]),
        ]
        own = [Change(Kind.CHANGED, None, details=tuple(details))] if details else []
        return [*own, *changes_between(self.live_words, self.words)]

    @cached_property
    def saved(self) -> Saved | None:
        return last_saved(
            (RuleSet, {"pgh_obj": self.version.pk}),
            (RoutingRule, {"rule_set": self.version.pk}),
            (RuleCondition, {"rule__in": [rule.pk for rule in self.rules]}),
        )

    @property
    def changes_text(self) -> str:
        return changes_text(self.changes)

    @cached_property
    def findings(self) -> list[Finding]:
        return findings_of(self.version, self.rules, self.names.catalog, self.at)

    @property
    def blocking(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.blocks]

    @property
    def warnings(self) -> list[Finding]:
        return [finding for finding in self.findings if not finding.blocks]

    @cached_property
    def reach(self) -> Reach:
        active = [rule for rule in self.rules if rule.is_active]
        specs = specs_of(active, self.names.catalog)
        leads = recent_leads(
            Lead.objects.all(), self.at, with_company_rep=asks_for_company_rep(specs)
        )
        return count_reach(specs, [lead.facts for lead in leads])

    @cached_property
    def rows(self) -> list[RuleRow]:
        marks, findings = self._marks(), self._findings_by_rule()
        count = len(self.rules)
        has_last = bool(self.rules) and takes_the_rest(self.rules[-1])
        return [
            RuleRow(
                rule=rule,
                words=words,
                place=place,
                marks=tuple(marks[rule.pk]),
                findings=tuple(findings[rule.pk]),
                matching=self.reach.matching[rule.pk],
                first=self.reach.first[rule.pk],
                leads=self.reach.leads,
                is_last=has_last and place == count,
                is_first=place == 1,
                is_next_to_last=place == count - has_last,
            )
            for place, (rule, words) in enumerate(zip(self.rules, self.words, strict=True), start=1)
        ]

    @property
    def required_labels(self) -> list[str]:
        return self._labels(self.version.required_fields)

    @property
    def field_groups(self) -> Mapping[str, list[Field]]:
        return grouped_fields(self.names.catalog)

    def _labels(self, codes: Sequence[str]) -> list[str]:
        catalog = self.names.catalog
        return [catalog[code].label if code in catalog else code for code in codes]

    def _marks(self) -> Mapping[int, list[Mark]]:
        marks = defaultdict[int, list[Mark]](list)
        for change in self.changes:
            if change.rule is not None and change.kind in MARKS:
                text, icon, tone = MARKS[change.kind]
                words = f"{text} from {change.before}" if change.kind is Kind.MOVED else text
                marks[change.rule.id].append(Mark(words, icon, tone))
        return marks

    def _findings_by_rule(self) -> Mapping[int | None, list[Finding]]:
        findings = defaultdict[int | None, list[Finding]](list)
        for finding in self.findings:
            findings[finding.rule_id].append(finding)
        return findings


def read_versions() -> Versions[RuleSet]:
    return live_and_draft(RuleSet.objects.defer("compiled"))


def read_editor(version: RuleSet, at: datetime) -> Editor:
    versions = read_versions()
    live = versions.live
    sets = [version] if live is None or live.pk == version.pk else [version, live]
    rules = read_rules(sets)
    return Editor(
        version=version,
        versions=versions,
        names=read_names(),
        rules=rules[version.pk],
        live_rules=rules[live.pk] if live else [],
        at=at,
    )


def read_history() -> list[VersionEntry]:
    """Return the published versions, the newest first, each compared with the one before it."""
    published = RuleSet.objects.exclude(status=ContentStatus.DRAFT).select_related("published_by")
    versions = list(published.defer("compiled").order_by("-version")[: MAX_HISTORY + 1])
    rules, names = read_rules(versions), read_names()
    words = {row.pk: [rule_words(rule, names) for rule in rules[row.pk]] for row in versions}
    before: list[RuleSet | None] = [*versions[1:], None]
    entries = [
        VersionEntry(
            version,
            len(words[version.pk]),
            changes_between(words[older.pk], words[version.pk]) if older else (),
            is_first=older is None,
        )
        for version, older in zip(versions, before, strict=True)
    ]
    return entries[:MAX_HISTORY]


def _share(part: int, of: int) -> str:
    """Return a width for SVG."""
    return f"{100 * part / of:.1f}%" if of else "0%"
