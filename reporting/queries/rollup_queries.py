"""Read rollups for a page: all its questions, the names in them and the freshness, at once."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from reporting.queries.scope import BadScope, Key, Period, Scope
from reporting.registry.metrics import Basis
from reporting.rollups.build import ROLLUPS

Counts = Mapping[str, int]
Read = tuple[int, str, tuple[int, ...]]
NAMED, FRESH, RESTATED = -1, -2, -3

NAMES: Final = """
    SELECT -1, jsonb_build_array('source', id, name), NULL::bigint[] FROM leads_source
    UNION ALL SELECT -1, jsonb_build_array('campaign', id, name), NULL FROM leads_campaign
    UNION ALL SELECT -1, jsonb_build_array('lead_type', id, name), NULL FROM leads_leadtype
    UNION ALL SELECT -1, jsonb_build_array('team', id, name), NULL FROM people_team
    UNION ALL SELECT -1, jsonb_build_array('reason', code, label), NULL
        FROM handoff_rejectionreason
    UNION ALL SELECT -2, jsonb_build_array(counted_at), NULL FROM reporting_logcursor
"""
RESTATEMENTS: Final = """
    (
        SELECT -3, jsonb_build_array(found_at, rollup, day, was, now), NULL::bigint[]
        FROM reporting_restatement WHERE day BETWEEN %s AND %s AND rollup = ANY (%s)
        ORDER BY found_at DESC, id DESC LIMIT 20
    )
"""
PEOPLE: Final = """
    UNION ALL SELECT -1, jsonb_build_array('user', id, name), NULL FROM people_user
"""
PERSONAL: Final = frozenset({"user", "owner"})


@dataclass(frozen=True)
class Question:
    """Counts by some dimensions; with `by_step`, also by the steps of the period."""

    basis: Basis
    scope: Scope
    by: tuple[str, ...] = ()
    by_step: bool = False


@dataclass(frozen=True)
class Restated:
    """A day's published totals that a recount corrected."""

    found_at: datetime
    basis: Basis
    day: date
    was: Counts
    now: Counts


@dataclass
class Answers:
    """`tables` answer the questions in their order: counts by the key asked for.

    `rows` is the same as it was read; answers of the same rows are the same.
    """

    tables: list[dict[tuple[Key, ...], Counts]]
    rows: tuple[Read, ...] = ()
    names: dict[str, dict[Key, str]] = field(default_factory=dict)
    counted_at: datetime | None = None
    restated: list[Restated] = field(default_factory=list)

    def name(self, dimension: str, key: Key) -> str | None:
        """What a person calls it; None for those that have none."""
        if key in (None, ""):
            return None
        kind = "user" if dimension == "owner" else dimension
        return self.names.get(kind, {}).get(key, str(key))


def read(
    questions: Sequence[Question],
    *,
    with_people: bool = False,
    restated_in: Period | None = None,
) -> Answers:
    with_people = with_people or any(PERSONAL & {*one.by, *one.scope.where} for one in questions)
    parts = [NAMES + (PEOPLE if with_people else "")]
    parameters: list[Any] = []
    if restated_in:
        parts.append(RESTATEMENTS)
        bases = sorted({question.basis.value for question in questions})
        parameters += [restated_in.first, restated_in.last, bases]
    for number, question in enumerate(questions):
        sql, values = _select(number, question)
        parts.append(sql)
        parameters += values
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(parts), parameters)
        rows = tuple((number, key, tuple(counts or ())) for number, key, counts in cursor)
    return _sorted_out(questions, rows)


def _select(number: int, question: Question) -> tuple[str, list[Any]]:
    rollup = ROLLUPS[question.basis]
    period, where = question.scope.period, question.scope.where
    keys = [rollup.column(dimension) for dimension in question.by]
    values: list[Any] = []
    if question.by_step:
        keys.append("(day - %s::date) / %s")
        values += [period.steps_from, period.step]
    wanted = ["grain = %s", "day BETWEEN %s AND %s"]
    conditions: list[Any] = [_grain(question), period.first, period.last]
    for dimension, key in where.items():
        wanted.append(f"{rollup.column(dimension)} {'IS NULL' if key is None else '= %s'}")
        conditions += [] if key is None else [key]
    names = [f"key_{place}" for place in range(len(keys))]
    sums = ", ".join(f"sum({code})" for code in rollup.counters)
    columns = [f"{key} AS {name}" for key, name in zip(keys, names, strict=True)]
    columns.append(f"ARRAY[{sums}]::bigint[] AS counts")
    groups = f"GROUP BY {', '.join(names)}" if names else "HAVING count(*) > 0"
    # A key is put together once a group: for every row it would cost most of the statement.
    sql = (
        f"SELECT %s::int, jsonb_build_array({', '.join(names)}), counts "  # noqa: S608  (no input in it)
        f"FROM (SELECT {', '.join(columns)} FROM {rollup.table} "
        f"WHERE {' AND '.join(wanted)} {groups}) AS counted"
    )
    return sql, [number, *values, *conditions]


def _grain(question: Question) -> int:
    needed = {*question.by, *question.scope.where}
    grain = ROLLUPS[question.basis].grain_for(needed)
    if grain is None:
        words = " and ".join(sorted(name.replace("_", " ") for name in needed))
        together = " together" if len(needed) > 1 else ""
        raise BadScope(f"These figures are not counted by {words}{together}.")
    return grain


def _sorted_out(questions: Sequence[Question], rows: tuple[Read, ...]) -> Answers:
    answers = Answers([{} for _ in questions], rows)
    codes = {basis: ROLLUPS[basis].counters for basis in Basis}
    for number, key_text, counts in rows:
        key = json.loads(key_text)
        if number == NAMED:
            kind, code, name = key
            answers.names.setdefault(kind, {})[code] = name
        elif number == FRESH:
            answers.counted_at = datetime.fromisoformat(key[0])
        elif number == RESTATED:
            found_at, basis, day, was, now = key
            moment, counted_on = datetime.fromisoformat(found_at), date.fromisoformat(day)
            answers.restated.append(Restated(moment, Basis(basis), counted_on, was, now))
        else:
            basis = questions[number].basis
            answers.tables[number][tuple(key)] = dict(zip(codes[basis], counts, strict=True))
    return answers


def total(table: Mapping[tuple[Key, ...], Counts], *, basis: Basis) -> dict[str, int]:
    """The sum of all rows, with zeros where there is none."""
    return {
        code: sum(counts[code] for counts in table.values()) for code in ROLLUPS[basis].counters
    }


def by(table: Mapping[tuple[Key, ...], Counts], place: int) -> dict[Key, dict[str, int]]:
    """The table summed up by one part of its key."""
    summed: dict[Key, dict[str, int]] = {}
    for key, counts in table.items():
        row = summed.setdefault(key[place], dict.fromkeys(counts, 0))
        for code, count in counts.items():
            row[code] += count
    return summed
