"""Find problems and surprises in a version, for the rule that each concerns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.criteria.fields import Catalog
from core.errors import Refused
from handoff.models import RoutingRule, RuleSet
from handoff.routing import publishing
from handoff.routing.overlap import covered_rules, is_for_new_leads
from handoff.routing.specs import RuleSpec
from people.availability import availability, is_present

Target = RoutingRule.Target


@dataclass(frozen=True)
class Finding:
    """`move_above` is the rule above which the concerned one would be reached."""

    text: str
    rule_id: int | None = None
    place: int = 0
    blocks: bool = False
    move_above: int | None = None
    move_above_place: int = 0

    def __str__(self) -> str:
        return f"Rule {self.place}: {self.text}" if self.place else self.text


def findings_of(
    rule_set: RuleSet, rules: Sequence[RoutingRule], catalog: Catalog, at: datetime
) -> list[Finding]:
    """Return what blocks publishing first, then the warnings in the order of the rules."""
    active = [rule for rule in rules if rule.is_active]
    places = {rule.pk: place for place, rule in enumerate(rules, start=1)}
    blocking = [
        Finding(
            _capitalized(problem.text),
            problem.rule.pk if problem.rule else None,
            places[problem.rule.pk] if problem.rule else 0,
            blocks=True,
        )
        for problem in publishing.problems_in(rule_set, active, catalog)
    ]
    warnings = [
        *overlap_findings(specs_of(active, catalog), places),
        *availability_findings(active, places, at),
    ]
    return [*blocking, *sorted(warnings, key=lambda finding: finding.place)]


def specs_of(rules: Iterable[RoutingRule], catalog: Catalog) -> list[RuleSpec]:
    """Return the rules as routing would use them, without those that are not valid yet."""
    specs = []
    for rule in rules:
        try:
            specs.append(publishing.rule_spec(rule, catalog))
        except Refused:
            continue
    return specs


def overlap_findings(specs: Sequence[RuleSpec], places: Mapping[int, int]) -> Iterator[Finding]:
    for spec in specs[:-1]:
        if spec.always_ends and spec.takes_all:
            leads = "new lead" if is_for_new_leads(spec) else "lead"
            text = f"Matches all leads, so no {leads} reaches a rule after it."
            yield Finding(text, spec.id, places[spec.id])
            return
    for spec, cover in covered_rules(specs):
        place = places[cover.id]
        which = "Not reached by new leads" if is_for_new_leads(cover) else "Never reached"
        yield Finding(
            f"{which}: rule {place} matches all of these first.",
            spec.id,
            places[spec.id],
            move_above=cover.id,
            move_above_place=place,
        )


def availability_findings(
    rules: Sequence[RoutingRule], places: Mapping[int, int], at: datetime
) -> Iterator[Finding]:
    """Find pools in which no one could get a lead now."""
    pools = [rule for rule in rules if rule.target == Target.POOL and rule.team_id]
    team_ids = {rule.team_id for rule in pools if rule.team_id}
    present = {row.team_id for row in availability(team_ids, at=at) if is_present(row)}
    for rule in pools:
        if rule.team_id not in present:
            text = f"No one in {rule.team} is available now."
            yield Finding(text, rule.pk, places[rule.pk])


def _capitalized(text: str) -> str:
    return text[:1].upper() + text[1:]
