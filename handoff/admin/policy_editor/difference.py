"""Compare two versions of an SLA policy, target by target and in words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.versioning.difference import Detail, Kind, value_detail
from handoff.admin.policy_editor.words import (
    reassignment_words,
    sentence_of,
    span_words,
    subject_of,
)
from handoff.models import SlaPolicy, SlaTarget

Targets = Sequence[SlaTarget]


@dataclass(frozen=True)
class Change:
    kind: Kind
    heading: str
    sentence: str = ""
    details: tuple[Detail, ...] = ()
    target_id: int = 0

    def __str__(self) -> str:
        if self.kind is Kind.ADDED:
            return f"Added: {self.sentence}"
        if self.kind is Kind.REMOVED:
            return f"Removed: {self.sentence}"
        return f"{self.heading}: {'. '.join(map(str, self.details))}"


def changes_between(
    old: SlaPolicy, new: SlaPolicy, old_targets: Targets, new_targets: Targets
) -> list[Change]:
    """Return the changes of the policy, then those of its targets, removed ones last."""
    before = {_key(target): target for target in old_targets}
    changes: list[Change] = []
    if details := tuple(_policy_details(old, new)):
        changes.append(Change(Kind.CHANGED, "Policy", details=details))
    for target in new_targets:
        twin = before.pop(_key(target), None)
        if twin is None:
            changes.append(_whole(Kind.ADDED, target))
        elif details := tuple(_target_details(twin, target)):
            changes.append(
                Change(Kind.CHANGED, subject_of(target), details=details, target_id=target.pk)
            )
    return [*changes, *(_whole(Kind.REMOVED, target) for target in before.values())]


def _whole(kind: Kind, target: SlaTarget) -> Change:
    return Change(kind, subject_of(target), sentence_of(target), target_id=target.pk)


def _key(target: SlaTarget) -> tuple[str, int | None, str]:
    return target.clock, target.lead_type_id, target.temperature


def _policy_details(old: SlaPolicy, new: SlaPolicy) -> Iterator[Detail]:
    yield from value_detail("Name", old.name, new.name)
    yield from value_detail("Default policy", _yes(old.is_default), _yes(new.is_default))
    yield from value_detail("Reassignments", str(old.hop_limit), str(new.hop_limit))
    yield from value_detail(
        "Attempts before Unresponsive", str(old.attempts_required), str(new.attempts_required)
    )


def _target_details(old: SlaTarget, new: SlaTarget) -> Iterator[Detail]:
    yield from value_detail("Within", span_words(old), span_words(new))
    yield from value_detail("Warn at", f"{old.warn_at_percent}%", f"{new.warn_at_percent}%")
    yield from value_detail("When overdue", reassignment_words(old), reassignment_words(new))


def _yes(value: bool) -> str:
    return "yes" if value else "no"
