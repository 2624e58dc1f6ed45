"""Criteria of a scoring model as sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from core.criteria.fields import Catalog
from core.criteria.sentences import ConditionWords
from core.formatting import counted
from leads.admin.condition_rows import condition_words
from leads.models import ScoringCriterion, ScoringGroup

SCALE: Final = 100
MINUS: Final = "\N{MINUS SIGN}"
NO_FIELD: Final = "nothing yet"
DAYS_OF_UNIT: Final = {"": 1, "day": 1, "days": 1, "week": 7, "weeks": 7}
MAX_DAYS: Final = 3650


@dataclass(frozen=True)
class CriterionWords:
    """“+20” “when Company size is at least 200 employees”, “half after 30 days”."""

    points: str
    condition: ConditionWords
    halving: str = ""

    def __str__(self) -> str:
        sentence = f"{self.points} when {self.condition}"
        return f"{sentence}, {self.halving}" if self.halving else sentence


def criterion_words(row: ScoringCriterion, catalog: Catalog) -> CriterionWords:
    condition = condition_words(row.field, row.operator, row.value, catalog)
    if row.field not in catalog:
        condition = ConditionWords(row.field or NO_FIELD, is_valid=False)
    return CriterionWords(points_words(row.points), condition, halving_words(row.half_life_days))


def points_words(points: int) -> str:
    """Return points with their sign, as “+20” or “−30”."""
    if points < 0:
        return f"{MINUS}{-points}"
    return f"+{points}" if points else "0"


def halving_words(days: int | None) -> str:
    return f"half after {days_words(days)}" if days else ""


def days_words(days: int) -> str:
    return f"{days} {'day' if days == 1 else 'days'}"  # as `days_of` reads it


def cap_words(group: ScoringGroup) -> str:
    return f"at most {counted(group.cap, 'point', 'points')}"


def days_of(text: str) -> int | None:
    """Read “30 days”, “30” or “2 weeks”; nothing means that the points never halve."""
    number, _, unit = text.strip().lower().partition(" ")
    if not number:
        return None
    factor = DAYS_OF_UNIT.get(unit.strip())
    if factor is None or not number.isdecimal() or not 0 < int(number[:6]) * factor <= MAX_DAYS:
        raise ValueError(f"Enter days or weeks, such as 30 days, at most {MAX_DAYS} days.")
    return int(number) * factor
