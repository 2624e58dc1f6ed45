"""The map file of an import: which column is which field. Unknown names are errors."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.conf import settings

from intake.imports.map_parsing import (
    BadMap,
    Columns,
    as_table,
    check_names,
    parse_columns,
    parse_conditions,
    parse_delimiter,
    parse_encoding,
    parse_enum,
    parse_field,
    parse_flag,
    parse_formats,
    parse_meanings,
    parse_skipped_lines,
    parse_system,
    parse_table,
    parse_text,
    parse_texts,
    parse_words,
    parse_zone,
)
from intake.normalize import FIELDS
from leads.enums import UNNAMED_SYSTEM
from leads.stages import CLOSED, FUNNEL, Stage
from people.roles import Role

__all__ = ["BadMap", "ImportKind", "ImportMap", "PersonColumn", "parse_map", "read_map"]

TABLES: Final = frozenset(
    {
        *("fields", "constants", "utm", "answers", "values", "dates", "people"),
        *("only", "skip", "stage_dates"),
    }
)
KEYS: Final = TABLES | {
    *("name", "what", "system", "key", "as_stage", "to", "create_sources", "create_campaigns"),
    *("encoding", "delimiter", "skip_lines", "empty"),
}
PERSON_KEYS: Final = frozenset({"column", "stage", "role", "name", "is_owner"})
INTERMEDIATE_STAGES: Final = frozenset(FUNNEL) - CLOSED
# Statements of a line about its lead, beside the touch or the move.
HISTORY_FIELDS: Final = frozenset({"stage", "reason", "owner", "amount", "currency"})
MOVE_FIELDS: Final = frozenset({"external_id", "occurred_at"})
TOUCH_FIELDS: Final = FIELDS - {"utm", "answers"}
# Maps written for release 0.1 use the role's name of that time.
OLD_ROLES: Final[Mapping[str, Role]] = {"seller": Role.REP}


class ImportKind(StrEnum):
    """The meaning of a line: a touch of a contact, or a stage move of a known lead."""

    TOUCHES = "touches"
    MOVES = "moves"


@dataclass(frozen=True)
class PersonColumn:
    """A column of user ids from another system: the people who moved the lead to `stage`."""

    column: str
    stage: Stage
    role: Role
    name: str
    is_owner: bool = False


@dataclass(frozen=True)
class ImportMap:
    """`values` are by field or column; its texts, `empty`, `only` and `skip` are folded."""

    name: str
    kind: ImportKind
    fields: Mapping[str, Columns]
    system: str = UNNAMED_SYSTEM
    key: tuple[str, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    skip_lines: int = 0
    empty: frozenset[str] = frozenset()
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)
    skip: Mapping[str, frozenset[str]] = field(default_factory=dict)
    as_stage: Stage = Stage.ENGAGED
    to: Stage | None = None
    create_sources: bool = False
    create_campaigns: bool = False
    constants: Mapping[str, Any] = field(default_factory=dict)
    utm: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    stage_dates: Mapping[Stage, Columns] = field(default_factory=dict)
    date_formats: tuple[str, ...] = ()
    zone: ZoneInfo = ZoneInfo("UTC")
    people: tuple[PersonColumn, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Return every column that the map names, in the order of the map."""
        return unique([*self.mapped_columns, *self.key, *self.only, *self.skip])

    @property
    def mapped_columns(self) -> list[str]:
        """Return the columns that are read into fields."""
        read = [*self.fields.values(), *self.stage_dates.values()]
        columns = [name for columns in read for name in columns.names]
        columns += [*self.utm.values(), *self.answers.values()]
        return unique(columns + [person.column for person in self.people])

    @property
    def stated_fields(self) -> frozenset[str]:
        """Return the fields that a line may have a value for."""
        return frozenset({*self.fields, *self.constants})

    @property
    def tells_history(self) -> bool:
        return bool(self.stage_dates) or not HISTORY_FIELDS.isdisjoint(self.stated_fields)


def unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def read_map(path: Path) -> ImportMap:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadMap(f"Cannot read {path}: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadMap(f"{path} is not UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadMap(f"{path} is not TOML: {error}.") from None
    return parse_map(data, default_name=path.stem)


def parse_map(data: Mapping[str, Any], *, default_name: str) -> ImportMap:
    check_names(data, KEYS, "key")
    dates = parse_table(data, "dates")
    check_names(dates, {"formats", "zone"}, "key of dates")
    name = parse_text(data.get("name", default_name), "name")
    import_map = ImportMap(
        name=name,
        kind=parse_enum(ImportKind, data.get("what", ImportKind.TOUCHES), "what"),
        fields={
            name: parse_field(f"fields.{name}", columns)
            for name, columns in parse_table(data, "fields").items()
        },
        system=parse_system(data.get("system", name)),
        key=parse_columns("key", data["key"]) if "key" in data else (),
        encoding=parse_encoding(data["encoding"]) if "encoding" in data else "",
        delimiter=parse_delimiter(data["delimiter"]) if "delimiter" in data else "",
        skip_lines=parse_skipped_lines(data.get("skip_lines", 0)),
        empty=parse_words("empty", data.get("empty", [])),
        only=parse_conditions(data, "only"),
        skip=parse_conditions(data, "skip"),
        as_stage=parse_enum(Stage, data.get("as_stage", Stage.ENGAGED), "as_stage"),
        to=parse_enum(Stage, data["to"], "to") if "to" in data else None,
        create_sources=parse_flag(data.get("create_sources", False), "create_sources"),
        create_campaigns=parse_flag(data.get("create_campaigns", False), "create_campaigns"),
        constants=parse_table(data, "constants"),
        utm=parse_texts(data, "utm"),
        answers=parse_texts(data, "answers"),
        values={
            name: parse_meanings(name, meanings)
            for name, meanings in parse_table(data, "values").items()
        },
        stage_dates={
            parse_enum(Stage, stage, "stage_dates"): parse_field(f"stage_dates.{stage}", columns)
            for stage, columns in parse_table(data, "stage_dates").items()
        },
        date_formats=parse_formats(dates.get("formats", [])),
        zone=parse_zone(dates.get("zone", settings.REPORTING_TIME_ZONE)),
        people=tuple(parse_person(*entry) for entry in parse_table(data, "people").items()),
    )
    check_map(import_map)
    return import_map


def check_map(import_map: ImportMap) -> None:
    """Raise BadMap for a map with which every line would fail."""
    is_moves = import_map.kind is ImportKind.MOVES
    known = (MOVE_FIELDS if is_moves else TOUCH_FIELDS) | HISTORY_FIELDS
    for part in (import_map.fields, import_map.constants):
        check_names(part, known, "field")
    if not import_map.columns:
        raise BadMap("The map names no column. Add a table [fields].")
    check_names(import_map.values, known | {*import_map.columns}, "field or column")
    if is_moves:
        check_moves(import_map)
    elif import_map.people:
        raise BadMap("[people] requires a map of stage moves: add what = “moves”.")


def check_moves(import_map: ImportMap) -> None:
    if import_map.key:
        raise BadMap("A map of stage moves has no `key`: each lead moves once to a stage.")
    if import_map.stage_dates:
        raise BadMap("A map of stage moves has no [stage_dates]: each line is one move.")
    has_stage = import_map.to is not None or "stage" in import_map.stated_fields
    if not has_stage or MOVE_FIELDS - import_map.stated_fields:
        raise BadMap(
            "A map of stage moves requires the fields external_id and occurred_at, and `to` or "
            "the field stage."
        )
    stages = {person.stage for person in import_map.people}
    allowed = {*Stage} if "stage" in import_map.stated_fields else INTERMEDIATE_STAGES
    if not stages <= allowed | {import_map.to}:
        raise BadMap("A stage in [people] must be an open stage, such as sql, or the one of `to`.")


def parse_person(name: str, value: Any) -> PersonColumn:
    as_table(value, f"people.{name}")
    check_names(value, PERSON_KEYS, f"key of people.{name}")
    role = value.get("role", Role.REP)
    if isinstance(role, str):
        role = OLD_ROLES.get(role, role)
    return PersonColumn(
        column=parse_text(value.get("column"), f"people.{name}.column"),
        stage=parse_enum(Stage, value.get("stage"), f"people.{name}.stage"),
        role=parse_enum(Role, role, f"people.{name}.role"),
        name=parse_text(value.get("name", "Imported"), f"people.{name}.name"),
        is_owner=parse_flag(value.get("is_owner", False), f"people.{name}.is_owner"),
    )
