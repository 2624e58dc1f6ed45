"""Import stage moves: how far known leads got in another system, as history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final
from uuid import UUID

from django.db import transaction

from core.days import day_of
from core.formatting import date_text
from core.retries import with_retries
from core.unit_of_work import UnitOfWork
from handoff.models import Handoff
from intake.imports.external_users import ensure_user_ids
from intake.imports.lines import ROW_ERRORS, imported_line, not_yet_imported, row_error
from intake.imports.mapping import BadMap, ImportMap
from intake.imports.reader import BadLine, CsvLine
from intake.imports.report import ImportSummary
from intake.imports.rows import RowReader
from intake.normalize import MAX_CLOCK_SKEW
from leads import lifecycle
from leads.external_ids import find_system
from leads.models import ExternalId, Lead, SourceSystem
from leads.normalization.values import BadValue, Text, moment, quoted
from leads.stages import FUNNEL, Stage, is_closed
from people.availability import ANSWERING_ROLES
from people.models import User

EXTERNAL_ID: Final = Text(200)


@dataclass(frozen=True, slots=True)
class StageMove:
    """`people` are external user ids by column."""

    line: CsvLine
    fingerprint: UUID
    external_id: str
    at: datetime
    people: Mapping[str, str]
    content: UUID | None = None


class StageMoveImport:
    """Moves leads to the stage of the map; a dry run makes every check and writes nothing."""

    run_id: int | None = None

    def __init__(self, import_map: ImportMap, rows: RowReader, *, is_dry_run: bool) -> None:
        assert import_map.to is not None, "a map of stage moves has `to`"
        self._to = import_map.to
        self._rows = rows
        system = find_system(import_map.system)
        if system is None:
            raise BadMap(unknown_system(import_map.system))
        self._system = system
        self._is_dry_run = is_dry_run
        people = import_map.people
        before = [person for person in people if person.stage != self._to]
        self._people = [
            *sorted(before, key=lambda person: FUNNEL.index(person.stage)),
            *(person for person in people if person.stage == self._to),
        ]

    def import_batch(
        self, lines: Sequence[CsvLine], summary: ImportSummary, at: datetime
    ) -> list[BadLine]:
        """Move the leads in one transaction; line by line if one line fails the batch."""
        moves, bad = self._read_lines(lines, at)
        refused: list[BadLine]
        try:
            refused, moved = with_retries(lambda: self._move_leads(moves, at))
        except ROW_ERRORS:
            refused, moved = self._move_one_by_one(moves, at)
        bad += refused
        summary.moved += moved
        summary.already_imported += len(lines) - len(bad) - moved
        return bad

    def _move_one_by_one(
        self, moves: Sequence[StageMove], at: datetime
    ) -> tuple[list[BadLine], int]:
        bad, moved = [], 0
        for move in moves:
            try:
                refused, count = with_retries(partial(self._move_leads, [move], at))
            except ROW_ERRORS as error:
                bad.append(row_error(move.line, error))
            else:
                bad, moved = bad + refused, moved + count
        return bad, moved

    def _read_lines(
        self, lines: Sequence[CsvLine], at: datetime
    ) -> tuple[list[StageMove], list[BadLine]]:
        """Return the moves and the bad lines; of lines with the same content, the first."""
        moves: dict[UUID, StageMove] = {}
        bad = []
        for line in lines:
            try:
                move = self._read_line(line, at)
            except BadValue as error:
                bad.append(BadLine(line.number, line.cells, str(error)))
            else:
                moves.setdefault(move.fingerprint, move)
        return list(moves.values()), bad

    def _read_line(self, line: CsvLine, at: datetime) -> StageMove:
        values = self._rows.values(line.cells)
        external_id = EXTERNAL_ID(values.get("external_id", ""))
        if not external_id:
            raise BadValue("external_id: Required to find the lead.")
        occurred_at = values.get("occurred_at", "")
        if isinstance(occurred_at, BadValue):
            raise BadValue(f"occurred_at: {occurred_at}")
        moved_at = moment(occurred_at)
        if moved_at > at + MAX_CLOCK_SKEW:
            raise BadValue("occurred_at: Must not be in the future.")
        people = {
            column: str(EXTERNAL_ID(line.cells[place]))
            for column, place in self._rows.people.items()
        }
        fingerprint = self._rows.fingerprint(line.cells)
        return StageMove(line, fingerprint, str(external_id), moved_at, people)

    @transaction.atomic
    def _move_leads(self, moves: Sequence[StageMove], at: datetime) -> tuple[list[BadLine], int]:
        fresh = not_yet_imported(moves)
        leads = lock_leads(self._system, {move.external_id for move in fresh})
        live = live_lead_ids(leads.values())
        refused: list[BadLine] = []
        accepted: dict[int, tuple[StageMove, Lead]] = {}
        for move in fresh:
            lead = leads.get(move.external_id)
            if reason := self._refusal(move, lead, live):
                refused.append(BadLine(move.line.number, move.line.cells, reason))
            elif lead is not None and lead.stage != self._to:
                # A later line of the same lead is skipped, as it would be in a later batch.
                accepted.setdefault(lead.pk, (move, lead))
        if not self._is_dry_run:
            self._write(accepted.values(), at)
        return refused, len(accepted)

    def _refusal(self, move: StageMove, lead: Lead | None, live: Collection[int]) -> str:
        if lead is None:
            name = f"{quoted(move.external_id)} in the system {self._system}"
            return f"There is no lead with the external id {name}."
        if lead.pk in live:
            return f"Lead {lead.pk} is live here. Its history is not imported."
        if is_closed(Stage(lead.stage)) and lead.stage != self._to:
            hint = " A won deal is reversed on its page." if lead.stage == Stage.WON else ""
            return f"Lead {lead.pk} is closed as “{Stage(lead.stage).label}”.{hint}"
        if day_of(move.at) < day_of(lead.stage_entered_at):
            stage, day = Stage(lead.stage).label, date_text(day_of(lead.stage_entered_at))
            return f"occurred_at: Lead {lead.pk} became “{stage}” only on {day}."
        return ""

    def _write(self, moves: Collection[tuple[StageMove, Lead]], at: datetime) -> None:
        people = {
            move.people[person.column]: person
            for move, _ in moves
            for person in self._people
            if move.people[person.column]
        }
        user_ids = ensure_user_ids(people)
        owner_ids = set(user_ids.values())
        if not is_closed(self._to):
            owner_ids = users_who_answer(owner_ids)
        work = UnitOfWork()
        for move, lead in moves:
            # Files often have only days, so a move on the day of the last one follows it.
            follows = replace(move, at=max(move.at, lead.stage_entered_at))
            self._move(work, follows, lead, user_ids, owner_ids)
            work.add(imported_line(move, at, run_id=self.run_id, lead_id=lead.pk))
        work.write()

    def _move(
        self,
        work: UnitOfWork,
        move: StageMove,
        lead: Lead,
        user_ids: Mapping[str, int],
        owner_ids: Collection[int],
    ) -> None:
        """Move the lead through the stages that the line has a person for, then to the last.

        An open lead goes only to an owner who can work it.
        """
        actor_id = None
        for person in self._people:
            user_id = user_ids.get(move.people[person.column])
            if user_id in owner_ids and person.is_owner:
                lifecycle.assign(work, lead=lead, owner_id=user_id, at=move.at, why="import")
            if person.stage == self._to:
                actor_id = user_id
            elif user_id is not None and is_ahead(lead, person.stage):
                self._move_to(work, lead, person.stage, move.at, user_id)
        self._move_to(work, lead, self._to, move.at, actor_id)

    def _move_to(
        self, work: UnitOfWork, lead: Lead, to: Stage, at: datetime, actor_id: int | None
    ) -> None:
        lifecycle.move(
            work, lead=lead, to=to, at=at, actor_id=actor_id, why="import", skipping=True
        )


def users_who_answer(user_ids: Collection[int]) -> set[int]:
    users = User.objects.filter(pk__in=user_ids, is_active=True, groups__name__in=ANSWERING_ROLES)
    return set(users.values_list("pk", flat=True))


def is_ahead(lead: Lead, stage: Stage) -> bool:
    current = Stage(lead.stage)
    return current not in FUNNEL or FUNNEL.index(stage) > FUNNEL.index(current)


def live_lead_ids(leads: Collection[Lead]) -> set[int]:
    """Find the leads that were captured here, and imported ones that are offered to sales again."""
    offered = Handoff.objects.open().filter(lead__in=leads).values_list("lead_id", flat=True)
    return {lead.pk for lead in leads if not lead.is_historical} | set(offered)


def unknown_system(name: str) -> str:
    known = SourceSystem.objects.order_by("name").values_list("name", flat=True)
    return (
        f"No leads have ids of the source system “{name}”. Name the system that brought them, "
        f'such as system = "crm". Known: {", ".join(known)}.'
    )


def lock_leads(system: str, external_ids: Collection[str]) -> dict[str, Lead]:
    """Lock and return the lead of each external id: the open one, else the latest."""
    ids = ExternalId.objects.filter(system=system, value__in=external_ids, is_conflict=False)
    values: dict[int, list[str]] = defaultdict(list)
    for contact_id, value in ids.values_list("contact_id", "value"):
        values[contact_id].append(value)
    leads = (
        Lead.objects.filter(contact__in=values)
        .select_related("contact")
        .select_for_update(of=("self",), no_key=True)
        .order_by("closed_at", "opened_at", "pk")
    )
    # Ascending order puts open leads, whose closing date is null, last: they win.
    return {value: lead for lead in leads for value in values[lead.contact_id]}
