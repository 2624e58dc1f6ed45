"""Count the recent leads that each rule matches, and those that it is the first to take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from core.criteria.fields import Facts
from handoff.routing.specs import RouteTarget, RuleSpec
from leads.admin.recent_leads import MAX_LEADS
from leads.field_catalog import COMPANY_HAS_OPEN_LEAD

# The person of these targets is known for each company, so such a rule may pass the lead on.
NAMED_BY: Final = {
    RouteTarget.ACCOUNT_OWNER: "company.has_owner",
    RouteTarget.COMPANY_REP: COMPANY_HAS_OPEN_LEAD,
}


@dataclass(frozen=True)
class Reach:
    leads: int
    matching: Counter[int] = field(default_factory=Counter)
    first: Counter[int] = field(default_factory=Counter)

    @property
    def is_cut(self) -> bool:
        return self.leads == MAX_LEADS


def count_reach(specs: Sequence[RuleSpec], leads: Iterable[Facts]) -> Reach:
    """Evaluate every rule on every lead, as the leads are now."""
    matching, first, total = Counter[int](), Counter[int](), 0
    for facts in leads:
        total += 1
        matched = [spec for spec in specs if spec.matches(facts) is True]
        matching.update(spec.id for spec in matched)
        first.update([spec.id for spec in matched if ends_at(spec, facts)][:1])
    return Reach(total, matching, first)


def ends_at(spec: RuleSpec, facts: Facts) -> bool:
    """Return whether a matching lead stays, if every person and team has someone available."""
    fact = NAMED_BY.get(spec.target)
    return fact is None or spec.always_ends or facts.get(fact) is True
