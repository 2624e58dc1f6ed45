"""A map laid over a header: raw values and a fingerprint out of each line."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from hashlib import blake2b
from typing import Any, Final, NamedTuple
from uuid import UUID

from intake.imports.mapping import BadMap, Map
from leads.normalization.values import BadValue, quoted

Convert = Callable[[str], object]

YES: Final = frozenset({"1", "true", "yes", "y"})
ISO_8601: Final = "ISO 8601"
NO: Final = frozenset({"0", "false", "no", "n"})


class Field(NamedTuple):
    name: str
    places: tuple[int, ...]
    words: Mapping[str, object]
    convert: Convert | None


class Rows:
    """Where in a line each field of the map stands."""

    def __init__(self, plan: Map, header: Sequence[str]) -> None:
        places = places_of(plan, header)
        self._name = plan.name
        self._constants = dict(plan.constants)
        self._places = [places[column] for column in plan.columns]
        convert: dict[str, Convert] = {
            "occurred_at": lru_cache(10_000)(partial(moment, formats=plan.date_formats, plan=plan)),
            "employees": integer,
            "consent": boolean,
        }
        self._fields = [
            Field(
                name,
                tuple(places[column] for column in columns),
                plan.values.get(name, {}),
                convert.get(name),
            )
            for name, columns in plan.fields.items()
        ]
        self._utm = {name: places[column] for name, column in plan.utm.items()}
        self._answers = {name: places[column] for name, column in plan.answers.items()}
        self.people = {person.column: places[person.column] for person in plan.people}

    def fingerprint(self, cells: Sequence[str]) -> UUID:
        """The same for the same content, whatever the file's encoding or its other columns."""
        content = "\x1f".join([self._name, *(cells[place].strip() for place in self._places)])
        digest = blake2b(content.encode("utf-8", "backslashreplace"), digest_size=16)
        return UUID(bytes=digest.digest())

    def values(self, cells: Sequence[str]) -> dict[str, Any]:
        """What the line says; for a value that cannot be read, the `BadValue` that says why."""
        given = dict(self._constants)
        for name, places, words, convert in self._fields:
            text = (
                cells[places[0]].strip()
                if len(places) == 1
                else " ".join(filter(None, (cells[place].strip() for place in places)))
            )
            value = words.get(text, text)
            if value != "":
                given[name] = convert(value) if convert and isinstance(value, str) else value
        if self._utm:
            given["utm"] = picked(self._utm, cells)
        if self._answers:
            given["answers"] = picked(self._answers, cells)
        return given


def places_of(plan: Map, header: Sequence[str]) -> dict[str, int]:
    for column in plan.columns:
        if column not in header:
            raise BadMap(f"The file has no column “{column}”. It has: {', '.join(header)}.")
        if header.count(column) > 1:
            raise BadMap(f"The column “{column}” stands twice in the file's header.")
    return {column: place for place, column in enumerate(header)}


def picked(places: Mapping[str, int], cells: Sequence[str]) -> dict[str, str]:
    found = ((name, cells[place].strip()) for name, place in places.items())
    return {name: text for name, text in found if text}


def moment(text: str, *, formats: Sequence[str], plan: Map) -> datetime | BadValue:
    """A date or time in one of the map's formats or ISO 8601, in the map's zone if it has none."""
    for form in (*formats, ISO_8601):
        try:
            found = parsed(text, form)
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=plan.zone)
    spelled = ", ".join((*formats, ISO_8601))
    return BadValue(f"{quoted(text)} is no date that the map knows ({spelled}).")


def parsed(text: str, form: str) -> datetime:
    if form == ISO_8601:
        return datetime.fromisoformat(text)
    return datetime.strptime(text, form)  # noqa: DTZ007  (the caller adds the zone)


def integer(text: str) -> int | BadValue:
    if text.isascii() and text.isdigit() and len(text) < 20:
        return int(text)
    return BadValue(f"{quoted(text)} is no whole number.")


def boolean(text: str) -> bool | BadValue:
    word = text.lower()
    if word in YES or word in NO:
        return word in YES
    return BadValue(f"{quoted(text)} is neither yes nor no.")
