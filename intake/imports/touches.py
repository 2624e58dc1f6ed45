"""Import touches: each line is received once, through the pipeline of all touches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import cache
from typing import Any, Final, NamedTuple
from uuid import UUID

from django.db import transaction

from core.retries import with_retries
from core.unit_of_work import UnitOfWork
from handoff.history import (
    LeadHistory,
    complete_owner,
    entered,
    live_lead_ids,
    lock_unowned,
    tell_on,
)
from handoff.models import Handoff
from handoff.pipeline import Receipt, receive_many
from intake.account_owners import account_owner, remembering
from intake.imports.details import OLD_AFTER, ImportDetails
from intake.imports.external_users import Owners
from intake.imports.line_history import HistoryReader, LineHistory, split_history
from intake.imports.lines import (
    ROW_ERRORS,
    compared_with_imported,
    imported_line,
    incomplete_line,
    not_yet_imported,
    row_error,
)
from intake.imports.map_checks import check_against
from intake.imports.mapping import ImportMap
from intake.imports.new_codes import NewCodes
from intake.imports.reader import BadLine, CsvLine
from intake.imports.report import ImportSummary
from intake.imports.rows import RowReader, hash_text
from intake.models import ImportedLine
from intake.normalize import InvalidTouch, Vocabulary, normalize
from leads.capture import complete
from leads.configuration import configuration
from leads.contact_state import ContactState, read_contact_states
from leads.enums import UNNAMED_SYSTEM
from leads.external_ids import ensure_system, find_system, system_name
from leads.import_batch import ImportBatch
from leads.models import Campaign, Source
from leads.normalization.identity import is_placeholder
from leads.normalization.values import MIN_MOMENT, BadValue, quoted
from leads.stages import Stage, is_closed
from leads.touches import Incoming, SetAside, TouchIn

# A wrong date would change every report, so it is not replaced by today.
REQUIRED: Final = frozenset({"occurred_at"})
NO_DATE: Final = BadValue("Required with --historical.")
UNKNOWN_CONTACT: Final = "It is not known by the email or external id of this line."
NO_HISTORY: Final = LineHistory(entered(Stage.NEW))
NOT_SHOWN: Final = frozenset(
    {"set_aside", "email_is_corporate", "domain", "phone_extension", "system"}
)


@dataclass(frozen=True, slots=True)
class PreparedTouch:
    """A line as a touch; `names` are of sources and campaigns that the map may create."""

    line: CsvLine
    fingerprint: UUID
    touch: TouchIn
    names: tuple[tuple[str, str], ...] = ()
    past: LineHistory = NO_HISTORY
    history: LeadHistory | None = None
    content: UUID | None = None


class StoredLines(NamedTuple):
    """Lines by what they did; those in `left` changed nothing."""

    fresh: list[PreparedTouch]
    updated: list[PreparedTouch]
    left: list[PreparedTouch]
    receipts: list[Receipt]


class TouchImport:
    run_id: int | None = None

    def __init__(self, import_map: ImportMap, rows: RowReader, *, is_historical: bool) -> None:
        self._rows = rows
        self.has_dates = "occurred_at" in import_map.stated_fields
        self._via = f"csv:{import_map.name}"[:100]
        self._is_historical = is_historical
        self._default_stage = import_map.as_stage
        self._has_owners = "owner" in import_map.stated_fields
        self._read_owners: Callable[[], Owners] = Owners
        self._has_ids = "external_id" in import_map.stated_fields
        self._system = UNNAMED_SYSTEM
        if self._has_ids:
            self._system = find_system(import_map.system) or import_map.system
        is_own = import_map.system == system_name(import_map.name)
        self._other_system = "" if is_own else f"\x1f{self._system}"
        self._vocabulary = Vocabulary.of(
            configuration.now(), account_owner=remembering(account_owner)
        )
        self._history = HistoryReader()
        self._new_codes: dict[str, NewCodes] = {}
        if import_map.create_sources:
            self._new_codes["source"] = NewCodes(Source)
        if import_map.create_campaigns:
            self._new_codes["campaign"] = NewCodes(Campaign)
        check_against(import_map, self._vocabulary, self._history.reasons, self._new_codes)

    def import_batch(
        self, lines: Sequence[CsvLine], summary: ImportSummary, at: datetime
    ) -> list[BadLine]:
        """Receive the touches in one transaction; line by line if one line fails the batch."""
        self._read_owners = cache(Owners)
        for codes in self._new_codes.values():
            codes.read_again()
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

    def relations(self, line: CsvLine, at: datetime) -> Iterator[str]:
        """Return what a line shares with others that change what happens to it."""
        yield f"line {self._rows.fingerprint(line.cells)}"
        try:
            touch = self._read_line(line, at).touch
        except InvalidTouch:
            return
        for name in ("email", "external_id", "phone"):
            value = getattr(touch, name)
            if value and not (name == "phone" and is_placeholder(value)):
                yield f"{name} {value}"

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
                touch = self._read_line(line, at)
            except InvalidTouch as error:
                parts = tuple(f"{part.field}: {part.message}" for part in error.errors)
                bad.append(BadLine(line.number, line.cells, str(error), parts=parts))
            else:
                prepared.setdefault((touch.fingerprint, touch.content), touch)
        return list(prepared.values()), bad

    def _read_line(self, line: CsvLine, at: datetime) -> PreparedTouch:
        """Return the touch, what its lead was before, and the names of codes to create."""
        values = self._rows.values(line.cells)
        statements = split_history(values)
        if self._is_historical:
            values.setdefault("occurred_at", NO_DATE)
        names = []
        for field, codes in self._new_codes.items():
            if field in values:
                try:
                    names.append((field, codes.read_name(values.pop(field))))
                except BadValue as bad:
                    values[field] = bad
        touch = normalize(values, self._vocabulary, at=at, required=REQUIRED, system=self._system)
        past = NO_HISTORY
        if self._is_historical:
            past = self._history.read(
                statements,
                self._rows.stage_dates(line.cells),
                default=self._default_stage,
                occurred_at=touch.occurred_at,
                at=at,
            )
        fingerprint = self._rows.fingerprint(line.cells)
        prepared = PreparedTouch(line, fingerprint, touch, tuple(names), past)
        if not self._rows.has_key:
            return prepared
        return replace(prepared, content=self._content(prepared))

    def _content(self, prepared: PreparedTouch) -> UUID:
        """Identify what the line says, as the map reads it today."""
        touch, past = prepared.touch, prepared.past
        if not self.has_dates:
            touch = replace(touch, occurred_at=MIN_MOMENT)
        statements = f"\x1f{past}" if past != NO_HISTORY and past.history.continues else ""
        names = "\x1f".join(name for _, name in prepared.names)
        owner = f"\x1fowner {touch.account_owner}" if touch.account_owner else ""
        return hash_text(f"{names}\x1f{touch}{owner}{self._other_system}{statements}")

    def _store(
        self, prepared: Sequence[PreparedTouch], summary: ImportSummary, at: datetime
    ) -> list[BadLine]:
        """Import the lines and return those that are incomplete."""
        fresh, updated, left, receipts = with_retries(lambda: self._receive(prepared, at))
        new = sum(receipt.is_new for receipt in receipts)
        summary.new += new
        summary.repeats += len(receipts) - new
        summary.updated += len(updated)
        summary.already_imported += len(prepared) - len(receipts) - len(updated)
        self._note(fresh, receipts, summary.details, at)
        kept = {
            line.line.number: kept_stage(receipt)
            for line, receipt in zip(fresh, receipts, strict=True)
            if receipt.is_live and line.past.history.continues
        }
        return incomplete_lines([*fresh, *updated, *left], kept)

    def _note(
        self,
        fresh: Sequence[PreparedTouch],
        receipts: Sequence[Receipt],
        details: ImportDetails,
        at: datetime,
    ) -> None:
        for line in fresh[:3]:
            details.add_sample(line.line.number, shown_values(line))
        dates = [line.touch.occurred_at for line in fresh]
        details.add_dates(dates)
        if not self._is_historical:
            details.old_live_lines += sum(moment < at - OLD_AFTER for moment in dates)
        for line in fresh:
            for field, name in line.names:
                if new := self._new_codes[field].created(name):
                    details.add_code(new)
        details.stages.update(Stage(row.stage).label for row in receipts if row.is_new)
        details.add_assignments(assignments_of(receipts))

    @transaction.atomic
    def _receive(self, prepared: Sequence[PreparedTouch], at: datetime) -> StoredLines:
        """Receive the new lines, and update contacts and leads by the others."""
        if self._has_ids:
            ensure_system(self._system)
        owners = cache(lambda: self._read_owners().copy())
        new, again, same = compared_with_imported(prepared)
        fresh, changed = self._complete(new, owners), self._complete(again, owners)
        receipts = receive_many(
            [line.touch for line in fresh],
            at=at,
            via=self._via,
            histories=[line.history or line.past.history for line in fresh]
            if self._is_historical
            else None,
            also_write=lambda receipts: [
                imported_line(line, at, run_id=self.run_id, touch_id=receipt.touch_id)
                for line, receipt in zip(fresh, receipts, strict=True)
            ],
        )
        updated, left = update_contacts(changed, at=at, via=self._via)
        return StoredLines(fresh, [*updated, *complete_owners(same, owners)], left, receipts)

    def _complete(
        self, lines: Sequence[PreparedTouch], owners: Callable[[], Owners]
    ) -> list[PreparedTouch]:
        """Add codes and owners, which are created only for lines that will be imported."""
        with_codes = [self._with_codes(line) for line in lines]
        return self._with_owners(with_codes, owners) if self._is_historical else with_codes

    def _with_codes(self, line: PreparedTouch) -> PreparedTouch:
        codes: dict[str, Any] = {
            field: self._new_codes[field].find(name)
            or self._new_codes[field].ensure(name, run_id=self.run_id)
            for field, name in line.names
        }
        return replace(line, touch=replace(line.touch, **codes)) if codes else line

    def _with_owners(
        self, lines: Sequence[PreparedTouch], read_owners: Callable[[], Owners]
    ) -> list[PreparedTouch]:
        owners = read_owners() if self._has_owners and lines else None
        if owners is not None:
            closed = [line for line in lines if is_closed(line.past.stage)]
            owners.add_former({line.past.owner for line in closed if line.past.owner})
        return [with_history(line, owners) for line in lines]


def with_history(line: PreparedTouch, owners: Owners | None) -> PreparedTouch:
    """Add the history with the owner, and set aside with the touch what could not be used."""
    past, history = line.past, line.past.history
    problems = past.set_aside
    if owners is not None and past.owner:
        problem = owners.problem(past.owner, is_open=not is_closed(past.stage))
        owner_id = None if problem else owners.find(past.owner)
        history = replace(history, owner_id=owner_id, may_hold_open=owner_id in owners.who_answer)
        if problem:
            problems += (SetAside(field="owner", value=past.owner, reason=problem),)
    if not problems:
        return replace(line, history=history)
    touch = replace(line.touch, set_aside=line.touch.set_aside + problems)
    return replace(line, touch=touch, history=history)


def update_contacts(
    lines: Sequence[PreparedTouch], *, at: datetime, via: str
) -> tuple[list[PreparedTouch], list[PreparedTouch]]:
    """Complete contacts, companies and leads by lines that are imported, without a touch.

    Return the lines that did so, and those whose contact is not known.
    """
    if not lines:
        return [], []
    work, batch, config = UnitOfWork(), ImportBatch(), configuration.now()
    updated, left = [], []
    known = read_known_contacts(lines)
    live = live_lead_ids([state.lead for _, state in known if state.lead is not None])
    for line, read in known:
        state = batch.merge(line.touch, read)
        if state.contact is None:
            left.append(with_problem(line, "contact", line.touch.email, UNKNOWN_CONTACT))
            continue
        complete(work, state, Incoming(line.touch, at, via), config)
        if line.history and line.history.continues and state.lead and state.lead.pk not in live:
            tell_on(work, state.lead, line.history)
        batch.remember(line.touch, state)
        updated.append(line)
    work.write()
    ImportedLine.objects.bulk_create(
        {line.fingerprint: imported_line(line, at) for line in updated}.values(),
        update_conflicts=True,
        unique_fields=["fingerprint"],
        update_fields=["content"],
    )
    return updated, left


def read_known_contacts(
    lines: Sequence[PreparedTouch],
) -> list[tuple[PreparedTouch, ContactState]]:
    """Return the contact of each line; if it states a new address, the one of its own touch."""
    states, _ = read_contact_states([line.touch for line in lines])
    known = list(zip(lines, states, strict=True))
    unknown = [line.fingerprint for line, state in known if state.contact is None]
    if not unknown:
        return known
    own = ImportedLine.objects.filter(fingerprint__in=unknown, touch__contact__email__gt="")
    emails = dict(own.values_list("fingerprint", "touch__contact__email"))
    kept = [
        with_address(line, email)
        if state.contact is None and (email := emails.get(line.fingerprint))
        else line
        for line, state in known
    ]
    states, _ = read_contact_states([line.touch for line in kept])
    return list(zip(kept, states, strict=True))


def with_address(line: PreparedTouch, email: str) -> PreparedTouch:
    """Use the address of the contact, and report the stated one, which never replaces it."""
    kept = f"The contact keeps the address {quoted(email)}."
    reason = f"{kept} Change it under Contacts in the admin."
    problem = with_problem(line, "email", line.touch.email, reason)
    return replace(problem, touch=replace(problem.touch, email=email))


def with_problem(line: PreparedTouch, field: str, value: str, reason: str) -> PreparedTouch:
    problem = SetAside(field=field, value=value, reason=reason)
    return replace(line, touch=replace(line.touch, set_aside=(*line.touch.set_aside, problem)))


def complete_owners(
    lines: Sequence[PreparedTouch], read_owners: Callable[[], Owners]
) -> list[PreparedTouch]:
    """Give leads the owners who were not known when their lines were imported; the latest wins."""
    naming = {line.fingerprint: line for line in lines if line.past.owner}
    if not naming:
        return []
    imported = ImportedLine.objects.filter(fingerprint__in=naming, touch__lead__owner=None)
    latest_first = imported.order_by("-touch__occurred_at", "-touch")
    lead_ids = dict(latest_first.values_list("fingerprint", "touch__lead"))
    leads = lock_unowned(lead_ids.values()) if lead_ids else {}
    if not leads:
        return []
    work, owners, completed = UnitOfWork(), read_owners(), []
    for fingerprint, lead_id in lead_ids.items():
        line = with_history(naming[fingerprint], owners)
        if line.history and lead_id in leads and complete_owner(work, leads[lead_id], line.history):
            completed.append(line)
    work.write()
    return completed


def kept_stage(receipt: Receipt) -> str:
    return f"stage: Lead {receipt.lead_id} is worked here and stays “{Stage(receipt.stage).label}”."


def incomplete_lines(lines: Sequence[PreparedTouch], kept: Mapping[int, str]) -> list[BadLine]:
    incomplete = []
    for prepared in lines:
        line = prepared.line
        problems = [f"{value['field']}: {value['reason']}" for value in prepared.touch.set_aside]
        if line.number in kept:
            problems.append(kept[line.number])
        if problems:
            incomplete.append(incomplete_line(line, problems))
    return incomplete


def shown_values(line: PreparedTouch) -> dict[str, object]:
    """Return what was read of a line, without what is unknown."""
    touch: dict[str, Any] = {
        field.name: getattr(line.touch, field.name)
        for field in fields(TouchIn)
        if field.name not in NOT_SHOWN
    }
    past = line.past.history
    statements = {
        "stage": " → ".join(reached.stage.label for reached in past.stages),
        "reason": past.reason,
        "owner": line.past.owner,
        "amount": f"{past.amount} {past.currency}" if past.amount is not None else "",
    }
    values = touch | (statements if line.history else {})
    return {name: value for name, value in values.items() if value not in ("", None, {}, ())}


def assignments_of(receipts: Sequence[Receipt]) -> list[tuple[str, str]]:
    """Return the rule and the pool, queue or person of each handoff."""
    ids = [receipt.handoff_id for receipt in receipts if receipt.handoff_id is not None]
    if not ids:
        return []
    offered = Handoff.objects.filter(pk__in=ids).values_list(
        "decision__rule__name", "decision__team__name", "owner__name", "queue__name"
    )
    return [(rule or "No rule", team or queue or owner) for rule, team, owner, queue in offered]
