"""Read raw field values and a fingerprint from each line, by the columns of a map."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any, Final, NamedTuple
from uuid import UUID

from intake.imports.map_parsing import BadMap, Columns
from intake.imports.mapping import ImportMap
from intake.imports.moments import constant_moment, moment
from intake.imports.reader import folded_name
from leads.stages import Stage

Convert = Callable[[str], object]
Meanings = Mapping[str, object]

# In a table of values: every text that is not listed.
OTHER: Final = "*"
NO_MEANINGS: Final[Meanings] = {}


class MappedField(NamedTuple):
    places: tuple[int, ...]
    takes_first: bool
    meanings: Meanings
    convert: Convert | None


class RowReader:
    """A map applied to the header of a file."""

    def __init__(self, import_map: ImportMap, header: Sequence[str]) -> None:
        places = column_places(import_map, header)
        read_date = partial(moment, formats=import_map.date_formats, zone=import_map.zone)
        self._name = import_map.name
        self._constants = constants_of(import_map)
        self.has_key = bool(import_map.key)
        self._key_places = [places[column] for column in import_map.key]
        self._mapped_places = [places[column] for column in import_map.mapped_columns]
        self._conditions = [
            (places[column], texts, wanted)
            for table, wanted in ((import_map.only, True), (import_map.skip, False))
            for column, texts in table.items()
        ]
        self._empty = import_map.empty
        self._meanings = {
            places[column]: meanings
            for column, meanings in import_map.values.items()
            if column in places and column not in import_map.fields
        }
        convert: dict[str, Convert] = {"occurred_at": lru_cache(10_000)(read_date)}

        def mapped(name: str, columns: Columns, convert: Convert | None) -> MappedField:
            return MappedField(
                tuple(places[column] for column in columns.names),
                columns.takes_first,
                import_map.values.get(name, NO_MEANINGS),
                convert,
            )

        self._fields = {
            name: mapped(name, columns, convert.get(name))
            for name, columns in import_map.fields.items()
        }
        self._stage_dates = {
            stage: mapped("", columns, convert["occurred_at"])
            for stage, columns in import_map.stage_dates.items()
        }
        self._utm = {name: places[column] for name, column in import_map.utm.items()}
        self._answers = {name: places[column] for name, column in import_map.answers.items()}
        self.people = {person.column: places[person.column] for person in import_map.people}

    def is_wanted(self, cells: Sequence[str]) -> bool:
        """Check the line against [only] and [skip]."""
        return all(
            (folded_name(cells[place]) in texts) == wanted
            for place, texts, wanted in self._conditions
        )

    def fingerprint(self, cells: Sequence[str]) -> UUID:
        """Identify the line by its key, or without one by all columns that the map reads."""
        has_key = any(self._text(cells, place) for place in self._key_places)
        identifying = self._key_places if has_key else self._mapped_places
        return hash_text(
            "\x1f".join([self._name, *(cells[place].strip() for place in identifying)])
        )

    def values(self, cells: Sequence[str]) -> dict[str, Any]:
        """Return the values of a line; a `BadValue` stands for a value that cannot be read."""
        values = dict(self._constants)
        for name, mapped in self._fields.items():
            value = self._value(mapped, cells)
            if value != "":
                values[name] = value
        if "stage" not in values and self._states_stage(cells):
            values["stage"] = ""
        if self._utm:
            values["utm"] = self._filled(self._utm, cells)
        if self._answers:
            values["answers"] = self._filled(self._answers, cells)
        return values

    def stage_dates(self, cells: Sequence[str]) -> dict[Stage, object]:
        """Return the date of each stage that the line has one for, or a `BadValue`."""
        dates = {stage: self._value(field, cells) for stage, field in self._stage_dates.items()}
        return {stage: value for stage, value in dates.items() if value != ""}

    def _states_stage(self, cells: Sequence[str]) -> bool:
        """Check whether the line names a stage, though perhaps one without a meaning."""
        stage = self._fields.get("stage")
        return stage is not None and any(self._text(cells, place) for place in stage.places)

    def _value(self, field: MappedField, cells: Sequence[str]) -> object:
        if len(field.places) == 1:
            value = self._cell(cells, field.places[0])
        else:
            filled = [value for place in field.places if (value := self._cell(cells, place)) != ""]
            value = (
                filled[0]
                if filled and (field.takes_first or len(filled) == 1)
                else " ".join(map(str, filled))
            )
        if field.meanings and isinstance(value, str):
            value = meaning(field.meanings, value)
        return field.convert(value) if field.convert and isinstance(value, str) and value else value

    def _cell(self, cells: Sequence[str], place: int) -> object:
        """Return the text of a cell, or what it means by the table of values of its column."""
        text = self._text(cells, place)
        return meaning(self._meanings[place], text) if place in self._meanings else text

    def _text(self, cells: Sequence[str], place: int) -> str:
        text = cells[place].strip()
        return "" if self._empty and folded_name(text) in self._empty else text

    def _filled(self, places: Mapping[str, int], cells: Sequence[str]) -> dict[str, object]:
        values = ((name, self._cell(cells, place)) for name, place in places.items())
        return {name: value for name, value in values if value != ""}


def meaning(meanings: Meanings, text: str) -> object:
    """Translate a text without regard to case; an empty one only if the table names it."""
    folded = folded_name(text)
    if folded in meanings:
        return meanings[folded]
    return meanings.get(OTHER, text) if text else text


def constants_of(import_map: ImportMap) -> dict[str, object]:
    constants = dict(import_map.constants)
    if "occurred_at" in constants:
        constants["occurred_at"] = constant_moment(
            constants["occurred_at"], formats=import_map.date_formats, zone=import_map.zone
        )
    return constants


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
