"""Write to a draft of an SLA policy, under its lock; two editors' changes are merged."""

from __future__ import annotations

from typing import Final

from django.db import transaction

from core.errors import Refused
from core.merging import Merge, Values, merge
from core.versioning.publishing import lock_for_edit
from handoff.models import SlaPolicy, SlaTarget

POLICY_COLUMNS: Final = ("name", "is_default", "hop_limit", "attempts_required")
TARGET_COLUMNS: Final = (
    *("within_minutes", "counts_business_time", "warn_at_percent", "reassigns_on_breach"),
)


class TargetExists(Refused):
    code = "target_exists"


def values_of(policy: SlaPolicy) -> Values:
    """Return the values by field, those of a target as “12-within_minutes”."""
    values = {column: getattr(policy, column) for column in POLICY_COLUMNS}
    for target in policy.targets.all():
        values |= {f"{target.pk}-{column}": getattr(target, column) for column in TARGET_COLUMNS}
    return values


@transaction.atomic
def save(policy_id: int, *, base: Values, mine: Values) -> Merge:
    policy = lock_for_edit(SlaPolicy, policy_id)
    current = values_of(policy)
    merged = merge(base, current, mine)
    for row, prefix, columns in (
        (policy, "", POLICY_COLUMNS),
        *((target, f"{target.pk}-", TARGET_COLUMNS) for target in policy.targets.all()),
    ):
        changed = [name for name in columns if merged.values[prefix + name] != getattr(row, name)]
        for name in changed:
            setattr(row, name, merged.values[prefix + name])
        if changed:
            row.save(update_fields=changed)
    return merged


@transaction.atomic
def add_target(policy_id: int, target: SlaTarget) -> None:
    policy = lock_for_edit(SlaPolicy, policy_id)
    twins = policy.targets.filter(
        clock=target.clock, lead_type=target.lead_type, temperature=target.temperature
    )
    if twins.exists():
        raise TargetExists("There is a target for these leads already. Change that one.")
    target.policy = policy
    target.save(force_insert=True)


@transaction.atomic
def remove_target(policy_id: int, target_id: int) -> None:
    for target in lock_for_edit(SlaPolicy, policy_id).targets.filter(pk=target_id):
        target.delete()
