"""Find the faults of a map that would otherwise be reported for every line."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Final

from intake.imports.line_history import LineReader, Reasons, read_amount, read_currency
from intake.imports.map_parsing import BadMap
from intake.imports.mapping import HISTORY_FIELDS, ImportMap
from intake.imports.rows import constants_of
from intake.normalize import Vocabulary, read_value
from leads.normalization.values import BadValue
from leads.stages import Stage

MAX_FAULTS: Final = 20
# Their meaning depends on other values of the line.
NOT_CHECKED: Final = frozenset({"phone", "owner"})


def check_against(
    import_map: ImportMap,
    vocabulary: Vocabulary,
    reasons: Reasons,
    creates: Container[str],
) -> None:
    """Raise BadMap with every value of the map that no line could use."""
    faults = list(dict.fromkeys(faults_of(import_map, vocabulary, reasons, creates)))
    if faults:
        shown = faults[:MAX_FAULTS] + ["…"] * (len(faults) > MAX_FAULTS)
        raise BadMap("\n".join(shown))


def faults_of(
    import_map: ImportMap,
    vocabulary: Vocabulary,
    reasons: Reasons,
    creates: Container[str],
) -> Iterator[str]:
    for place, field, value in values_in(import_map):
        if value == "" or field in NOT_CHECKED or field in creates:
            continue
        try:
            if isinstance(value, BadValue):
                raise value
            check_value(field, value, vocabulary, reasons)
        except BadValue as bad:
            yield f"{place}: {bad}"


def values_in(import_map: ImportMap) -> Iterator[tuple[str, str, object]]:
    """Return every value of the map with its place and field."""
    for field, value in constants_of(import_map).items():
        yield f"constants.{field}", field, value
    for field, meanings in import_map.values.items():
        if field in import_map.stated_fields and field != "occurred_at":
            for text, value in meanings.items():
                yield f"values.{field}.{text}", field, value


def check_value(field: str, value: object, vocabulary: Vocabulary, reasons: Reasons) -> None:
    if field in HISTORY_FIELDS:
        check_history(field, value, reasons)
    else:
        read_value(field, value, vocabulary)


def check_history(field: str, value: object, reasons: Reasons) -> None:
    if field == "amount":
        read_amount(value)
        return
    if field == "currency":
        read_currency(value)
        return
    line = LineReader({field: value}, reasons)
    line.stage()
    if field == "reason":
        line.reason(Stage.MQL)
    for problem in line.set_aside:
        raise BadValue(problem["reason"])
