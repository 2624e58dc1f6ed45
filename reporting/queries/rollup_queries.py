"""Read rollups: one statement for each question, and one for their status."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Aggregate,
    BigIntegerField,
    Case,
    IntegerField,
    QuerySet,
    Value,
    When,
)
from django.db.models.expressions import RawSQL
from django.db.models.functions import JSONObject

from handoff.models import RejectionReason
from leads.configuration import STAMP_SQL
from people.models import User
from reporting.models import LogCursor, Restatement
from reporting.queries.names import configured_names
from reporting.queries.scope import BadScope, Key, Period, Scope
from reporting.registry.counters import Basis
from reporting.rollups.build import ROLLUPS

Counts = Mapping[str, int]
Table = Mapping[tuple[Key, ...], Counts]
# The step of everything before the period, in a question `with_previous`.
PREVIOUS: Final = -1
PERSONAL: Final = frozenset({"user", "owner"})
MAX_RESTATEMENTS: Final = 20


@dataclass(frozen=True)
class Question:
    """Counts by some dimensions.

    `by_step` also splits them by the steps of the period, as the last part of the key;
    `with_previous` adds the period before it, as step PREVIOUS.
    """

    basis: Basis
    scope: Scope
    by: tuple[str, ...] = ()
    by_step: bool = False
    with_previous: bool = False


@dataclass(frozen=True)
class Restated:
    """Published totals of a day that a recount corrected."""

    found_at: datetime
    basis: Basis
    day: date
    was: Counts
    now: Counts


@dataclass(frozen=True)
class FigureStatus:
    """The freshness of the figures, and names that no configuration snapshot holds."""

    counted_at: datetime | None = None
    counters: Mapping[str, list[str]] = field(default_factory=dict)
    configuration_stamp: int | None = None
    reasons: Mapping[Key, str] = field(default_factory=dict)
    restated: Sequence[Restated] = ()


@dataclass(frozen=True)
class Answers:
    """`tables` answer the questions in their order: counts by the dimensions asked for."""

    tables: list[Table]
    names: Mapping[str, Mapping[Key, str]]
    counted_at: datetime | None
    restated: Sequence[Restated]

    def name(self, dimension: str, key: Key) -> str | None:
        """Return what a person calls it; None for the rows without one."""
        if key in (None, ""):
            return None
        return self.names_of(dimension).get(key, str(key))

    def names_of(self, dimension: str) -> Mapping[Key, str]:
        return self.names.get("user" if dimension == "owner" else dimension, {})


class ElementSums(Aggregate):
    """Sum an array column element by element: `ARRAY[sum(counts[1]), sum(counts[2]), ...]`."""

    def __init__(self, array: str, *, size: int) -> None:
        sums = ", ".join(f"sum(%(expressions)s[{place}])" for place in range(1, size + 1))
        super().__init__(
            array, output_field=ArrayField(BigIntegerField()), template=f"ARRAY[{sums}]::bigint[]"
        )


def read(
    questions: Sequence[Question],
    *,
    people: QuerySet[Any] | None = None,
    restated_in: Period | None = None,
) -> Answers:
    """Answer the questions, with the names of all keys in the answers.

    Of the users, only those in the answers are named, or those in the subquery `people`.
    """
    grains = [_grain(question) for question in questions]
    status = read_status({question.basis for question in questions}, restated_in)
    tables = [
        _answer(question, grain, status.counters.get(question.basis, []))
        for question, grain in zip(questions, grains, strict=True)
    ]
    names = {
        **configured_names.at(status.configuration_stamp),
        "reason": status.reasons,
        "user": _names_of(_people_in(questions, tables) if people is None else people),
    }
    return Answers(tables, names, status.counted_at, status.restated)


def read_status(bases: Iterable[Basis], restated_in: Period | None = None) -> FigureStatus:
    """Read the freshness of the figures and everything that is shown with them at once."""
    reasons = RejectionReason.objects.order_by("pk").values(
        reason=JSONObject(code="code", label="label")
    )
    restatements = Restatement.objects.none()
    if restated_in:
        restatements = Restatement.objects.filter(
            rollup__in=sorted(bases), day__range=(restated_in.first, restated_in.last)
        )
    fields = JSONObject(found_at="found_at", rollup="rollup", day="day", was="was", now="now")
    latest = restatements.order_by("-found_at", "-pk").values(restatement=fields)
    row = LogCursor.objects.values_list(
        "counted_at",
        "counters",
        RawSQL(STAMP_SQL, []),  # noqa: S611  (no input in it)
        ArraySubquery(reasons),
        ArraySubquery(latest[:MAX_RESTATEMENTS]),
    ).first()
    if row is None:
        return FigureStatus()
    counted_at, counters, stamp, reason_rows, restated_rows = row
    return FigureStatus(
        counted_at,
        counters,
        stamp,
        {reason["code"]: reason["label"] for reason in reason_rows},
        [
            Restated(
                datetime.fromisoformat(restated["found_at"]),
                Basis(restated["rollup"]),
                date.fromisoformat(restated["day"]),
                restated["was"],
                restated["now"],
            )
            for restated in restated_rows or ()
        ],
    )


def _answer(question: Question, grain: int, stored: Sequence[str]) -> Table:
    """Sum the counts; `stored` is the order in which the rollup has them."""
    rollup, scope = ROLLUPS[question.basis], question.scope
    first = scope.period.before.first if question.with_previous else scope.period.first
    where = {rollup.column(dimension): key for dimension, key in scope.where.items()}
    rows = rollup.rows().filter(grain=grain, day__range=(first, scope.period.last), **where)
    keys = [rollup.column(dimension) for dimension in question.by]
    if question.by_step:
        rows = rows.annotate(step=_step(scope.period))
        keys.append("step")
    # Without keys, the grain is the same for all rows and makes one group of them.
    groups = rows.order_by().values_list(*(keys or ["grain"]))
    return {
        row[: len(keys)]: _counts(rollup.counters, stored, row[-1])
        for row in groups.annotate(sums=ElementSums("counts", size=len(stored)))
    }


def _counts(codes: Sequence[str], stored: Sequence[str], sums: Sequence[int]) -> dict[str, int]:
    """Name the sums; a counter that no refresh has counted yet is zero."""
    by_code = dict(zip(stored, sums, strict=True))
    return {code: by_code.get(code, 0) for code in codes}


def _step(period: Period) -> Case:
    step = RawSQL("(day - %s::date) / %s", [period.steps_from, period.step], IntegerField())
    return Case(When(day__lt=period.first, then=Value(PREVIOUS)), default=step)


def _grain(question: Question) -> int:
    needed = {*question.by, *question.scope.where}
    grain = ROLLUPS[question.basis].grain_for(needed)
    if grain is None:
        words = " and ".join(sorted(name.replace("_", " ") for name in needed))
        together = " together" if len(needed) > 1 else ""
        raise BadScope(f"These figures are not counted by {words}{together}.")
    return grain


def _people_in(questions: Sequence[Question], tables: Sequence[Table]) -> set[int | str]:
    people: set[int | str] = set()
    for question, table in zip(questions, tables, strict=True):
        for place, dimension in enumerate(question.by):
            if dimension in PERSONAL:
                people |= {person for key in table if (person := key[place]) is not None}
    return people


def _names_of(people: Iterable[int | str] | QuerySet[Any]) -> dict[Key, str]:
    return dict(User.objects.filter(pk__in=people).values_list("pk", "name"))


def total(table: Table, *, basis: Basis) -> dict[str, int]:
    """Return the sum of all rows, with zeros where there is none."""
    return {
        code: sum(counts[code] for counts in table.values()) for code in ROLLUPS[basis].counters
    }


def sum_by(table: Table, place: int) -> dict[Key, dict[str, int]]:
    """Sum the table up by one part of its key."""
    sums: dict[Key, dict[str, int]] = {}
    for key, counts in table.items():
        row = sums.setdefault(key[place], dict.fromkeys(counts, 0))
        for code, count in counts.items():
            row[code] += count
    return sums
