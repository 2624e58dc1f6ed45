"""Lines that say what somebody did: each is taken in once, through the same door as the API."""

from __future__ import annotations

from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils.text import slugify

from handoff.pipeline import Receipt, receive_many
from intake.imports.lines import SPOILING, mark_imported, not_yet_imported, spoilt
from intake.imports.mapping import Map
from intake.imports.outcome import Summary
from intake.imports.reader import BadLine, Line
from intake.imports.rows import Rows
from intake.normalise import InvalidTouch, Vocabulary, normalise
from intake.values import BadValue, Text
from leads.changes import Changes
from leads.configuration import configuration
from leads.models import Source
from leads.retries import with_retries
from leads.stages import Stage
from leads.touches import TouchIn

SOURCE_NAME: Final = Text(100)


@dataclass(frozen=True, slots=True)
class Prepared:
    line: Line
    fingerprint: UUID
    touch: TouchIn


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
                touch = self._touch(line, at)
            except InvalidTouch as error:
                bad.append(BadLine(line.number, line.cells, str(error)))
            else:
                fingerprint = self._rows.fingerprint(line.cells)
                prepared.setdefault(fingerprint, Prepared(line, fingerprint, touch))
        return list(prepared.values()), bad

    def _touch(self, line: Line, at: datetime) -> TouchIn:
        given = self._rows.values(line.cells)
        if self._plan.create_sources and "source" in given:
            given["source"] = self._source_code(given["source"])
        return normalise(given, self._known, at=at)

    def _source_code(self, given: object) -> str | BadValue:
        """The code of the source of exactly this name, which is created when it is new."""
        try:
            name = SOURCE_NAME(given)
        except BadValue as bad:
            return bad
        if name not in self._sources:
            code = free_code(name, taken=self._known.source)
            self._create_source(name, code)
            self._sources[name] = code
            self._known = replace(self._known, source={**self._known.source, code: code})
        return self._sources[name]

    def _create_source(self, name: str, code: str) -> None:
        Source.objects.create(name=name, code=code)

    def _store(self, prepared: Sequence[Prepared], summary: Summary, at: datetime) -> None:
        receipts = with_retries(lambda: self._receive(prepared, at))
        new = sum(receipt.is_new for receipt in receipts)
        summary.new += new
        summary.repeats += len(receipts) - new
        summary.already_imported += len(prepared) - len(receipts)

    @transaction.atomic
    def _receive(self, prepared: Sequence[Prepared], at: datetime) -> list[Receipt]:
        fresh = not_yet_imported(prepared)

        def finish(changes: Changes, receipts: list[Receipt]) -> None:
            for each in fresh:
                mark_imported(changes, each, at)

        return receive_many(
            [each.touch for each in fresh],
            at=at,
            via=self._via,
            as_stage=self._as_stage,
            finish=finish,
        )


def free_code(name: str, taken: Container[str]) -> str:
    base = slugify(name)[:50] or "source"
    code, number = base, 2
    while code in taken:
        code, number = f"{base}-{number}", number + 1
    return code
