"""List the recorded changes of a tracked row and of the rows that belong to it.

The library's aggregate, `pghistory.models.Events`, cannot be used: it needs client-side parameter
binding, counts every foreign key as belonging, and looks up each previous version in a subquery.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, NamedTuple

from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone
from django.utils.formats import localize
from pghistory import core

MAX_ENTRIES: Final = 200
VERBS: Final = {"insert": "added", "update": "changed", "delete": "removed"}


@dataclass(frozen=True)
class AuditEntry:
    at: datetime
    by: str
    summary: str
    details: list[str]


class Step(NamedTuple):
    """An event of a row and the one before it."""

    event: Any
    previous: Any

    @property
    def user_id(self) -> int:
        return user_of(self.event)

    @property
    def transaction(self) -> tuple[datetime, Any]:
        return transaction_of(self.event)


def event_model_of(model: type[models.Model]) -> Any:
    [event_model] = core.event_models(tracks_model=model)
    return event_model


def user_of(event: Any) -> int:
    """Return the id of the user who caused an event, or 0 for the system."""
    return (event.pgh_context.metadata.get("user") if event.pgh_context else None) or 0


def transaction_of(event: Any) -> tuple[datetime, Any]:
    """Return what the events of one transaction have in common: their time and context."""
    return event.pgh_created_at, event.pgh_context_id


def names_of_users(ids: Iterable[int]) -> dict[int, str]:
    users = get_user_model()._default_manager.filter(pk__in=set(ids) - {0})
    return dict(users.values_list("pk", "name"))


def steps_of(event_model: Any, *, newest: int | None = None, **belongs: Any) -> list[Step]:
    """Return the events of rows, the oldest first; at most the `newest`."""
    previous: dict[int, Any] = {}
    steps = []
    events = event_model._default_manager.filter(**belongs).select_related("pgh_context")
    for event in reversed(events.order_by("-pgh_id")[:newest]):
        steps.append(Step(event, previous.get(event.pgh_obj_id)))
        previous[event.pgh_obj_id] = event
    return steps


def audit_entries(row: models.Model) -> list[AuditEntry]:
    """Return the changes of a row and of its children, such as the rules of a rule set."""
    model = type(row)
    steps: list[Step] = []
    events: list[Any] = core.event_models(references_model=model)
    for event_model in events:
        tracked = event_model.pgh_tracked_model
        link = "pgh_obj_id" if tracked is model else _owner_column(tracked, model)
        if link:
            steps += steps_of(event_model, **{link: row.pk})

    def order(step: Step) -> tuple[datetime, bool, str, int]:
        """Events of one transaction have the same time, and each table counts its own."""
        tracked = step.event.pgh_tracked_model
        return (
            step.event.pgh_created_at,
            tracked is not model,
            tracked._meta.label,
            step.event.pgh_id,
        )

    steps.sort(key=order, reverse=True)
    shown = steps[:MAX_ENTRIES]
    names = names_of_users(step.user_id for step in shown)
    return [_entry(step, names) for step in shown]


class Saved(NamedTuple):
    """When a draft was last changed, and by whom, if by a user."""

    at: datetime
    by: str


def last_saved(*rows: tuple[type[models.Model], dict[str, Any]]) -> Saved | None:
    """Return the latest recorded change of rows: of each model those that a filter selects."""
    latest: list[tuple[datetime, dict[str, Any] | None]] = []
    for model, belongs in rows:
        events = event_model_of(model)._default_manager.filter(**belongs).order_by("-pgh_id")
        latest += events.values_list("pgh_created_at", "pgh_context__metadata")[:1]
    if not latest:
        return None
    # Changes of one transaction have the same time.
    at, metadata = max(latest, key=lambda event: (event[0], bool(event[1])))
    users = get_user_model()._default_manager.filter(pk=(metadata or {}).get("user") or 0)
    return Saved(at, users.values_list("name", flat=True).first() or "")


def _owner_column(tracked: type[models.Model], owner: type[models.Model]) -> str:
    """Return the column of the foreign key to the owner; only CASCADE counts as ownership."""
    for field in tracked._meta.concrete_fields:
        is_owned = (
            isinstance(field, models.ForeignKey) and field.remote_field.on_delete is models.CASCADE
        )
        if is_owned and field.related_model is owner:
            return str(field.attname)
    return ""


def _entry(step: Step, names: Mapping[int, str]) -> AuditEntry:
    event = step.event
    kind = event.pgh_tracked_model._meta.verbose_name
    label = getattr(event, "name", "") or getattr(event, "label", "")
    verb = VERBS.get(event.pgh_label, event.pgh_label)
    return AuditEntry(
        at=event.pgh_created_at,
        by=names.get(step.user_id, "the system"),
        summary=f"{kind} “{label}” {verb}" if label else f"{kind} {verb}",
        details=list(_details(step)) if event.pgh_label == "update" else [],
    )


def _details(step: Step) -> Iterator[str]:
    for field in step.event.pgh_tracked_model._meta.concrete_fields:
        if step.previous is None or not hasattr(step.event, field.attname):
            continue
        old, new = getattr(step.previous, field.attname), getattr(step.event, field.attname)
        if old != new:
            yield f"{field.verbose_name}: {_value_text(old)} → {_value_text(new)}"


def _value_text(value: Any) -> str:
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    return "nothing" if value in (None, "") else str(localize(value))
