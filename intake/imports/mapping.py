"""The map file: which column means which field; strict about its own spelling."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from intake.normalize import FIELDS
from leads.normalization.values import close_match
from leads.stages import CLOSED, FUNNEL, Stage
from people.roles import Role

Columns = tuple[str, ...]
E = TypeVar("E", bound=StrEnum)

TABLES: Final = frozenset({"fields", "constants", "utm", "answers", "values", "dates", "people"})
KEYS: Final = TABLES | {"name", "what", "as_stage", "to", "create_sources"}
PERSON_KEYS: Final = frozenset({"column", "stage", "role", "name", "is_owner"})
ON_THE_WAY: Final = frozenset(FUNNEL) - CLOSED
SOME_DAY: Final = datetime(2026, 3, 1, 9, 30, tzinfo=UTC)
MOVE_FIELDS: Final = frozenset({"external_id", "occurred_at"})


class BadMap(Exception):
    """What is wrong with a map, or with a file it should fit; worded for its author."""


class What(StrEnum):
    """What a line of the file says: somebody did something, or a known lead got on."""

    TOUCHES = "touches"
    MOVES = "moves"


@dataclass(frozen=True)
class Person:
    """A column with people of another system: who moved the lead to `stage`, and who holds it."""

    column: str
    stage: Stage
    role: Role
    name: str
    is_owner: bool = False


@dataclass(frozen=True)
class Map:
    name: str
    what: What
    fields: Mapping[str, Columns]
    as_stage: Stage = Stage.ENGAGED
    to: Stage | None = None
    create_sources: bool = False
    constants: Mapping[str, Any] = field(default_factory=dict)
    utm: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    date_formats: tuple[str, ...] = ()
    zone: ZoneInfo = ZoneInfo("UTC")
    people: tuple[Person, ...] = ()

    @property
    def columns(self) -> list[str]:
        """Every column the map names, in its order."""
        named = [column for columns in self.fields.values() for column in columns]
        named += [*self.utm.values(), *self.answers.values()]
        return list(dict.fromkeys(named + [person.column for person in self.people]))


def read_map(path: Path) -> Map:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadMap(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError:
        raise BadMap(f"{path} is not UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise BadMap(f"{path} is not TOML: {error}.") from None
    return map_from(data, default_name=path.stem)


def map_from(data: Mapping[str, Any], *, default_name: str) -> Map:
    check_names(data, KEYS, "key")
    what = one_of(What, data.get("what", What.TOUCHES), "what")
    dates = table(data, "dates")
    check_names(dates, {"formats", "zone"}, "key of dates")
    read = Map(
        name=text(data.get("name", default_name), "name"),
        what=what,
        fields={name: columns_of(name, given) for name, given in table(data, "fields").items()},
        as_stage=one_of(Stage, data.get("as_stage", Stage.ENGAGED), "as_stage"),
        to=one_of(Stage, data["to"], "to") if "to" in data else None,
        create_sources=flag(data.get("create_sources", False), "create_sources"),
        constants=table(data, "constants"),
        utm=texts(data, "utm"),
        answers=texts(data, "answers"),
        values={name: meanings(name, given) for name, given in table(data, "values").items()},
        date_formats=formats_of(dates.get("formats", [])),
        zone=zone_of(dates.get("zone", "UTC")),
        people=tuple(person_from(*each) for each in table(data, "people").items()),
    )
    check(read)
    return read


def check(read: Map) -> None:
    """Faults that no line could make good."""
    is_moves = read.what is What.MOVES
    known = MOVE_FIELDS if is_moves else FIELDS - {"utm", "answers"}
    for part in (read.fields, read.constants, read.values):
        check_names(part, known, "field")
    if not read.columns:
        raise BadMap("The map names no column; add a table [fields].")
    if not is_moves and read.people:
        raise BadMap("[people] belongs to a map of moves (what = “moves”).")
    if is_moves and (read.to is None or MOVE_FIELDS - read.fields.keys()):
        raise BadMap("A map of moves says `to`, and has the fields external_id and occurred_at.")
    if not {person.stage for person in read.people} <= ON_THE_WAY | {read.to}:
        raise BadMap("A stage of [people] is one on the way, such as sql, or that of `to`.")


def check_names(given: Collection[str], known: Collection[str], what: str) -> None:
    for name in given:
        if name not in known:
            hint = close_match(name, known) or f"Known: {', '.join(sorted(known))}."
            raise BadMap(f"Unknown {what} “{name}” in the map. {hint}")


def one_of(kind: type[E], given: Any, key: str) -> E:
    try:
        return kind(given)
    except ValueError:
        known = ", ".join(kind)
        raise BadMap(f"`{key}` is “{given}”; it must be one of {known}.") from None


def text(given: Any, key: str) -> str:
    if not isinstance(given, str) or not given:
        raise BadMap(f"`{key}` must be text.")
    return given


def flag(given: Any, key: str) -> bool:
    if not isinstance(given, bool):
        raise BadMap(f"`{key}` must be true or false.")
    return given


def table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    return as_table(data.get(key, {}), key)


def as_table(given: Any, key: str) -> Mapping[str, Any]:
    if not isinstance(given, dict):
        raise BadMap(f"`{key}` must be a table: [{key}].")
    return given


def texts(data: Mapping[str, Any], key: str) -> Mapping[str, str]:
    return {name: text(given, f"{key}.{name}") for name, given in table(data, key).items()}


def columns_of(name: str, given: Any) -> Columns:
    """One column, or several whose texts are joined by a space: first and last name."""
    columns = tuple(given) if isinstance(given, list) else (given,)
    if not columns or not all(isinstance(column, str) and column for column in columns):
        raise BadMap(f"`fields.{name}` must be a column's name, or a list of them.")
    return columns


def meanings(name: str, given: Any) -> dict[str, object]:
    key = f"values.{name}"
    return {word: meaning(f"{key}.{word}", each) for word, each in as_table(given, key).items()}


def meaning(key: str, given: Any) -> object:
    """A date as text, which is read as a cell is; numbers, true and false as they are."""
    if isinstance(given, date):
        return given.isoformat()
    if not isinstance(given, str | int | float):
        raise BadMap(f"`{key}` must be text, a number, a date, true or false.")
    return given


def formats_of(given: Any) -> tuple[str, ...]:
    formats = tuple(given) if isinstance(given, list) else (given,)
    if not all(isinstance(form, str) and form for form in formats):
        raise BadMap("`dates.formats` must be text, or a list of texts.")
    for form in formats:
        try:
            datetime.strptime(SOME_DAY.strftime(form), form)  # noqa: DTZ007  (only the format is tried)
        except (ValueError, re.error):
            raise BadMap(
                f"`dates.formats` has “{form}”, which reads no date; one such as %d.%m.%Y does."
            ) from None
    return formats


def zone_of(name: Any) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, TypeError, OSError):
        raise BadMap(f"`dates.zone` is “{name}”; it must be one such as Europe/Berlin.") from None


def person_from(name: str, given: Any) -> Person:
    if not isinstance(given, dict):
        raise BadMap(f"`people.{name}` must be a table.")
    check_names(given, PERSON_KEYS, f"key of people.{name}")
    return Person(
        column=text(given.get("column"), f"people.{name}.column"),
        stage=one_of(Stage, given.get("stage"), f"people.{name}.stage"),
        role=one_of(Role, given.get("role", Role.REP), f"people.{name}.role"),
        name=text(given.get("name", "Imported"), f"people.{name}.name"),
        is_owner=flag(given.get("is_owner", False), f"people.{name}.is_owner"),
    )
