"""Read what the pages of reasons show: the reasons in order, their use and their history."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import groupby
from typing import Any, Final

from core.audit import event_model_of, names_of_users, transaction_of, user_of
from core.formatting import counted
from handoff.admin.reason_editor.difference import details_between
from handoff.admin.reason_editor.editing import in_order
from handoff.admin.reason_editor.forms import ReasonForm
from handoff.admin.reason_editor.kinds import ReasonKind
from handoff.admin.reason_editor.uses import USE_DAYS
from handoff.admin.reason_editor.words import consequences, needs_of, quoted

MAX_EVENTS: Final = 100
MAX_ENTRIES: Final = 12


@dataclass(frozen=True)
class ReasonRow:
    reason: Any
    place: int  # from 1, among the active ones or the inactive ones
    is_last: bool
    uses: int
    problem: str  # why it cannot be switched on or off

    @property
    def is_first(self) -> bool:
        return self.place == 1

    @property
    def needs(self) -> list[str]:
        return needs_of(self.reason)


@dataclass(frozen=True)
class HistoryEntry:
    """The changes of one user at one time."""

    at: datetime
    by: str
    lines: Sequence[str]


@dataclass(frozen=True)
class ReasonEditor:
    kind: ReasonKind
    reasons: Sequence[Any]
    uses: Mapping[int, int]
    history: Sequence[HistoryEntry]
    form: ReasonForm | None
    days: int = USE_DAYS

    @cached_property
    def active(self) -> list[ReasonRow]:
        return self._rows(is_active=True)

    @cached_property
    def inactive(self) -> list[ReasonRow]:
        return self._rows(is_active=False)

    @property
    def heading(self) -> str:
        return counted(len(self.active), "active reason", "active reasons")

    @property
    def open_id(self) -> int:
        return (self.form.instance.pk or 0) if self.form else 0

    @property
    def is_new(self) -> bool:
        return self.form is not None and self.form.is_new

    @cached_property
    def consequences(self) -> list[str]:
        """Return in words what saving the form would change."""
        if self.form is None or not self.form.is_bound:
            return []
        return list(what_changes(self.kind, self.form))

    @property
    def preview(self) -> list[Any]:
        """Return the active reasons as they would be after saving the form."""
        reasons = {row.pk: row for row in self.reasons}
        for changed in (self.form and self.form.instance, self.form and self.form.displaced):
            if changed:
                reasons[changed.pk] = changed
        rows = (row for row in reasons.values() if row.is_active)
        return sorted(rows, key=lambda row: (row.pk is None, row.position, row.pk))

    def _rows(self, *, is_active: bool) -> list[ReasonRow]:
        rows = [row for row in in_order(self.reasons) if row.is_active == is_active]
        number = sum(row.is_active for row in self.reasons)
        after = number - 1 if is_active else number + 1
        problem = self.kind.model.problem_with_active_count(before=number, after=after)
        return [
            ReasonRow(row, place, place == len(rows), self.uses.get(row.pk, 0), problem)
            for place, row in enumerate(rows, 1)
        ]


def read_editor(
    kind: ReasonKind, at: datetime, *, reasons: Sequence[Any], form: ReasonForm | None
) -> ReasonEditor:
    return ReasonEditor(kind, reasons, kind.count_uses(at), read_history(kind), form)


def read_reasons(kind: ReasonKind) -> list[Any]:
    return in_order(list(kind.model._default_manager.order_by("pk")))


def what_changes(kind: ReasonKind, form: ReasonForm) -> Iterator[str]:
    old, new, displaced = form.before, form.instance, form.displaced
    if displaced is not None:
        yield f"“{displaced}” gets the key {displaced.key} instead of {new.key}."
    if form.is_new:
        is_last, is_off = (
            "It becomes the last of the list.",
            "It is inactive until you activate it.",
        )
        yield is_last if new.is_active else is_off
    else:
        yield from consequences(kind.words, old, new)
    if text := kind.also(old, new):
        yield text


def read_history(kind: ReasonKind) -> list[HistoryEntry]:
    """Return the latest recorded changes of all reasons of a kind, the newest first."""
    event_model = event_model_of(kind.model)
    events: Any = event_model._default_manager.select_related("pgh_context")
    latest = list(events.order_by("-pgh_id")[:MAX_EVENTS])
    latest.reverse()
    states = _states_before(event_model, latest)
    names = names_of_users(map(user_of, latest))
    entries = []
    for (at, _), group in groupby(latest, key=transaction_of):
        changed = list(group)
        if lines := list(_lines(states, changed)):
            by = names.get(user_of(changed[0]), "the system")
            entries.append(HistoryEntry(at, by, lines))
    return entries[::-1][:MAX_ENTRIES]


def _states_before(event_model: Any, events: Sequence[Any]) -> dict[int, Any]:
    """Return by reason its state before the first of these events, unless that added it."""
    if not events:
        return {}
    earlier = event_model._default_manager.filter(pgh_id__lt=events[0].pgh_id)
    last_of_each = earlier.order_by("pgh_obj_id", "-pgh_id").distinct("pgh_obj_id")
    return {event.pgh_obj_id: event for event in last_of_each}


def _lines(states: dict[int, Any], events: Sequence[Any]) -> Iterator[str]:
    """Yield what one transaction changed, and keep the states after it."""
    before = dict(states)
    states.update({event.pgh_obj_id: event for event in events})
    after = {event.pgh_obj_id: states[event.pgh_obj_id] for event in events}
    # A row that is older than its history has neither a state before nor was it added now.
    added = [after[event.pgh_obj_id] for event in events if event.pgh_label == "insert"]
    if added:
        yield f"Added {quoted(row.label for row in added)}"
    pairs = [(before[pk], row) for pk, row in after.items() if pk in before]
    for old, new in pairs:
        if old.is_active != new.is_active:
            yield f"{'Activated' if new.is_active else 'Deactivated'} “{new.label}”"
        details = ". ".join(map(str, details_between(old, new)))
        if details:
            yield f"“{new.label}”: {details}"
    # One was moved; those that made room for it follow from that.
    if pairs and not added and all(_is_move(old, new) for old, new in pairs):
        old, new = max(pairs, key=lambda pair: (_distance(*pair), -pair[1].position))
        yield f"“{new.label}” moved from {old.position + 1} to {new.position + 1}"


def _is_move(old: Any, new: Any) -> bool:
    is_switched = old.is_active != new.is_active
    return not is_switched and not any(details_between(old, new)) and _distance(old, new) > 0


def _distance(old: Any, new: Any) -> int:
    return abs(int(new.position) - int(old.position))
