"""What was changed on a tracked row and on the rows that belong to it, newest first, in words."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.db import models
from pghistory import core

SHOWN: Final = 200
VERBS: Final = {"insert": "added", "update": "changed", "delete": "removed"}


@dataclass(frozen=True)
class Change:
    at: datetime
    by: str
    what: str
    details: list[str]


def changes_of(row: models.Model) -> list[Change]:
    """Of the row itself and of rows that point to it, as the rules of a rule set do."""
    model = type(row)
    found: list[tuple[Any, ...]] = []
    events: list[Any] = core.event_models(references_model=model)
    for event_model in events:
        tracked = event_model.pgh_tracked_model
        link = "pgh_obj_id" if tracked is model else _link(tracked, model)
        if link:
            found += _events(event_model, tracked, {link: row.pk})
    found.sort(key=lambda one: one[0], reverse=True)
    names = dict(get_user_model()._default_manager.values_list("pk", "name"))
    return [_change(names, *rest) for _, *rest in found[:SHOWN]]


def _link(tracked: type[models.Model], parent: type[models.Model]) -> str:
    """The column by which a row belongs to its parent; a mere mention is no belonging."""
    for field in tracked._meta.concrete_fields:
        owned = (
            isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE
        )
        if owned and field.related_model is parent:
            return str(field.attname)
    return ""


def _events(event_model: Any, tracked: Any, belongs: dict[str, Any]) -> Iterator[tuple[Any, ...]]:
    before: dict[int, Any] = {}
    rows = event_model._default_manager.filter(**belongs).select_related("pgh_context")
    for event in rows.order_by("pgh_id"):
        yield (event.pgh_created_at, event.pgh_id), tracked, before.get(event.pgh_obj_id), event
        before[event.pgh_obj_id] = event


def _change(names: dict[int, str], tracked: Any, before: Any, event: Any) -> Change:
    metadata = event.pgh_context.metadata if event.pgh_context else {}
    label = getattr(event, "name", "") or getattr(event, "label", "")
    what = f"{tracked._meta.verbose_name} {f'“{label}” ' if label else ''}"
    return Change(
        at=event.pgh_created_at,
        by=names.get(metadata.get("user") or 0, "the system"),
        what=f"{what}{VERBS.get(event.pgh_label, event.pgh_label)}",
        details=list(_details(tracked, before, event)) if event.pgh_label == "update" else [],
    )


def _details(tracked: Any, before: Any, event: Any) -> Iterator[str]:
    for field in tracked._meta.concrete_fields:
        if before is None or not hasattr(event, field.attname):
            continue
        old, new = getattr(before, field.attname), getattr(event, field.attname)
        if old != new:
            yield f"{field.verbose_name}: {_shown(old)} → {_shown(new)}"


def _shown(value: Any) -> str:
    return "nothing" if value in (None, "") else str(value)
