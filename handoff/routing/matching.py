"""Find the rules that match a lead; who gets it by them is chosen in `handoff.routing.engine`."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from core.criteria.explain import Explanation
from core.criteria.fields import Facts
from handoff.routing.specs import RouteTarget, RuleSetSpec, RuleSpec, pool_ids_of
from leads.field_catalog import CATALOG

# A lead on which this many required fields are unknown goes to nurture.
MIN_MISSING_FOR_NURTURE: Final = 2


@dataclass(frozen=True)
class RuleMatch:
    """The rules that were evaluated, in order, and those of them that match the lead."""

    version: int
    missing: tuple[str, ...]
    evaluated: tuple[tuple[RuleSpec, Explanation], ...]
    rules: tuple[RuleSpec, ...]

    @property
    def lacks_facts(self) -> bool:
        return len(self.missing) >= MIN_MISSING_FOR_NURTURE

    @property
    def pool_ids(self) -> tuple[int, ...]:
        """Return the pools that may be needed, in the order in which they would be."""
        return pool_ids_of(self.rules)


def matching_rules(facts: Facts, rule_set: RuleSetSpec) -> Iterator[RuleSpec]:
    """Yield the rules that match, without a trace: for replays and dry runs over many leads."""
    for rule in rule_set.rules:
        if rule.matches(facts) is True:
            yield rule
            if rule.always_ends:
                return


def match_rules(facts: Facts, rule_set: RuleSetSpec, *, for_sales: bool = False) -> RuleMatch:
    """`for_sales` leaves out what sends a lead to nurture: a person decided that sales gets it."""
    missing = () if for_sales else missing_fields(facts, rule_set)
    if len(missing) >= MIN_MISSING_FOR_NURTURE:
        return RuleMatch(rule_set.version, missing, (), ())
    evaluated: list[tuple[RuleSpec, Explanation]] = []
    matching: list[RuleSpec] = []
    for rule in rule_set.rules:
        if for_sales and rule.target is RouteTarget.NURTURE:
            continue
        explanation = rule.explain(facts)
        evaluated.append((rule, explanation))
        if explanation["passed"] is True:
            matching.append(rule)
            if rule.always_ends:
                break
    return RuleMatch(rule_set.version, missing, tuple(evaluated), tuple(matching))


def missing_fields(facts: Facts, rule_set: RuleSetSpec) -> tuple[str, ...]:
    return tuple(
        code
        for code in rule_set.required_fields
        if facts.get(code) in (None, "") and CATALOG[code].when_absent is None
    )
