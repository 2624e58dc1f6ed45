"""Compare two versions of the rules, rule by rule and in words."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.criteria.sentences import ConditionWords
from core.versioning.difference import Detail, Kind, list_detail, value_detail
from handoff.admin.rule_editor.sentences import RuleWords

Rules = Sequence[RuleWords]


@dataclass(frozen=True)
class Change:
    """`place` is where the rule is now, or was if it was removed; `before` where it was."""

    kind: Kind
    rule: RuleWords | None
    place: int = 0
    before: int = 0
    details: tuple[Detail, ...] = ()

    @property
    def name(self) -> str:
        return self.rule.name if self.rule else "All rules"

    @property
    def heading(self) -> str:
        place = self.place or self.before
        return f"Rule {place}, {self.name}" if place else self.name

    @property
    def sentence(self) -> RuleWords | None:
        return self.rule

    def __str__(self) -> str:
        if self.kind is Kind.ADDED:
            return f"Rule {self.place} added: {self.name}"
        if self.kind is Kind.REMOVED:
            return f"Rule {self.before} removed: {self.name}"
        if self.kind is Kind.MOVED:
            return f"{self.name} moved from {self.before} to {self.place}"
        subject = f"Rule {self.place}" if self.rule else self.name
        return f"{subject}: {'. '.join(map(str, self.details))}"


def changes_between(live: Rules, draft: Rules) -> list[Change]:
    """Return the changes in the order of the draft, what it lacks last."""
    pairs = _pairs(live, draft)
    moved = _moved([pairs[rule.id] for rule in draft if rule.id in pairs])
    changes: list[Change] = []
    for place, rule in enumerate(draft, start=1):
        index = pairs.get(rule.id)
        if index is None:
            changes.append(Change(Kind.ADDED, rule, place))
            continue
        if index in moved:
            changes.append(Change(Kind.MOVED, rule, place, index + 1))
        if details := tuple(details_between(live[index], rule)):
            changes.append(Change(Kind.CHANGED, rule, place, index + 1, details))
    removed = sorted(set(range(len(live))) - set(pairs.values()))
    changes += [Change(Kind.REMOVED, live[index], 0, index + 1) for index in removed]
    return changes


def details_between(old: RuleWords, new: RuleWords) -> Iterator[Detail]:
    yield from value_detail("Name", old.name, new.name)
    yield from _condition_details(old.conditions, new.conditions)
    if len(new.conditions) > 1:
        yield from value_detail("Match", _match(old), _match(new))
    yield from value_detail("Assign to", old.to, new.to)
    yield from value_detail("If no one is available", old.otherwise, new.otherwise)
    yield from value_detail("SLA", old.sla, new.sla)
    yield from value_detail("Working hours", _hours(old), _hours(new))
    yield from value_detail("Rule", _activity(old), _activity(new))
    yield from value_detail("Reason", old.rationale, new.rationale)


def _condition_details(
    old: tuple[ConditionWords, ...], new: tuple[ConditionWords, ...]
) -> Iterator[Detail]:
    """Compare conditions of the same field and operator by value, all others as a whole."""
    before = [row for row in old if row not in new]
    for row in (row for row in new if row not in old):
        twin = next((other for other in before if _is_alike(other, row)), None)
        if twin is None:
            yield Detail("Conditions", added=(str(row),))
            continue
        before.remove(twin)
        if twin.operator == row.operator and row.joint == ", " and row.values:
            yield from list_detail(row.field, twin.values, row.values)
        else:
            yield Detail("Conditions", (str(twin),), (), (str(row),))
    for row in before:
        yield Detail("Conditions", removed=(str(row),))


def _is_alike(old: ConditionWords, new: ConditionWords) -> bool:
    return old.field == new.field


def _match(rule: RuleWords) -> str:
    return "any condition" if rule.is_any else "all conditions"


def _hours(rule: RuleWords) -> str:
    return "only during working hours" if rule.only_in_hours else "at any time"


def _activity(rule: RuleWords) -> str:
    return "on" if rule.is_active else "off"


def _pairs(live: Rules, draft: Rules) -> dict[int, int]:
    """Return the index in `live` for each rule of the draft: by key, else by name."""
    by_key = {rule.key: index for index, rule in enumerate(live)}
    pairs = {rule.id: by_key[rule.key] for rule in draft if rule.key in by_key}
    free = {rule.name: i for i, rule in enumerate(live) if i not in set(pairs.values())}
    for rule in draft:
        if rule.id not in pairs and rule.name in free:
            pairs[rule.id] = free.pop(rule.name)
    return pairs


def _moved(order: Sequence[int]) -> set[int]:
    """Return the fewest elements whose move explains the order: all but the longest rising run."""
    tails: list[int] = []
    ends: list[int] = []  # for each element, the length of the longest run that ends with it
    for element in order:
        place = bisect_left(tails, element)
        tails[place : place + 1] = [element]
        ends.append(place)
    kept, length = set(), len(tails) - 1
    for element, end in zip(reversed(order), reversed(ends), strict=True):
        if end == length:
            kept.add(element)
            length -= 1
    return set(order) - kept
