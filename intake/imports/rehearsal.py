"""A dry run: the same reading and the same checks, and a count of what would happen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from intake.imports.lines import not_yet_imported
from intake.imports.mapping import Map
from intake.imports.outcome import Summary
from intake.imports.rows import Rows
from intake.imports.touches import Prepared, Touches
from leads.models import Contact
from leads.stages import is_closed
from leads.touches import TouchIn

Key = tuple[str, str]


class Rehearsal(Touches):
    """Remembers who came earlier in the file: a second line of one person would be a repeat."""

    def __init__(self, plan: Map, rows: Rows, *, is_historical: bool) -> None:
        super().__init__(plan, rows, is_historical=is_historical)
        self._seen: set[Key] = set()
        self._enters_closed = is_historical and is_closed(plan.as_stage)

    def _store(self, prepared: Sequence[Prepared], summary: Summary, at: datetime) -> None:
        fresh = not_yet_imported(prepared)
        summary.already_imported += len(prepared) - len(fresh)
        self._seen |= with_open_lead([each.touch for each in fresh])
        for each in fresh:
            keys = keys_of(each.touch)
            is_new = self._seen.isdisjoint(keys)
            summary.new += is_new
            summary.repeats += not is_new
            if not (is_new and self._enters_closed):
                self._seen.update(keys)


def keys_of(touch: TouchIn) -> list[Key]:
    """What capture would find this person by; a phone only where no address contradicts it."""
    keys = [("email", touch.email), ("external_id", touch.external_id)]
    if not touch.email:
        keys.append(("phone", touch.phone))
    return [key for key in keys if key[1]]


def with_open_lead(touches: Sequence[TouchIn]) -> set[Key]:
    wanted = {key for touch in touches for key in keys_of(touch)}
    by_kind = {
        f"{kind}__in": [value for name, value in wanted if name == kind]
        for kind in ("email", "external_id", "phone")
    }
    anybody = Q()
    for condition in by_kind.items():
        anybody |= Q(condition)
    found = Contact.objects.filter(anybody, leads__closed_at=None, leads__isnull=False)
    return {
        key
        for row in found.values("email", "external_id", "phone")
        for key in row.items()
        if key[1] and key in wanted
    }
