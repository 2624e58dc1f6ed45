"""Write to a draft of a scoring model, under its lock; two editors' changes are merged."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import models, transaction
from django.utils.text import slugify

from core.merging import Merge, Values, merge
from core.versioning.publishing import lock_for_edit
from leads.models import ScoringCriterion, ScoringGroup, ScoringModel
from leads.scoring import INTENT, ordered_criteria

NEW_CRITERION: Final = "New criterion"
NEW_GROUP: Final = "New group"
MODEL_COLUMNS: Final = ("name", "mql_threshold")
GROUP_COLUMNS: Final = ("label", "cap")
CRITERION_COLUMNS: Final = ("label", "points", "half_life_days", "condition")
CONDITION: Final = ("field", "operator", "value")
MAX_CODE: Final = 20

# The id of the criterion that is open after an act, and the words for a screen reader.
Done = tuple[int, str]
Act = Callable[[int, int], Done]


def groups_of(model_id: int) -> list[ScoringGroup]:
    groups = ScoringGroup.objects.filter(model=model_id).prefetch_related("criteria")
    return list(groups.order_by("position", "pk"))


def values_of(model: ScoringModel, groups: Iterable[ScoringGroup]) -> Values:
    """Return the values of a version, those of its rows as “group-1-cap” and “criterion-2-points”.

    A condition is one value, of field, operator and value.
    """
    values: dict[str, Any] = {column: getattr(model, column) for column in MODEL_COLUMNS}
    values["intent"] = 0
    for group in groups:
        if group.code == INTENT:
            values["intent"] = group.pk
        values |= {f"group-{group.pk}-{name}": getattr(group, name) for name in GROUP_COLUMNS}
        for row in group.criteria.all():
            prefix = f"criterion-{row.pk}-"
            values |= {prefix + name: _criterion_value(row, name) for name in CRITERION_COLUMNS}
    return values


@transaction.atomic
def save(model_id: int, *, base: Values, mine: Values) -> Merge:
    """Save what I changed since `base`, unless another editor changed the same value since."""
    model = lock_for_edit(ScoringModel, model_id)
    groups = groups_of(model_id)
    merged = merge(base, values_of(model, groups), mine)
    _write(model, MODEL_COLUMNS, merged.values, "")
    for group in groups:
        _write(group, GROUP_COLUMNS, merged.values, f"group-{group.pk}-")
        for row in group.criteria.all():
            _write_criterion(row, merged.values)
    _choose_intent(groups, merged.values["intent"])
    return merged


def add_group(model_id: int, _: int = 0) -> Done:
    groups = groups_of(model_id)
    ScoringGroup.objects.create(
        model_id=model_id,
        label=NEW_GROUP,
        code=_free_code(NEW_GROUP, groups),
        cap=10,
        position=len(groups),
    )
    return 0, "Added a group"


def add_criterion(model_id: int, group_id: int) -> Done:
    group = next((row for row in groups_of(model_id) if row.pk == group_id), None)
    if group is None:
        return 0, "Another user removed this group"
    row = ScoringCriterion.objects.create(
        group=group, label=NEW_CRITERION, points=10, position=len(group.criteria.all())
    )
    return row.pk, f"Added a criterion to {group}"


def remove_group(model_id: int, group_id: int) -> Done:
    for group in ScoringGroup.objects.filter(model=model_id, pk=group_id):
        group.delete()
        return 0, f"Removed the group {group}"
    return 0, ""


def remove_criterion(model_id: int, criterion_id: int) -> Done:
    for row in ScoringCriterion.objects.filter(group__model=model_id, pk=criterion_id):
        row.delete()
        return 0, f"Removed {row.label}"
    return 0, ""


def move_group(model_id: int, group_id: int, by: int) -> Done:
    groups = groups_of(model_id)
    place = _place_of(groups, group_id)
    if place is None:
        return 0, ""
    group = groups.pop(place)
    place = max(0, min(place + by, len(groups)))
    groups.insert(place, group)
    _number(ScoringGroup, groups)
    return 0, f"{group} is now group {place + 1}"


def move_criterion(model_id: int, criterion_id: int, by: int) -> Done:
    """Move a criterion within its group, and at its ends to the group before or after."""
    groups = groups_of(model_id)
    rows = {group.pk: ordered_criteria(group) for group in groups}
    for index, group in enumerate(groups):
        place = _place_of(rows[group.pk], criterion_id)
        if place is None:
            continue
        row = rows[group.pk].pop(place)
        target, wanted = group, place + by
        if not 0 <= wanted <= len(rows[group.pk]) and 0 <= index + by < len(groups):
            target = groups[index + by]
            wanted = 0 if by > 0 else len(rows[target.pk])
        wanted = max(0, min(wanted, len(rows[target.pk])))
        rows[target.pk].insert(wanted, row)
        if target is not group:
            row.group = target
            row.save(update_fields=["group"])
        for moved in (group, target):
            _number(ScoringCriterion, rows[moved.pk])
        return 0, f"{row.label} is now criterion {wanted + 1} of {target}"
    return 0, ""


# By the value of the button, which the id of the row follows.
ACTS: Final[Mapping[str, Act]] = {
    "add-group": add_group,
    "add-criterion": add_criterion,
    "remove-group": remove_group,
    "remove-criterion": remove_criterion,
    "up-group": lambda model_id, row_id: move_group(model_id, row_id, -1),
    "down-group": lambda model_id, row_id: move_group(model_id, row_id, 1),
    "up-criterion": lambda model_id, row_id: move_criterion(model_id, row_id, -1),
    "down-criterion": lambda model_id, row_id: move_criterion(model_id, row_id, 1),
}


@transaction.atomic
def act(model_id: int, name: str, row_id: int) -> Done:
    lock_for_edit(ScoringModel, model_id)
    return ACTS[name](model_id, row_id)


def _criterion_value(row: ScoringCriterion, name: str) -> Any:
    if name == "condition":
        return [getattr(row, column) for column in CONDITION]
    return getattr(row, name)


def _write(row: models.Model, columns: Sequence[str], values: Values, prefix: str) -> None:
    changed = [name for name in columns if values[prefix + name] != getattr(row, name)]
    for name in changed:
        setattr(row, name, values[prefix + name])
    if changed:
        row.save(update_fields=changed)


def _write_criterion(row: ScoringCriterion, values: Values) -> None:
    prefix = f"criterion-{row.pk}-"
    condition = dict(zip(CONDITION, values[f"{prefix}condition"], strict=True))
    wanted = {**values, **{prefix + column: value for column, value in condition.items()}}
    _write(row, ("label", "points", "half_life_days", *CONDITION), wanted, prefix)


def _choose_intent(groups: Sequence[ScoringGroup], group_id: int) -> None:
    """Give the chosen group the code of the intent score, and the one before it a free code."""
    before = next((group for group in groups if group.code == INTENT), None)
    chosen = next((group for group in groups if group.pk == group_id), None)
    if chosen is None or chosen is before:
        return
    if before is not None:
        before.code = _free_code(before.label, groups)
        before.save(update_fields=["code"])
    chosen.code = INTENT
    chosen.save(update_fields=["code"])


def _free_code(label: str, groups: Iterable[ScoringGroup]) -> str:
    taken = {INTENT, *(group.code for group in groups)}
    start = slugify(label)[: MAX_CODE - 4] or "group"
    candidates = (start, *(f"{start}-{number}" for number in range(2, len(taken) + 3)))
    return next(code for code in candidates if code not in taken)


def _place_of(rows: Sequence[models.Model], row_id: int) -> int | None:
    return next((place for place, row in enumerate(rows) if row.pk == row_id), None)


def _number(model: type[models.Model], rows: Sequence[Any]) -> None:
    moved = []
    for position, row in enumerate(rows):
        if row.position != position:
            row.position = position
            moved.append(row)
    model._default_manager.bulk_update(moved, ["position"])
