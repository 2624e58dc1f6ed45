"""Lines that say how far a lead of another system got: history catches up, once."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction

from core.retries import with_retries
from core.unit_of_work import UnitOfWork
from handoff.models import Handoff
from intake.imports import people
from intake.imports.lines import SPOILING, imported_line, not_yet_imported, spoilt
from intake.imports.mapping import Map
from intake.imports.outcome import Summary
from intake.imports.reader import BadLine, Line
from intake.imports.rows import Rows
from intake.normalize import AHEAD
from leads import lifecycle
from leads.models import Lead
from leads.normalization.values import BadValue, Text, moment, quoted
from leads.stages import FUNNEL, Stage, is_closed

EXTERNAL_ID: Final = Text(200)


@dataclass(frozen=True, slots=True)
class Move:
    line: Line
    fingerprint: UUID
    external_id: str
    at: datetime
    people: Mapping[str, str]


class Moves:
    """`is_rehearsal` decides all the same, and writes nothing."""

    def __init__(self, plan: Map, rows: Rows, *, is_rehearsal: bool) -> None:
        assert plan.to is not None, "a map of moves says where to"
        self._to = plan.to
        self._rows = rows
        self._is_rehearsal = is_rehearsal
        last = [each for each in plan.people if each.stage == plan.to]
        before = [each for each in plan.people if each.stage != plan.to]
        self._people = sorted(before, key=lambda each: FUNNEL.index(each.stage)) + last

    def take(self, lines: Sequence[Line], summary: Summary, at: datetime) -> list[BadLine]:
        """Move the leads of the good lines in one transaction; the bad lines come back."""
        moves, bad = self._read_all(lines, at)
        refused: list[BadLine]
        try:
            refused, moved = with_retries(lambda: self._move_all(moves, at))
        except SPOILING:
            refused, moved = self._move_one_by_one(moves, at)
        bad += refused
        summary.moved += moved
        summary.already_imported += len(lines) - len(bad) - moved
        return bad

    def _move_one_by_one(self, moves: Sequence[Move], at: datetime) -> tuple[list[BadLine], int]:
        bad, moved = [], 0
        for move in moves:
            try:
                refused, count = with_retries(partial(self._move_all, [move], at))
            except SPOILING as error:
                bad.append(spoilt(move.line, error))
            else:
                bad, moved = bad + refused, moved + count
        return bad, moved

    def _read_all(self, lines: Sequence[Line], at: datetime) -> tuple[list[Move], list[BadLine]]:
        """Lines as moves; of lines with the same content, the first."""
        moves: dict[UUID, Move] = {}
        bad = []
        for line in lines:
            try:
                move = self._read(line, at)
            except BadValue as error:
                bad.append(BadLine(line.number, line.cells, str(error)))
            else:
                moves.setdefault(move.fingerprint, move)
        return list(moves.values()), bad

    def _read(self, line: Line, at: datetime) -> Move:
        given = self._rows.values(line.cells)
        external_id = EXTERNAL_ID(given.get("external_id", ""))
        if not external_id:
            raise BadValue("external_id: Says which lead it is, and is empty.")
        when = given.get("occurred_at", "")
        if isinstance(when, BadValue):
            raise BadValue(f"occurred_at: {when}")
        moved_at = moment(when)
        if moved_at > at + AHEAD:
            raise BadValue("occurred_at: Must not lie in the future.")
        people_of_line = {
            column: str(EXTERNAL_ID(line.cells[place]))
            for column, place in self._rows.people.items()
        }
        fingerprint = self._rows.fingerprint(line.cells)
        return Move(line, fingerprint, str(external_id), moved_at, people_of_line)

    @transaction.atomic
    def _move_all(self, moves: Sequence[Move], at: datetime) -> tuple[list[BadLine], int]:
        fresh = not_yet_imported(moves)
        leads = locked_leads({move.external_id for move in fresh})
        worked = worked_on(leads.values())
        refused: list[BadLine] = []
        going: dict[int, tuple[Move, Lead]] = {}
        for move in fresh:
            lead = leads.get(move.external_id)
            if reason := self._refusal(move, lead, worked):
                refused.append(BadLine(move.line.number, move.line.cells, reason))
            elif lead is not None and lead.stage != self._to:
                # A later line of the same lead finds it moved, as it would in another batch.
                going.setdefault(lead.pk, (move, lead))
        if not self._is_rehearsal:
            self._write(going.values(), at)
        return refused, len(going)

    def _refusal(self, move: Move, lead: Lead | None, worked: Collection[int]) -> str:
        if lead is None:
            return f"No lead has the external id {quoted(move.external_id)}."
        if lead.pk in worked:
            return f"Lead {lead.pk} is being worked here; its history is not imported."
        if is_closed(Stage(lead.stage)) and lead.stage != self._to:
            return f"Lead {lead.pk} is closed as “{Stage(lead.stage).label}”."
        return ""

    def _write(self, going: Collection[tuple[Move, Lead]], at: datetime) -> None:
        wanted = {
            move.people[person.column]: person
            for move, _ in going
            for person in self._people
            if move.people[person.column]
        }
        users = people.ids_of(wanted)
        work = UnitOfWork()
        for move, lead in going:
            self._move(work, move, lead, users)
            work.add(imported_line(move, at))
        work.write()

    def _move(self, work: UnitOfWork, move: Move, lead: Lead, users: Mapping[str, int]) -> None:
        """Through the stages that the file names a person for, and on to the last."""
        actor_id = None
        for person in self._people:
            user_id = users.get(move.people[person.column])
            if user_id is not None and person.is_owner:
                lifecycle.assign(work, lead=lead, owner_id=user_id, at=move.at, why="import")
            if person.stage == self._to:
                actor_id = user_id
            elif user_id is not None and is_ahead(lead, person.stage):
                self._step(work, lead, person.stage, move.at, user_id)
        self._step(work, lead, self._to, move.at, actor_id)

    def _step(
        self, work: UnitOfWork, lead: Lead, to: Stage, at: datetime, actor_id: int | None
    ) -> None:
        lifecycle.move(
            work, lead=lead, to=to, at=at, actor_id=actor_id, why="import", skipping=True
        )


def is_ahead(lead: Lead, stage: Stage) -> bool:
    current = Stage(lead.stage)
    return current not in FUNNEL or FUNNEL.index(stage) > FUNNEL.index(current)


def worked_on(leads: Collection[Lead]) -> set[int]:
    """What came in here, and what came here before and is with sales again."""
    offered = Handoff.objects.open().filter(lead__in=leads).values_list("lead_id", flat=True)
    return {lead.pk for lead in leads if not lead.is_historical} | set(offered)


def locked_leads(external_ids: Collection[str]) -> dict[str, Lead]:
    """The lead of each external id: the one that is open, or else the latest."""
    found = (
        Lead.objects.filter(contact__external_id__in=external_ids)
        .select_related("contact")
        .select_for_update(of=("self",), no_key=True)
        .order_by("closed_at", "opened_at", "pk")
    )
    # Ascending order puts open leads, whose closing date is null, last: they win.
    return {str(lead.contact.external_id): lead for lead in found}
