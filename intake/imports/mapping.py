"""The map file of an import: which column is which field. Unknown names are errors."""

from __future__ import annotations

import codecs
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from django.conf import settings

from intake.normalize import FIELDS
from leads.enums import UNNAMED_SYSTEM
from leads.external_ids import system_name
from leads.normalization.values import close_match
from leads.stages import CLOSED, FUNNEL, Stage
from people.roles import Role

Columns = tuple[str, ...]
E = TypeVar("E", bound=StrEnum)

TABLES: Final = frozenset({"fields", "constants", "utm", "answers", "values", "dates", "people"})
KEYS: Final = TABLES | {
    *("name", "what", "key", "system", "as_stage", "to", "create_sources"),
    *("encoding", "delimiter"),
}
PERSON_KEYS: Final = frozenset({"column", "stage", "role", "name", "is_owner"})
INTERMEDIATE_STAGES: Final = frozenset(FUNNEL) - CLOSED
SAMPLE_DATE: Final = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
MOVE_FIELDS: Final = frozenset({"external_id", "occurred_at"})
# Maps written for release 0.1 use the role's name of that time.
OLD_ROLES: Final[Mapping[str, Role]] = {"seller": Role.REP}


class BadMap(Exception):
    """A map that is invalid or does not fit its file; the message is for the map's author."""


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
    name: str
    kind: ImportKind
    fields: Mapping[str, Columns]
    system: str = UNNAMED_SYSTEM
    key: Columns = ()
    encoding: str = ""
    delimiter: str = ""
    as_stage: Stage = Stage.ENGAGED
    to: Stage | None = None
    create_sources: bool = False
    constants: Mapping[str, Any] = field(default_factory=dict)
    utm: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    date_formats: tuple[str, ...] = ()
    zone: ZoneInfo = ZoneInfo("UTC")
    people: tuple[PersonColumn, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Return every column that the map names, in the order of the map."""
        return list(dict.fromkeys([*self.mapped_columns, *self.key]))

    @property
    def mapped_columns(self) -> list[str]:
        """Return the columns that are read into fields."""
        columns = [column for columns in self.fields.values() for column in columns]
        columns += [*self.utm.values(), *self.answers.values()]
        return list(dict.fromkeys(columns + [person.column for person in self.people]))


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
    kind = parse_enum(ImportKind, data.get("what", ImportKind.TOUCHES), "what")
    dates = parse_table(data, "dates")
    check_names(dates, {"formats", "zone"}, "key of dates")
    name = parse_text(data.get("name", default_name), "name")
    import_map = ImportMap(
        name=name,
        kind=kind,
        fields={
            name: parse_columns(f"fields.{name}", columns)
            for name, columns in parse_table(data, "fields").items()
        },
        system=parse_system(data.get("system", name)),
        key=parse_columns("key", data["key"]) if "key" in data else (),
        encoding=parse_encoding(data["encoding"]) if "encoding" in data else "",
        delimiter=parse_delimiter(data["delimiter"]) if "delimiter" in data else "",
        as_stage=parse_enum(Stage, data.get("as_stage", Stage.ENGAGED), "as_stage"),
        to=parse_enum(Stage, data["to"], "to") if "to" in data else None,
        create_sources=parse_flag(data.get("create_sources", False), "create_sources"),
        constants=parse_table(data, "constants"),
        utm=parse_texts(data, "utm"),
        answers=parse_texts(data, "answers"),
        values={
            name: parse_meanings(name, meanings)
            for name, meanings in parse_table(data, "values").items()
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
    known = MOVE_FIELDS if is_moves else FIELDS - {"utm", "answers"}
    for part in (import_map.fields, import_map.constants, import_map.values):
        check_names(part, known, "field")
    if not import_map.columns:
        raise BadMap("The map names no column. Add a table [fields].")
    if is_moves and import_map.key:
        raise BadMap("A map of stage moves has no `key`: each lead moves once to a stage.")
    if not is_moves and import_map.people:
        raise BadMap("[people] requires a map of stage moves: add what = “moves”.")
    if is_moves and (import_map.to is None or MOVE_FIELDS - import_map.fields.keys()):
        raise BadMap(
            "A map of stage moves requires `to` and the fields external_id and occurred_at."
        )
    if not {person.stage for person in import_map.people} <= INTERMEDIATE_STAGES | {import_map.to}:
        raise BadMap("A stage in [people] must be an open stage, such as sql, or the one of `to`.")


def check_names(names: Collection[str], known: Collection[str], kind: str) -> None:
    for name in names:
        if name not in known:
            hint = close_match(name, known) or f"Known: {', '.join(sorted(known))}."
            raise BadMap(f"Unknown {kind} “{name}” in the map. {hint}")


def parse_enum(enum: type[E], value: Any, key: str) -> E:
    try:
        return enum(value)
    except ValueError:
        known = ", ".join(enum)
        raise BadMap(f"`{key}` is “{value}”. It must be one of {known}.") from None


def parse_text(value: Any, key: str) -> str:
    if not isinstance(value, str) or not value:
        raise BadMap(f"`{key}` must be text.")
    return value


def parse_system(value: Any) -> str:
    """Return the name of the source system, which external ids belong to."""
    name = system_name(parse_text(value, "system"))
    if not name:
        raise BadMap("`system` must be a name, such as “crm”.")
    return name


def parse_encoding(value: Any) -> str:
    try:
        return codecs.lookup(parse_text(value, "encoding")).name
    except LookupError:
        raise BadMap(
            f"`encoding` is “{value}”. It must be an encoding such as utf-8 or cp1250."
        ) from None


def parse_delimiter(value: Any) -> str:
    if not isinstance(value, str) or len(value) != 1 or value in '"\r\n':
        raise BadMap("`delimiter` must be one character, such as “;”.")
    return value


def parse_flag(value: Any, key: str) -> bool:
    if not isinstance(value, bool):
        raise BadMap(f"`{key}` must be true or false.")
    return value


def parse_table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return as_table(data.get(key, {}), key)


def as_table(value: Any, key: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise BadMap(f"`{key}` must be a table: [{key}].")
    return value


def parse_texts(data: Mapping[str, Any], key: str) -> Mapping[str, str]:
    table = parse_table(data, key)
    return {name: parse_text(value, f"{key}.{name}") for name, value in table.items()}


def parse_columns(name: str, value: Any) -> Columns:
    """Return one column, or several whose texts are joined by a space (first and last name)."""
    columns = tuple(value) if isinstance(value, list) else (value,)
    if not columns or not all(isinstance(column, str) and column for column in columns):
        raise BadMap(f"`{name}` must be a column name or a list of column names.")
    return columns


def parse_meanings(name: str, value: Any) -> dict[str, object]:
    key = f"values.{name}"
    table = as_table(value, key)
    return {text: parse_meaning(f"{key}.{text}", meaning) for text, meaning in table.items()}


def parse_meaning(key: str, value: Any) -> object:
    """Return dates as text, which is parsed like a cell; numbers and booleans unchanged."""
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, str | int | float):
        raise BadMap(f"`{key}` must be text, a number, a date, true or false.")
    return value


def parse_formats(value: Any) -> tuple[str, ...]:
    formats = tuple(value) if isinstance(value, list) else (value,)
    if not all(isinstance(form, str) and form for form in formats):
        raise BadMap("`dates.formats` must be text or a list of texts.")
    for form in formats:
        try:
            datetime.strptime(SAMPLE_DATE.strftime(form), form)  # noqa: DTZ007  (only the format is tried)
        except (ValueError, re.error):
            raise BadMap(
                f"`dates.formats` has “{form}”, which is not a date format. "
                "Use a format such as %d.%m.%Y."
            ) from None
    return formats


def parse_zone(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError):
        raise BadMap(
            f"`dates.zone` is “{name}”. It must be a time zone such as Europe/Berlin."
        ) from None


def parse_person(name: str, value: Any) -> PersonColumn:
    if not isinstance(value, dict):
        raise BadMap(f"`people.{name}` must be a table.")
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
