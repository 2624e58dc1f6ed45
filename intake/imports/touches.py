"""Import touches: each line is received once, through the pipeline of all touches."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify

from core.errors import Refused
from core.retries import with_retries
from core.unit_of_work import UnitOfWork
from handoff.pipeline import Receipt, receive_many
from intake.imports.lines import (
    ROW_ERRORS,
    imported_line,
    new_and_changed,
    not_yet_imported,
    row_error,
)
from intake.imports.mapping import ImportMap
from intake.imports.reader import BadLine, CsvLine
from intake.imports.report import ImportSummary
from intake.imports.rows import RowReader, hash_text
from intake.models import ImportedLine
from intake.normalize import InvalidTouch, Vocabulary, normalize
from leads.capture import complete
from leads.configuration import configuration
from leads.contact_state import read_contact_states
from leads.enums import UNNAMED_SYSTEM
from leads.external_ids import ensure_system, system_name
from leads.import_batch import ImportBatch
from leads.models import Source
from leads.normalization.values import MIN_MOMENT, BadValue, Text
from leads.stages import Stage
from leads.touches import Incoming, TouchIn

# A wrong date would change every report, so it is not replaced by today.
REQUIRED: Final = frozenset({"occurred_at"})
SOURCE_NAME: Final = Text(100)


@dataclass(frozen=True, slots=True)
class PreparedTouch:
    line: CsvLine
    fingerprint: UUID
    touch: TouchIn
    source_name: str = ""
    content: UUID | None = None


class TouchImport:
    run_id: int | None = None

    def __init__(self, import_map: ImportMap, rows: RowReader, *, is_historical: bool) -> None:
        self._creates_sources = import_map.create_sources
        self._rows = rows
        self.has_dates = "occurred_at" in {*import_map.fields, *import_map.constants}
        self._via = f"csv:{import_map.name}"[:100]
        self._as_stage: Stage | None = import_map.as_stage if is_historical else None
        self._vocabulary = Vocabulary.of(configuration.now())
        self._sources = dict(Source.objects.values_list("name", "code"))
        self._system = self._system_of(import_map)
        is_own = import_map.system == system_name(import_map.name)
        self._other_system = "" if is_own else f"\x1f{self._system}"

    def _system_of(self, import_map: ImportMap) -> str:
        has_ids = "external_id" in {*import_map.fields, *import_map.constants}
        return ensure_system(import_map.system) if has_ids else UNNAMED_SYSTEM

    def import_batch(
        self, lines: Sequence[CsvLine], summary: ImportSummary, at: datetime
    ) -> list[BadLine]:
        """Receive the touches in one transaction; line by line if one line fails the batch."""
        prepared, bad = self._prepare(lines, at)
        summary.already_imported += len(lines) - len(bad) - len(prepared)
        try:
            return bad + self._store(prepared, summary, at)
        except ROW_ERRORS:
            for line in prepared:
                bad += self._store_one(line, summary, at)
            return bad

    def new_touches(self, lines: Sequence[CsvLine], at: datetime) -> list[TouchIn]:
        """Return the touches of the lines that are not imported yet."""
        return [line.touch for line in not_yet_imported(self._prepare(lines, at)[0])]

    def _store_one(
        self, prepared: PreparedTouch, summary: ImportSummary, at: datetime
    ) -> list[BadLine]:
        try:
            return self._store([prepared], summary, at)
        except ROW_ERRORS as error:
            return [row_error(prepared.line, error)]

    def _prepare(
        self, lines: Sequence[CsvLine], at: datetime
    ) -> tuple[list[PreparedTouch], list[BadLine]]:
        """Return the touches and the bad lines; of lines with the same content, the first."""
        prepared: dict[tuple[UUID, UUID | None], PreparedTouch] = {}
        bad = []
        for line in lines:
            try:
                touch, source_name = self._read_line(line, at)
            except InvalidTouch as error:
                bad.append(BadLine(line.number, line.cells, str(error)))
            else:
                fingerprint = self._rows.fingerprint(line.cells)
                content = self._content(touch, source_name) if self._rows.has_key else None
                prepared.setdefault(
                    (fingerprint, content),
                    PreparedTouch(line, fingerprint, touch, source_name, content),
                )
        return list(prepared.values()), bad

    def _content(self, touch: TouchIn, source_name: str) -> UUID:
        """Identify what the line says, as the map reads it today."""
        if not self.has_dates:
            touch = replace(touch, occurred_at=MIN_MOMENT)
        return hash_text(f"{source_name}\x1f{touch}{self._other_system}")

    def _read_line(self, line: CsvLine, at: datetime) -> tuple[TouchIn, str]:
        """Return the touch, and its source by exact name if the map may create sources."""
        values = self._rows.values(line.cells)
        name = ""
        if self._creates_sources and "source" in values:
            try:
                name = SOURCE_NAME(values.pop("source"))
            except BadValue as bad:
                values["source"] = bad
        touch = normalize(values, self._vocabulary, at=at, required=REQUIRED, system=self._system)
        return touch, name

    def _store(
        self, prepared: Sequence[PreparedTouch], summary: ImportSummary, at: datetime
    ) -> list[BadLine]:
        """Import the lines and return those that are incomplete."""
        complete = self._with_sources(prepared)
        fresh, changed, receipts = with_retries(lambda: self._receive(complete, at))
        new = sum(receipt.is_new for receipt in receipts)
        summary.new += new
        summary.repeats += len(receipts) - new
        summary.updated += len(changed)
        summary.already_imported += len(prepared) - len(receipts) - len(changed)
        return incomplete_lines([*fresh, *changed])

    def _with_sources(self, prepared: Sequence[PreparedTouch]) -> list[PreparedTouch]:
        """Add the code of each source; create sources only for lines that will be imported."""
        unknown = [
            line for line in prepared if line.source_name and line.source_name not in self._sources
        ]
        for name in dict.fromkeys(line.source_name for line in not_yet_imported(unknown)):
            self._sources[name] = ensure_source(name)
        return [
            replace(line, touch=replace(line.touch, source=self._sources[line.source_name]))
            if line.source_name in self._sources
            else line
            for line in prepared
        ]

    @transaction.atomic
    def _receive(
        self, prepared: Sequence[PreparedTouch], at: datetime
    ) -> tuple[list[PreparedTouch], list[PreparedTouch], list[Receipt]]:
        """Receive the new lines, and update contacts by those that were changed."""
        fresh, changed = new_and_changed(prepared)
        receipts = receive_many(
            [line.touch for line in fresh],
            at=at,
            via=self._via,
            as_stage=self._as_stage,
            also_write=lambda receipts: [
                imported_line(line, at, run_id=self.run_id, touch_id=receipt.touch_id)
                for line, receipt in zip(fresh, receipts, strict=True)
            ],
        )
        update_contacts(changed, at=at, via=self._via)
        return fresh, changed, receipts


def update_contacts(lines: Sequence[PreparedTouch], *, at: datetime, via: str) -> None:
    """Complete contacts, companies and leads by lines that are imported, without a touch."""
    if not lines:
        return
    work, batch, config = UnitOfWork(), ImportBatch(), configuration.now()
    states, _ = read_contact_states([line.touch for line in lines])
    for line, read in zip(lines, states, strict=True):
        state = batch.merge(line.touch, read)
        if state.contact is None:
            raise Refused("The contact of this line is not known by its email or external id.")
        complete(work, state, Incoming(line.touch, at, via), config)
        batch.remember(line.touch, state)
    work.write()
    ImportedLine.objects.bulk_create(
        {line.fingerprint: imported_line(line, at) for line in lines}.values(),
        update_conflicts=True,
        unique_fields=["fingerprint"],
        update_fields=["content"],
    )


def incomplete_lines(lines: Sequence[PreparedTouch]) -> list[BadLine]:
    return [
        BadLine(line.line.number, line.line.cells, incomplete_text(line.touch), is_imported=True)
        for line in lines
        if line.touch.set_aside
    ]


def incomplete_text(touch: TouchIn) -> str:
    reasons = (f"{value['field']}: {value['reason']}" for value in touch.set_aside)
    return f"Imported without {'; '.join(reasons)}"


def ensure_source(name: str) -> str:
    """Return the code of the source with exactly this name; create it if there is none."""

    def attempt() -> str:
        codes = dict(Source.objects.values_list("name", "code"))
        if name not in codes:
            taken = {*codes.values(), *(other.lower() for other in codes)}
            with transaction.atomic():
                codes[name] = Source.objects.create(name=name, code=free_code(name, taken)).code
        return codes[name]

    return with_retries(attempt)


def free_code(name: str, taken: Container[str]) -> str:
    base = slugify(name)[:50] or "source"
    code, number = base, 2
    while code in taken:
        code, number = f"{base}-{number}", number + 1
    return code
