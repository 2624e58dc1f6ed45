"""SLA policies as values: the most specific target of a pinned version applies to a lead."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from core.versioning.models import ContentStatus
from handoff.clock_kinds import CLOCK_KINDS
from handoff.models import SlaPolicy, SlaTarget

TargetKey = tuple[str, int | None, str]


@dataclass(frozen=True, slots=True)
class TargetSpec:
    id: int
    clock: str
    within: timedelta
    warn_after: timedelta
    counts_business_time: bool
    reassigns_on_breach: bool

    @property
    def is_urgent(self) -> bool:
        """Return whether to notify at night: a clock that also runs then is urgent."""
        return not self.counts_business_time


@dataclass(frozen=True, slots=True, eq=False)
class PolicySpec:
    """One version of a policy; each process holds one object, which is a cache key."""

    id: int
    code: str
    hop_limit: int
    attempts_required: int
    targets: Mapping[TargetKey, TargetSpec]

    def pinned(self, target_id: int) -> TargetSpec:
        return next(target for target in self.targets.values() if target.id == target_id)

    def target(
        self, clock: str, *, lead_type_id: int | None, temperature: str
    ) -> TargetSpec | None:
        """Return the most specific target: lead type counts more than temperature."""
        for key in (
            (clock, lead_type_id, temperature),
            (clock, lead_type_id, ""),
            (clock, None, temperature),
            (clock, None, ""),
        ):
            if key in self.targets:
                return self.targets[key]
        if fallback := CLOCK_KINDS[clock].falls_back_on:
            return self.target(fallback, lead_type_id=lead_type_id, temperature=temperature)
        return None


_cache: dict[int, PolicySpec] = {}


def policy_of(policy_id: int) -> PolicySpec:
    """Return a version, read once per process: published versions never change."""
    if policy_id in _cache:
        return _cache[policy_id]
    row = SlaPolicy.objects.get(pk=policy_id)
    policy = policy_from_rows(row)
    if row.status != ContentStatus.DRAFT:
        _cache[policy_id] = policy
    return policy


def policy_from_rows(policy: SlaPolicy) -> PolicySpec:
    return PolicySpec(
        id=policy.pk,
        code=policy.code,
        hop_limit=policy.hop_limit,
        attempts_required=policy.attempts_required,
        targets={
            (row.clock, row.lead_type_id, row.temperature): target_from_row(row)
            for row in policy.targets.all()
        },
    )


def target_from_row(row: SlaTarget) -> TargetSpec:
    within = timedelta(minutes=row.within_minutes)
    return TargetSpec(
        id=row.pk,
        clock=row.clock,
        within=within,
        warn_after=within * row.warn_at_percent / 100,
        counts_business_time=row.counts_business_time,
        reassigns_on_breach=row.reassigns_on_breach,
    )
