"""Write reasons, with all rows of a kind locked, so that editors do not overwrite each other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from core.errors import Refused
from handoff.admin.reason_editor.forms import Reason, ReasonForm


class ReasonInactive(Refused):
    code = "reason_inactive"


class ActiveCountRefused(Refused):
    code = "active_count_refused"


def locked_reasons(model: type[Any]) -> list[Any]:
    """Lock all reasons of a kind and return them in order, the active ones first."""
    rows = model._default_manager.select_for_update(no_key=True).order_by("pk")
    return in_order(list(rows))


def in_order(reasons: Sequence[Any]) -> list[Any]:
    return sorted(reasons, key=lambda row: (not row.is_active, row.position, row.pk))


def write(form: ReasonForm) -> None:
    """Save a valid form, and the other reason that it changes."""
    displaced = form.displaced
    if displaced is not None:
        # No two active reasons have the same key, not even for a moment.
        type(displaced)._default_manager.filter(pk=displaced.pk).update(key=None)
    reason = form.save()
    if displaced is not None:
        displaced.save(update_fields=["key"])
    if form.is_new:
        place([*form.reasons, reason])


@transaction.atomic
def move(reason: Reason, *, to: str = "", before: int | None = None) -> int:
    """Move an active reason up, down, last or before another; return its new place, from 1."""
    reasons = locked_reasons(type(reason))
    active = [row for row in reasons if row.is_active]
    old_place = next((place for place, row in enumerate(active) if row.pk == reason.pk), None)
    if old_place is None:
        raise ReasonInactive(f"Another user deactivated “{reason}”. It was not moved.")
    rest = [row for row in active if row.pk != reason.pk]
    wanted = {"up": old_place - 1, "down": old_place + 1, "last": len(rest)}.get(to, old_place)
    if before is not None:
        wanted = next((i for i, row in enumerate(rest) if row.pk == before), old_place)
    wanted = max(0, min(wanted, len(rest)))
    moved = [*rest[:wanted], active[old_place], *rest[wanted:]]
    place([*moved, *(row for row in reasons if not row.is_active)])
    return wanted + 1


@transaction.atomic
def switch(reason: Reason, *, is_active: bool) -> Any:
    """Activate a reason as the last one, or deactivate it; return it as it is then."""
    reasons = locked_reasons(type(reason))
    row = next(row for row in reasons if row.pk == reason.pk)
    if row.is_active == is_active:
        return row
    row.is_active = is_active
    active = (other for other in reasons if other.is_active and other.pk != row.pk)
    taken = {getattr(other, "key", None) for other in active} - {None}
    if is_active and getattr(row, "key", None) in taken:
        row.key = None  # clean() finds a free one
    try:
        row.clean()
    except ValidationError as refusal:
        raise ActiveCountRefused(" ".join(refusal.messages)) from None
    row.save()
    place([*(other for other in reasons if other.pk != row.pk), row])
    return row


def place(reasons: Sequence[Reason]) -> None:
    """Save the order of the reasons, the active ones first."""
    for position, row in enumerate(sorted(reasons, key=lambda row: not row.is_active)):
        if row.position != position:
            row.position = position
            row.save(update_fields=["position"])
