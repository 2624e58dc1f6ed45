"""Import stage moves: how far known leads got in another system, as history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache, partial
from typing import Final
from uuid import UUID

from django.db import transaction

from core.days import day_of
from core.formatting import date_text
from core.retries import with_retries
from core.unit_of_work import UnitOfWork
from handoff.history import (
    LeadHistory,
    StageReached,
    complete_owner,
    live_lead_ids,
    lock_unowned,
    tell_move,
)
from intake.imports.external_users import Owners, ensure_person_ids
from intake.imports.line_history import (
    HistoryReader,
    LineHistory,
    comes_before,
    past_moment,
    split_history,
)
from intake.imports.lines import (
    ROW_ERRORS,
    compared_with_imported,
    imported_line,
    incomplete_line,
    row_error,
)
from intake.imports.map_checks import check_against
from intake.imports.map_parsing import BadMap
from intake.imports.mapping import ImportMap
from intake.imports.reader import BadLine, CsvLine
from intake.imports.report import ImportSummary
from intake.imports.rows import RowReader
from intake.imports.undo_moves import columns_of
from intake.models import ImportedLine
from intake.normalize import Vocabulary
from leads.configuration import configuration
from leads.event_log import number_events
from leads.external_ids import find_system
from leads.models import ExternalId, Lead, LeadEvent, SourceSystem
from leads.normalization.values import BadValue, Text, quoted
from leads.stages import FUNNEL, Stage, is_closed

EXTERNAL_ID: Final = Text(200)


@dataclass(frozen=True, slots=True)
class StageMove:
    """`people` are external user ids by column."""

    line: CsvLine
    fingerprint: UUID
    external_id: str
    at: datetime
    people: Mapping[str, str]
    past: LineHistory
    content: UUID | None = None

    @property
    def to(self) -> Stage:
        return self.past.stage


class StageMoveImport:
    """Moves leads to the stage of the map or of the line."""

    run_id: int | None = None

    def __init__(self, import_map: ImportMap, rows: RowReader) -> None:
        self._to = import_map.to
        self._rows = rows
        system = find_system(import_map.system)
        if system is None:
            raise BadMap(unknown_system(import_map.system))
        self._system = system
        self._people = import_map.people
        self._has_owners = "owner" in import_map.stated_fields
        self._read_owners: Callable[[], Owners] = Owners
        self._history = HistoryReader()
        check_against(
            import_map, Vocabulary.of(configuration.now()), self._history.reasons, frozenset()
        )

    def import_batch(
        self, lines: Sequence[CsvLine], summary: ImportSummary, at: datetime
    ) -> list[BadLine]:
        """Move the leads in one transaction; line by line if one line fails the batch."""
        self._read_owners = cache(Owners)
        moves, bad = self._read_lines(lines, at)
        rejected = len(bad)
        try:
            listed, moved, completed = with_retries(lambda: self._move_leads(moves, at))
        except ROW_ERRORS:
            listed, moved, completed = self._move_one_by_one(moves, at)
        rejected += sum(not line.is_imported for line in listed)
        summary.moved += len(moved)
        summary.updated += len(completed)
        summary.already_imported += len(lines) - rejected - len(moved) - len(completed)
        for move in moved[:3]:
            summary.details.add_sample(move.line.number, shown_values(move))
        summary.details.add_dates([move.at for move in moved])
        return bad + listed

    def relations(self, line: CsvLine, at: datetime) -> Iterator[str]:
        """Return what a line shares with others that change what happens to it."""
        yield f"line {self._rows.fingerprint(line.cells)}"
        yield f"external_id {self._rows.values(line.cells).get('external_id', '')}"

    def _move_one_by_one(
        self, moves: Sequence[StageMove], at: datetime
    ) -> tuple[list[BadLine], list[StageMove], list[StageMove]]:
        bad: list[BadLine] = []
        moved: list[StageMove] = []
        completed: list[StageMove] = []
        for move in moves:
            try:
                listed, done, updated = with_retries(partial(self._move_leads, [move], at))
            except ROW_ERRORS as error:
                bad.append(row_error(move.line, error))
            else:
                bad, moved, completed = bad + listed, moved + done, completed + updated
        return bad, moved, completed

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
        try:
            moved_at = past_moment(values.get("occurred_at", ""), at)
        except BadValue as bad:
            raise BadValue(f"occurred_at: {bad}") from None
        people = {
            column: str(EXTERNAL_ID(line.cells[place]))
            for column, place in self._rows.people.items()
        }
        fingerprint = self._rows.fingerprint(line.cells)
        return StageMove(
            line, fingerprint, str(external_id), moved_at, people, self._past(values, moved_at, at)
        )

    def _past(self, values: dict[str, object], moved_at: datetime, at: datetime) -> LineHistory:
        statements = split_history(values)
        default = self._to or Stage.NEW
        past = self._history.read(statements, {}, default=default, occurred_at=moved_at, at=at)
        if past.stage is Stage.NEW:
            reasons = [value["reason"] for value in past.set_aside if value["field"] == "stage"]
            raise BadValue(f"stage: {reasons[0] if reasons else 'Required to move the lead.'}")
        return past

    @transaction.atomic
    def _move_leads(
        self, moves: Sequence[StageMove], at: datetime
    ) -> tuple[list[BadLine], list[StageMove], list[StageMove]]:
        """Return the listed lines, the moves, and the earlier ones that got their owner now."""
        fresh, _, same = compared_with_imported(moves)
        leads = lock_leads(self._system, {move.external_id for move in fresh})
        live = live_lead_ids(leads.values())
        listed: list[BadLine] = []
        moved: list[StageMove] = []
        for moves_of_round in rounds(fresh, leads):
            accepted = []
            for move in moves_of_round:
                lead = leads.get(move.external_id)
                if reason := refusal(move, lead, live, self._system):
                    listed.append(BadLine(move.line.number, move.line.cells, reason))
                elif lead is not None and lead.stage != move.to:
                    accepted.append((move, lead))
            listed += self._write(accepted, at)
            moved += [move for move, _ in accepted]
        return listed, moved, self._complete_owners(same)

    def _write(self, moves: Collection[tuple[StageMove, Lead]], at: datetime) -> list[BadLine]:
        """Write the moves and return the lines that are incomplete."""
        people = {
            move.people[person.column]: person
            for move, _ in moves
            for person in self._people
            if move.people[person.column]
        }
        # Read before people are created, who are lost with the transaction.
        owners = self._read_owners().copy() if self._has_owners or people else None
        user_ids = ensure_person_ids(people)
        if owners is not None:
            closed = {move.past.owner for move, _ in moves if is_closed(move.to)}
            owners.add_former(closed - {""})
        work = UnitOfWork()
        incomplete, lines = [], []
        for move, lead in moves:
            before = columns_of(lead)
            incomplete += self._move(work, move, lead, user_ids, owners)
            line = imported_line(move, at, run_id=self.run_id, lead_id=lead.pk, before=before)
            lines.append(line)
        events = number_events_by_lead(work)
        for line in lines:
            line.events = events[line.lead_id]
            work.add(line)
        work.write()
        return incomplete

    def _complete_owners(self, moves: Sequence[StageMove]) -> list[StageMove]:
        """Give leads the owners who were not known when their lines were imported."""
        naming = {move.fingerprint: move for move in moves if self._named_owner(move)}
        if not naming:
            return []
        imported = ImportedLine.objects.filter(fingerprint__in=naming, lead__owner=None)
        lines = {line: naming[line.fingerprint] for line in imported}
        leads = lock_unowned({line.lead_id for line in lines if line.lead_id}) if lines else {}
        if not leads:
            return []
        work, owners, completed = UnitOfWork(), self._read_owners(), {}
        for line, move in sorted(lines.items(), key=lambda pair: pair[1].at, reverse=True):
            lead = leads.get(line.lead_id or 0)
            owner_id = owners.find(self._named_owner(move))
            history = replace(
                move.past.history, owner_id=owner_id, may_hold_open=owner_id in owners.who_answer
            )
            if lead is not None and complete_owner(work, lead, history):
                completed[line] = move
        events = number_events_by_lead(work)
        for line in completed:
            if line.events is not None:
                line.events += events[line.lead_id]
        work.write()
        ImportedLine.objects.bulk_update(completed, ["events"])
        return list(completed.values())

    def _named_owner(self, move: StageMove) -> str:
        people = [move.people[person.column] for person in self._people if person.is_owner]
        return next(filter(None, people), move.past.owner)

    def _move(
        self,
        work: UnitOfWork,
        move: StageMove,
        lead: Lead,
        user_ids: Mapping[str, int],
        owners: Owners | None,
    ) -> list[BadLine]:
        """Move the lead through the stages that the line has a person for, then to the last."""
        problems = [f"{value['field']}: {value['reason']}" for value in move.past.set_aside]
        history = self._with_people(move, user_ids)
        if owners is not None:
            owner_id, problem = history.owner_id, ""
            if owner_id is None and move.past.owner:
                problem = owners.problem(move.past.owner, is_open=not is_closed(move.to))
                owner_id = None if problem else owners.find(move.past.owner)
            may_hold_open = owner_id in owners.who_answer
            history = replace(history, owner_id=owner_id, may_hold_open=may_hold_open)
            problems += [f"owner: {problem}"] if problem else []
        tell_move(work, lead, history, move.at)
        return [incomplete_line(move.line, problems)] if problems else []

    def _with_people(self, move: StageMove, user_ids: Mapping[str, int]) -> LeadHistory:
        """Add the stages that the line has a person for, and the owner of the lead."""
        stages = {reached.stage: reached for reached in move.past.history.stages}
        owner_id = None
        for person in self._people:
            user_id = user_ids.get(move.people[person.column])
            if user_id is None:
                continue
            if person.is_owner:
                owner_id = user_id
            if person.stage == move.to or comes_before(person.stage, move.to):
                stages[person.stage] = StageReached(person.stage, actor_id=user_id)
        last = stages.pop(move.to)
        passed = sorted(stages.values(), key=lambda reached: FUNNEL.index(reached.stage))
        return replace(move.past.history, stages=(*passed, last), owner_id=owner_id)


def number_events_by_lead(work: UnitOfWork) -> dict[int | None, list[int]]:
    """Return the ids of the events that the unit of work writes for each lead."""
    events: dict[int | None, list[int]] = defaultdict(list)
    ids = number_events(work)
    for row, event_id in zip(work.inserts[LeadEvent], ids, strict=True):
        events[row["lead_id"]].append(event_id)
    return events


def shown_values(move: StageMove) -> dict[str, object]:
    history = move.past.history
    values = {
        "external_id": move.external_id,
        "occurred_at": move.at,
        "stage": " → ".join(reached.stage.label for reached in history.stages),
        "reason": history.reason,
        "owner": move.past.owner,
        "amount": f"{history.amount} {history.currency}" if history.amount is not None else "",
    }
    return {name: value for name, value in values.items() if value}


def rounds(moves: Sequence[StageMove], leads: Mapping[str, Lead]) -> Iterator[list[StageMove]]:
    """Return moves of different leads at a time: the moves of one lead follow each other."""
    waiting = list(moves)
    while waiting:
        taken: set[Lead | str] = set()
        now: list[StageMove] = []
        later: list[StageMove] = []
        for move in waiting:
            lead = leads.get(move.external_id, move.external_id)
            (later if lead in taken else now).append(move)
            taken.add(lead)
        yield now
        waiting = later


def refusal(move: StageMove, lead: Lead | None, live: Collection[int], system: str) -> str:
    if lead is None:
        name = f"{quoted(move.external_id)} in the system {system}"
        return f"There is no lead with the external id {name}."
    if lead.pk in live:
        return f"Lead {lead.pk} is live here. Its history is not imported."
    if is_closed(Stage(lead.stage)) and lead.stage != move.to:
        hint = " A won deal is reversed on its page." if lead.stage == Stage.WON else ""
        return f"Lead {lead.pk} is closed as “{Stage(lead.stage).label}”.{hint}"
    if day_of(move.at) < day_of(lead.stage_entered_at):
        stage, day = Stage(lead.stage).label, date_text(day_of(lead.stage_entered_at))
        return f"occurred_at: Lead {lead.pk} became “{stage}” only on {day}."
    return ""


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
