"""Hold the published rules and SLA policies in each process; see `leads.configuration`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from core.criteria.tree import BadCriteria
from core.snapshot import Snapshot
from core.versioning.models import ContentStatus
from handoff.models import RuleSet, SlaPolicy
from handoff.routing import specs
from handoff.sla.policy import PolicySpec, policy_from_rows
from leads.configuration import NotConfigured, current_stamp
from leads.live_catalog import live_catalog
from people.models import Team


@dataclass(frozen=True)
class HandoffConfiguration:
    rule_set: specs.RuleSetSpec
    rule_set_id: int
    policies: dict[str, PolicySpec]
    default_policy: PolicySpec
    team_editions: dict[int, int | None]

    @property
    def last_queue_id(self) -> int:
        """Return the queue of the last rule."""
        team_id = self.rule_set.rules[-1].team_id
        assert team_id is not None, "a rule set ends with a queue"
        return team_id

    def policy(self, code: str) -> PolicySpec:
        return self.policies.get(code, self.default_policy)


def rules_from(compiled: dict[str, Any]) -> specs.RuleSetSpec:
    """Build the frozen rules with the current names of sources, campaigns and lead types.

    A rule that names a deleted campaign still works, and shows its code.
    """
    try:
        return specs.rule_set_from_json(compiled, live_catalog())
    except BadCriteria:
        return specs.rule_set_from_json(compiled)


def load() -> HandoffConfiguration:
    published = RuleSet.objects.filter(status=ContentStatus.PUBLISHED).first()
    if published is None or published.compiled is None:
        raise NotConfigured("No rule set is published; publish one in the admin.")
    published_policies = SlaPolicy.objects.filter(status=ContentStatus.PUBLISHED)
    rows = list(published_policies.prefetch_related("targets").order_by("pk"))
    policies = {row.code: policy_from_rows(row) for row in rows}
    default = next((row.code for row in rows if row.is_default), None)
    if default is None:
        raise NotConfigured("No default SLA policy is published; publish one in the admin.")
    editions = Team.objects.values_list("pk", "calendar__current_edition_id")
    return HandoffConfiguration(
        rule_set=rules_from(published.compiled),
        rule_set_id=published.pk,
        policies=policies,
        default_policy=policies[default],
        team_editions=dict(editions),
    )


configuration: Snapshot[HandoffConfiguration] = Snapshot(load, current_stamp)
