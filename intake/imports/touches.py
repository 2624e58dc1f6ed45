"""Lines that say what somebody did: each is taken in once, through the same door as the API."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify

from core.retries import with_retries
from handoff.pipeline import Receipt, receive_many
from intake.imports.lines import SPOILING, imported_line, not_yet_imported, spoilt
from intake.imports.mapping import Map
from intake.imports.outcome import Summary
from intake.imports.reader import BadLine, Line
from intake.imports.rows import Rows
from intake.normalize import InvalidTouch, Vocabulary, normalize
from leads.configuration import configuration
from leads.models import Source
from leads.normalization.values import BadValue, Text
from leads.stages import Stage
from leads.touches import TouchIn

SOURCE_NAME: Final = Text(100)


@dataclass(frozen=True, slots=True)
class Prepared:
    line: Line
    fingerprint: UUID
    touch: TouchIn
    source_name: str = ""


class Touches:
    def __init__(self, plan: Map, rows: Rows, *, is_historical: bool) -> None:
        self._plan = plan
        self._rows = rows
        self._via = f"csv:{plan.name}"[:100]
        self._as_stage: Stage | None = plan.as_stage if is_historical else None
        self._known = Vocabulary.of(configuration.now())
        self._sources = dict(Source.objects.values_list("name", "code"))

    def take(self, lines: Sequence[Line], summary: Summary, at: datetime) -> list[BadLine]:
        """Take in the good lines in one transaction; the bad ones come back."""
        prepared, bad = self._prepare(lines, at)
        summary.already_imported += len(lines) - len(bad) - len(prepared)
        try:
            self._store(prepared, summary, at)
        except SPOILING:
            bad += [refusal for each in prepared if (refusal := self._take_one(each, summary, at))]
        return bad

    def _take_one(self, each: Prepared, summary: Summary, at: datetime) -> BadLine | None:
        try:
            self._store([each], summary, at)
        except SPOILING as error:
            return spoilt(each.line, error)
        return None

    def _prepare(self, lines: Sequence[Line], at: datetime) -> tuple[list[Prepared], list[BadLine]]:
        """Lines as touches; of lines with the same content, the first."""
        prepared: dict[UUID, Prepared] = {}
        bad = []
        for line in lines:
            try:
                touch, source_name = self._touch(line, at)
            except InvalidTouch as error:
                bad.append(BadLine(line.number, line.cells, str(error)))
            else:
                fingerprint = self._rows.fingerprint(line.cells)
                each = Prepared(line, fingerprint, touch, source_name)
                prepared.setdefault(fingerprint, each)
        return list(prepared.values()), bad

    def _touch(self, line: Line, at: datetime) -> tuple[TouchIn, str]:
        """The touch, and the name of its source when the map says that names are exact."""
        given = self._rows.values(line.cells)
        name = ""
        if self._plan.create_sources and "source" in given:
            try:
                name = SOURCE_NAME(given.pop("source"))
            except BadValue as bad:
                given["source"] = bad
        return normalize(given, self._known, at=at), name

    def _store(self, prepared: Sequence[Prepared], summary: Summary, at: datetime) -> None:
        named = self._with_sources(prepared)
        receipts = with_retries(lambda: self._receive(named, at))
        new = sum(receipt.is_new for receipt in receipts)
        summary.new += new
        summary.repeats += len(receipts) - new
        summary.already_imported += len(prepared) - len(receipts)

    def _with_sources(self, prepared: Sequence[Prepared]) -> list[Prepared]:
        """Each with the code of its source; only a line that comes in brings a new one."""
        named = [each for each in prepared if each.source_name]
        new = not_yet_imported([each for each in named if each.source_name not in self._sources])
        for name in dict.fromkeys(each.source_name for each in new):
            self._sources[name] = source_code(name)
        return [
            replace(each, touch=replace(each.touch, source=self._sources[each.source_name]))
            if each.source_name in self._sources
            else each
            for each in prepared
        ]

    @transaction.atomic
    def _receive(self, prepared: Sequence[Prepared], at: datetime) -> list[Receipt]:
        fresh = not_yet_imported(prepared)
        return receive_many(
            [each.touch for each in fresh],
            at=at,
            via=self._via,
            as_stage=self._as_stage,
            also_write=lambda receipts: [imported_line(each, at) for each in fresh],
        )


def source_code(name: str) -> str:
    """The code of the source of exactly this name, which is created when it is new."""

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
