"""Compare two versions of a scoring model, group by group and criterion by criterion, in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from core.criteria.fields import Catalog
from core.formatting import counted
from core.versioning.difference import Detail, Kind, value_detail
from leads.admin.scoring_editor.words import (
    cap_words,
    criterion_words,
    days_words,
    points_words,
)
from leads.models import ScoringCriterion, ScoringGroup, ScoringModel
from leads.scoring import INTENT, ordered_criteria

R = TypeVar("R")
Groups = Sequence[ScoringGroup]
Placed = tuple[ScoringGroup, ScoringCriterion]


@dataclass(frozen=True)
class Change:
    """The ids are those of the row in the newer version, if it still has it."""

    kind: Kind
    heading: str
    sentence: str = ""
    details: tuple[Detail, ...] = ()
    criterion_id: int = 0
    group_id: int = 0

    def __str__(self) -> str:
        if self.kind is Kind.ADDED:
            return f"Added: {self.sentence}"
        if self.kind is Kind.REMOVED:
            return f"Removed: {self.sentence}"
        return (
            f"{self.heading}: {'. '.join(map(str, self.details))}" if self.details else self.heading
        )


def changes_between(
    old: ScoringModel, new: ScoringModel, old_groups: Groups, new_groups: Groups, catalog: Catalog
) -> list[Change]:
    """Return the changes of the model, then those of its groups and criteria, removed ones last."""
    changes: list[Change] = []
    if details := tuple(_model_details(old, new, old_groups, new_groups)):
        changes.append(Change(Kind.CHANGED, "Model", details=details))
    pairs = pairs_of(old_groups, new_groups, [lambda row: row.label, lambda row: row.code])
    for group in new_groups:
        twin = pairs.get(group)
        if twin is None:
            text = f"The group {group}, {cap_words(group)}"
            changes.append(Change(Kind.ADDED, str(group), text, group_id=group.pk))
        elif details := tuple(_group_details(twin, group)):
            changes.append(Change(Kind.CHANGED, str(group), details=details, group_id=group.pk))
    changes += _criterion_changes(old_groups, new_groups, catalog, pairs)
    kept = set(pairs.values())
    changes += [
        Change(Kind.REMOVED, str(group), f"The group {group}, {cap_words(group)}")
        for group in old_groups
        if group not in kept
    ]
    return changes


def pairs_of(old: Sequence[R], new: Sequence[R], keys: Sequence[Callable[[R], Any]]) -> dict[R, R]:
    """Pair each new row with an old one that has the same key, by the first key that finds one."""
    pairs: dict[R, R] = {}
    free = list(old)
    for key in keys:
        for row in new:
            if row in pairs:
                continue
            twin = next((other for other in free if key(other) == key(row)), None)
            if twin is not None:
                pairs[row] = twin
                free.remove(twin)
    return pairs


def _criterion_changes(
    old_groups: Groups,
    new_groups: Groups,
    catalog: Catalog,
    group_pairs: dict[ScoringGroup, ScoringGroup],
) -> Iterator[Change]:
    old, new = _placed(old_groups), _placed(new_groups)

    def home(placed: Placed) -> int:
        group, _ = placed
        return group_pairs.get(group, group).pk

    pairs = pairs_of(
        old,
        new,
        [
            lambda placed: (home(placed), _condition(placed[1]), placed[1].label),
            lambda placed: (home(placed), _condition(placed[1])),
            lambda placed: (home(placed), placed[1].label),
            lambda placed: _condition(placed[1]),
            lambda placed: (home(placed), placed[1].field),
        ],
    )
    for placed in new:
        twin = pairs.get(placed)
        if twin is None:
            yield _whole(Kind.ADDED, placed, catalog)
        elif change := _criterion_change(twin, placed, catalog, home(twin) == home(placed)):
            yield change
    for group in new_groups:
        before = group_pairs.get(group)
        if before is not None and _is_reordered(before, group, pairs):
            yield Change(
                Kind.CHANGED, f"{group}: the criteria are in another order", group_id=group.pk
            )
    kept = set(pairs.values())
    for placed in old:
        if placed not in kept:
            yield _whole(Kind.REMOVED, placed, catalog)


def _criterion_change(
    old: Placed, new: Placed, catalog: Catalog, is_same_group: bool
) -> Change | None:
    """Say “+20 instead of +10 when …”, and what else differs."""
    (old_group, before), (group, after) = old, new
    was, now = criterion_words(before, catalog), criterion_words(after, catalog)
    details = [
        *value_detail("Condition", str(was.condition), str(now.condition)),
        *value_detail("Half-life", _half_life(before), _half_life(after)),
        *value_detail("Name", before.label, after.label),
        *([] if is_same_group else value_detail("Group", str(old_group), str(group))),
    ]
    if before.points != after.points:
        points = f"{points_words(after.points)} instead of {points_words(before.points)}"
        heading = f"{points} when {now.condition}"
    elif details:
        heading = f"{after.label} in {group}"
    else:
        return None
    return Change(Kind.CHANGED, heading, details=tuple(details), criterion_id=after.pk)


def _whole(kind: Kind, placed: Placed, catalog: Catalog) -> Change:
    group, row = placed
    return Change(
        kind,
        f"{row.label} in {group}",
        str(criterion_words(row, catalog)),
        criterion_id=row.pk if kind is Kind.ADDED else 0,
    )


def _model_details(
    old: ScoringModel, new: ScoringModel, old_groups: Groups, new_groups: Groups
) -> Iterator[Detail]:
    yield from value_detail("Name", old.name, new.name)
    yield from value_detail("MQL at", _points(old.mql_threshold), _points(new.mql_threshold))
    yield from value_detail("Intent score", _intent(old_groups), _intent(new_groups))


def _group_details(old: ScoringGroup, new: ScoringGroup) -> Iterator[Detail]:
    yield from value_detail("Name", old.label, new.label)
    yield from value_detail("Cap", _points(old.cap), _points(new.cap))


def _is_reordered(old: ScoringGroup, new: ScoringGroup, pairs: dict[Placed, Placed]) -> bool:
    common = [pairs[new, row][1] for row in ordered_criteria(new) if (new, row) in pairs]
    before = [row for row in ordered_criteria(old) if row in common]
    return [row for row in common if row in before] != before


def _placed(groups: Groups) -> list[Placed]:
    return [(group, row) for group in groups for row in ordered_criteria(group)]


def _condition(row: ScoringCriterion) -> tuple[str, str, str]:
    return row.field, row.operator, repr(row.value)


def _half_life(row: ScoringCriterion) -> str:
    return days_words(row.half_life_days) if row.half_life_days else "none"


def _intent(groups: Groups) -> str:
    return next((str(group) for group in groups if group.code == INTENT), "no group")


def _points(points: int) -> str:
    return counted(points, "point", "points")
