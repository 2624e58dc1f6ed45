"""A dry run: read and check the lines as an import does, and count what would happen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q

from intake.imports.lines import new_and_changed
from intake.imports.mapping import ImportMap
from intake.imports.reader import BadLine
from intake.imports.report import ImportSummary
from intake.imports.rows import RowReader
from intake.imports.touches import PreparedTouch, TouchImport, incomplete_lines
from leads.external_ids import find_system
from leads.models import Contact, ExternalId
from leads.stages import is_closed
from leads.touches import TouchIn

IdentityKey = tuple[str, str]


class TouchDryRun(TouchImport):
    """Remembers the contacts of earlier lines: their later lines would be repeats."""

    def __init__(self, import_map: ImportMap, rows: RowReader, *, is_historical: bool) -> None:
        super().__init__(import_map, rows, is_historical=is_historical)
        self._seen: set[IdentityKey] = set()
        self._enters_closed = is_historical and is_closed(import_map.as_stage)

    def _system_of(self, import_map: ImportMap) -> str:
        """Return the system that the import would create, without creating it."""
        return find_system(import_map.system) or import_map.system

    def _store(
        self, prepared: Sequence[PreparedTouch], summary: ImportSummary, at: datetime
    ) -> list[BadLine]:
        fresh, changed = new_and_changed(prepared)
        summary.updated += len(changed)
        summary.already_imported += len(prepared) - len(fresh) - len(changed)
        self._seen |= keys_with_open_lead([line.touch for line in fresh])
        for line in fresh:
            keys = identity_keys(line.touch)
            is_new = self._seen.isdisjoint(keys)
            summary.new += is_new
            summary.repeats += not is_new
            if not (is_new and self._enters_closed):
                self._seen.update(keys)
        return incomplete_lines([*fresh, *changed])


def identity_keys(touch: TouchIn) -> list[IdentityKey]:
    """Return the keys by which capture finds a contact; a phone only without an email address."""
    keys = [("email", touch.email)]
    if touch.external_id:
        keys.append(("external_id", f"{touch.system}:{touch.external_id}"))
    if not touch.email:
        keys.append(("phone", touch.phone))
    return [key for key in keys if key[1]]


def keys_with_open_lead(touches: Sequence[TouchIn]) -> set[IdentityKey]:
    wanted = {key for touch in touches for key in identity_keys(touch)}
    emails, phones = ([key for name, key in wanted if name == kind] for kind in ("email", "phone"))
    contacts = Contact.objects.filter(Q(email__in=emails) | Q(phone__in=phones))
    rows = contacts.filter(leads__closed_at=None, leads__isnull=False).values("email", "phone")
    ids = ExternalId.objects.filter(
        value__in=[touch.external_id for touch in touches if touch.external_id],
        is_conflict=False,
        contact__leads__closed_at=None,
        contact__leads__isnull=False,
    )
    known = {(kind, key) for row in rows for kind, key in row.items()}
    return wanted & (known | {("external_id", str(external_id)) for external_id in ids})
