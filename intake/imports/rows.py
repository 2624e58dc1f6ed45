"""Read raw field values and a fingerprint from each line, by the columns of a map."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from intake.imports.mapping import BadMap, ImportMap
from intake.imports.reader import folded_name
from leads.normalization.values import BadValue, quoted

Convert = Callable[[str], object]

ISO_8601: Final = "ISO 8601"


class MappedField(NamedTuple):
    name: str
    places: tuple[int, ...]
    meanings: Mapping[str, object]
    convert: Convert | None


class RowReader:
    """A map applied to the header of a file."""

    def __init__(self, import_map: ImportMap, header: Sequence[str]) -> None:
        places = column_places(import_map, header)
        self._name = import_map.name
        self._constants = dict(import_map.constants)
        self.has_key = bool(import_map.key)
        identifying = import_map.key or import_map.mapped_columns
        self._places = [places[column] for column in identifying]
        read_date = partial(moment, formats=import_map.date_formats, zone=import_map.zone)
        convert: dict[str, Convert] = {
            "occurred_at": lru_cache(10_000)(read_date),
        }
        self._fields = [
            MappedField(
                name,
                tuple(places[column] for column in columns),
                import_map.values.get(name, {}),
                convert.get(name),
            )
            for name, columns in import_map.fields.items()
        ]
        self._utm = {name: places[column] for name, column in import_map.utm.items()}
        self._answers = {name: places[column] for name, column in import_map.answers.items()}
        self.people = {person.column: places[person.column] for person in import_map.people}

    def fingerprint(self, cells: Sequence[str]) -> UUID:
        """Identify the line by its key columns, else by all columns that the map reads."""
        return hash_text(
            "\x1f".join([self._name, *(cells[place].strip() for place in self._places)])
        )

    def values(self, cells: Sequence[str]) -> dict[str, Any]:
        """Return the values of a line; a `BadValue` stands for a value that cannot be read."""
        values = dict(self._constants)
        for name, places, meanings, convert in self._fields:
            text = (
                cells[places[0]].strip()
                if len(places) == 1
                else " ".join(filter(None, (cells[place].strip() for place in places)))
            )
            value = meanings.get(text, text)
            if value != "":
                values[name] = convert(value) if convert and isinstance(value, str) else value
        if self._utm:
            values["utm"] = non_empty(self._utm, cells)
        if self._answers:
            values["answers"] = non_empty(self._answers, cells)
        return values


def hash_text(text: str) -> UUID:
    digest = blake2b(text.encode("utf-8", "backslashreplace"), digest_size=16)
    return UUID(bytes=digest.digest())


def column_places(import_map: ImportMap, header: Sequence[str]) -> dict[str, int]:
    """Return the place of each column: of its exact name, else of one that reads alike."""
    folded = [folded_name(name) for name in header]
    places = {}
    for column in import_map.columns:
        names, wanted = (header, column) if column in header else (folded, folded_name(column))
        if wanted not in names:
            raise BadMap(f"The file has no column “{column}”. Its columns: {', '.join(header)}.")
        if list(names).count(wanted) > 1:
            raise BadMap(f"The column “{column}” occurs twice in the header of the file.")
        places[column] = list(names).index(wanted)
    return places


def non_empty(places: Mapping[str, int], cells: Sequence[str]) -> dict[str, str]:
    texts = ((name, cells[place].strip()) for name, place in places.items())
    return {name: text for name, text in texts if text}


def moment(text: str, *, formats: Sequence[str], zone: ZoneInfo) -> datetime | BadValue:
    """Read a date or time in one of the formats or ISO 8601, in `zone` if it names none."""
    for form in (*formats, ISO_8601):
        try:
            value = parse_date(text, form)
        except ValueError:
            continue
        return value if value.tzinfo else value.replace(tzinfo=zone)
    known = ", ".join((*formats, ISO_8601))
    return BadValue(f"{quoted(text)} does not match a date format in the map ({known}).")


def parse_date(text: str, form: str) -> datetime:
    if form == ISO_8601:
        return datetime.fromisoformat(text)
    return datetime.strptime(text, form)  # noqa: DTZ007  (the caller adds the zone)
