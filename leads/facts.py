"""Read facts from the columns of a lead: the input of scoring, routing and replay."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from core.criteria.fields import Facts, FieldType, Reads
from leads.field_catalog import ALL, COMPANY_HAS_OPEN_LEAD, SIGNALS

_COLUMNS: Final = tuple(
    field for field in ALL if field.reads is not Reads.COUNT and not field.is_computed
)
# For `Lead.objects.values_list(*PATHS)`.
PATHS: Final[tuple[str, ...]] = (*(field.path for field in _COLUMNS), "signals")
_VALUES: Final = tuple(
    (place, field.code, field.reads is not Reads.VALUE) for place, field in enumerate(_COLUMNS)
)
_MOMENTS: Final = tuple(field.code for field in ALL if field.type is FieldType.MOMENT)
_SIGNALS: Final[Mapping[str, str]] = {kind: f"signal.{kind}" for kind, _ in SIGNALS}


def facts_from_row(row: tuple[Any, ...], *, has_company_rep: bool = False) -> dict[str, Any]:
    """Return facts from the columns of `PATHS`, without unknown ones.

    `has_company_rep` needs to be read only if a rule asks for it.
    """
    facts: dict[str, Any] = {COMPANY_HAS_OPEN_LEAD: has_company_rep}
    for place, code, is_presence in _VALUES:
        value = row[place]
        if is_presence:
            facts[code] = value is not None and value != ""
        elif value is not None and value != "":
            facts[code] = value
    for kind, signal in row[-1].items():
        if kind in _SIGNALS:
            facts[_SIGNALS[kind]] = signal["count"]
    return facts


def signal_dates(signals: Mapping[str, Mapping[str, Any]]) -> dict[str, datetime]:
    """Return the latest date of each kind of touch from `Lead.signals`."""
    return {kind: datetime.fromisoformat(signal["last"]) for kind, signal in signals.items()}


def facts_as_json(facts: Facts) -> dict[str, Any]:
    """Return facts as a decision stores them, with moments as text."""
    return {
        code: value.isoformat() if isinstance(value, datetime) else value
        for code, value in facts.items()
    }


def facts_from_json(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Return the facts of a stored decision, for replay."""
    facts = dict(stored)
    for code in _MOMENTS:
        if code in facts:
            facts[code] = datetime.fromisoformat(facts[code])
    return facts
