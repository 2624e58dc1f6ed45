"""Read rollups: one statement for each question, and one for their status."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.db.models import QuerySet

from core.raw_sql import BoundQuery, Row, answered_meanwhile, fetch_rows, run_together
from handoff.models import RejectionReason
from leads.configuration import STAMP_SQL
from people.models import User
from reporting.models import LogCursor, Restatement
from reporting.queries.names import configured_names
from reporting.queries.scope import BadScope, Key, Period, Scope
from reporting.registry.counters import Basis
from reporting.registry.dimensions import LABELS
from reporting.registry.waits import UNPACKED, read_waits
from reporting.restatement_causes import CAUSES
from reporting.rollups.build import ROLLUPS

# Numbers by counter, and the waits of the basis.
Counts = Mapping[str, Any]
Table = Mapping[tuple[Key, ...], Counts]
# The steps of everything before the period, in a question with a previous one, and of today.
PREVIOUS: Final = -1
TODAY: Final = -2
PERSONAL: Final = frozenset({"user", "owner"})
MAX_RESTATEMENTS: Final = 20


# Raw, because every report page reads it, and the ORM would compile it for 2 ms each time.
STATUS_SQL: Final = f"""
    SELECT counted_at, counters, {STAMP_SQL},
        (
            SELECT coalesce(jsonb_object_agg(code, label), '{{}}')
            FROM {RejectionReason._meta.db_table}
        ),
        ARRAY(
            SELECT to_jsonb(restatement) FROM {Restatement._meta.db_table} AS restatement
            WHERE rollup = ANY (%s) AND last_day >= %s::date AND day <= %s::date
            ORDER BY found_at DESC, id DESC LIMIT %s
        )
    FROM {LogCursor._meta.db_table}
"""  # noqa: S608  (no input in it)
# The step of a day, or PREVIOUS or TODAY.
STEP_SQL: Final = (
    "CASE WHEN day < %s::date THEN %s WHEN day = %s::date THEN %s ELSE (day - %s::date) / %s END"
)


@dataclass(frozen=True)
class Question:
    """Counts by some dimensions: all `counters` of the rollup, unless some are named.

    `by_step` also splits them by the steps of the period, as the last part of the key; an earlier
    period is added as step PREVIOUS, and today, which is not over, is a step TODAY of its own.
    `matured` are the last days that have matured, of the previous period and of this one; it adds
    whether a day has as the part of the key before the step.
    """

    basis: Basis
    scope: Scope
    by: tuple[str, ...] = ()
    by_step: bool = False
    previous: Period | None = None
    matured: tuple[date, date] | None = None
    counters: Collection[str] = ()

    @property
    def codes(self) -> list[str]:
        """Return the counters of each row, in the order of the rollup."""
        codes = [*ROLLUPS[self.basis].counters, self.basis.waits]
        return [code for code in codes if not self.counters or code in self.counters]


@dataclass(frozen=True)
class Restated:
    """Published totals that changed, and why."""

    found_at: datetime
    basis: Basis
    days: Period
    cause: str
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
    counter_order: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def name(self, dimension: str, key: Key) -> str | None:
        """Return what a person calls it; None for the rows without one."""
        if key in (None, ""):
            return None
        return self.names_of(dimension).get(key, str(key))

    def names_of(self, dimension: str) -> Mapping[Key, str]:
        return self.names.get("user" if dimension == "owner" else dimension, {})


def read(
    questions: Sequence[Question],
    *,
    people: QuerySet[Any] | None = None,
    restated_in: Period | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> Answers:
    """Answer the questions, with the names of all keys in the answers.

    Of the users, only those in the answers are named, or those in the subquery `people`.
    PostgreSQL answers while `meanwhile` runs.
    """
    tables, status = read_tables(questions, restated_in=restated_in, meanwhile=meanwhile)
    names = {
        **configured_names.at(status.configuration_stamp),
        "reason": status.reasons,
        "user": _names_of(_people_in(questions, tables) if people is None else people),
    }
    if status.counted_at is not None:
        for question in questions:
            _refuse_unknown_keys(question.scope, names)
    return Answers(tables, names, status.counted_at, status.restated, status.counters)


def read_tables(
    questions: Sequence[Question],
    *,
    restated_in: Period | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> tuple[list[Table], FigureStatus]:
    """Answer the questions without names."""
    bases = {question.basis for question in questions}
    current = {basis: ROLLUPS[basis].counters for basis in bases}
    tables = [_query(question, current[question.basis]) for question in questions]
    statuses = _status_query(bases, restated_in)
    with answered_meanwhile() as send:
        send(statuses)
        for table in tables:
            send(table)
        meanwhile()
    status = statuses.rows[0] if statuses.rows else FigureStatus()
    if any(status.counters.get(basis, codes) != codes for basis, codes in current.items()):
        # After an upgrade, the rollups have other counters until they are counted anew.
        tables = [
            _query(question, status.counters.get(question.basis, [])) for question in questions
        ]
        run_together(*tables)
    return [query.only_row for query in tables], status


def _refuse_unknown_keys(scope: Scope, names: Mapping[str, Mapping[Key, str]]) -> None:
    """Raise BadScope for a source, team or the like that does not exist: its figures are zero."""
    for name, key in scope.where.items():
        if name in names and name not in PERSONAL and key not in (None, "", *names[name]):
            raise BadScope(f"There is no {LABELS[name].lower()} “{key}”.")


def _status_query(
    bases: Iterable[Basis], restated_in: Period | None = None
) -> BoundQuery[FigureStatus]:
    """Read the freshness of the figures and everything that is shown with them at once."""
    days = (restated_in.first, restated_in.last) if restated_in else (None, None)
    params = [sorted(bases), *days, MAX_RESTATEMENTS]
    return BoundQuery(STATUS_SQL, params, lambda rows: [_status_of(*row) for row in rows])


def _status_of(
    counted_at: datetime | None,
    counters: Mapping[str, list[str]],
    stamp: int | None,
    reasons: Mapping[Key, str],
    restatements: Iterable[dict[str, Any]],
) -> FigureStatus:
    return FigureStatus(
        counted_at,
        counters,
        stamp,
        reasons,
        [
            Restated(
                datetime.fromisoformat(restatement["found_at"]),
                Basis(restatement["rollup"]),
                Period(
                    date.fromisoformat(restatement["day"]),
                    date.fromisoformat(restatement["last_day"]),
                ),
                CAUSES[restatement["cause"]].label,
                restatement["was"],
                restatement["now"],
            )
            for restatement in restatements
        ],
    )


def _query(question: Question, stored: Sequence[str]) -> BoundQuery[Table]:
    """Sum the counts; `stored` is the order in which the rollup has them.

    Raw, because the ORM would compile it for as long as PostgreSQL takes to answer it.
    """
    grain = _grain(question)
    rollup, period = ROLLUPS[question.basis], question.scope.period
    where = {rollup.column(name): key for name, key in question.scope.where.items()}
    filters = [f"{name} IS NULL" if key is None else f"{name} = %s" for name, key in where.items()]
    keys = [rollup.column(dimension) for dimension in question.by]
    parameters: list[Any] = []
    if question.matured:
        keys.append("day <= CASE WHEN day < %s::date THEN %s::date ELSE %s::date END")
        parameters += [period.first, *question.matured]
    if question.by_step:
        keys.append(STEP_SQL)
        parameters += [period.first, PREVIOUS, question.scope.today, TODAY]
        parameters += [period.steps_from, period.step]
    periods = [period, question.previous] if question.previous else [period]
    days = " OR ".join(["day BETWEEN %s AND %s"] * len(periods))
    parameters.append(grain)
    parameters += [day for span in periods for day in (span.first, span.last)]
    parameters += [key for key in where.values() if key is not None]
    codes = question.codes
    places = {code: place for place, code in enumerate(stored, start=1)}
    counted = [code for code in codes if code in places]
    sums = ", ".join(f"sum(counts[{places[code]}])" for code in counted)
    waits = question.basis.waits
    packed = UNPACKED if waits in codes else ["NULL"] * len(UNPACKED)
    # Without keys, the grain is the same for all rows and makes one group of them.
    groups = keys or ["grain"]
    sql = (
        f"SELECT {', '.join(groups)}, ARRAY[{sums}]::bigint[], {', '.join(packed)} "  # noqa: S608  (no input in it)
        f"FROM {rollup.table} "
        f"WHERE {' AND '.join(['grain = %s', f'({days})', *filters])} "
        f"GROUP BY {', '.join(str(place) for place in range(1, len(groups) + 1))}"
    )

    def table_of(rows: list[Row]) -> list[Table]:
        # A counter that no refresh has counted yet is zero.
        zeros: dict[str, Any] = dict.fromkeys(codes, 0)
        table: dict[tuple[Key, ...], Counts] = {}
        for *key, numbers, exact, steps, step_counts in rows:
            counts = zeros | dict(zip(counted, numbers, strict=True))
            if waits in counts:
                counts[waits] = read_waits(exact, steps, step_counts)
            table[tuple(key)] = counts
        return [table]

    return BoundQuery(sql, parameters, table_of)


def read_parts(
    basis: Basis,
    scope: Scope,
    dimensions: Sequence[str],
    *,
    periods: tuple[Period, Period],
    counters: Sequence[str],
    stored: Sequence[str],
) -> dict[tuple[str, Key], tuple[Sequence[int], Sequence[int]]]:
    """Return the counters of two periods, the later one first, for each key of each dimension."""
    rollup, (now, before) = ROLLUPS[basis], periods
    where = {rollup.column(name): key for name, key in scope.where.items()}
    filters = [f"{name} IS NULL" if key is None else f"{name} = %s" for name, key in where.items()]
    sums = ", ".join(f"sum(counts[{stored.index(code) + 1}])" for code in counters)
    days = "(day BETWEEN %s AND %s OR day BETWEEN %s AND %s)"
    # Each dimension from the fewest rows that have it, and those rows once.
    by_grain: defaultdict[int | None, list[str]] = defaultdict(list)
    for dimension in dimensions:
        by_grain[rollup.grain_for({dimension, *scope.where})].append(dimension)
    selects, parameters = [], list[Any]()
    for grain, of_grain in by_grain.items():
        keys = ", ".join(f"('{dimension}', {rollup.column(dimension)})" for dimension in of_grain)
        selects.append(
            f"SELECT dimension, key, day < %s, ARRAY[{sums}]::bigint[] FROM {rollup.table} "  # noqa: S608  (no input in it)
            f"CROSS JOIN LATERAL (VALUES {keys}) AS part(dimension, key) "
            f"WHERE {' AND '.join(['grain = %s', days, *filters])} GROUP BY 1, 2, 3"
        )
        parameters += [now.first, grain]
        parameters += [day for period in (now, before) for day in (period.first, period.last)]
        parameters += [key for key in where.values() if key is not None]
    zeros = [0] * len(counters)
    parts: dict[tuple[str, Key], list[Sequence[int]]] = {}
    for dimension, key, is_before, numbers in fetch_rows(" UNION ALL ".join(selects), parameters):
        parts.setdefault((dimension, key), [zeros, zeros])[is_before] = numbers
    return {part: (numbers[0], numbers[1]) for part, numbers in parts.items()}


def _grain(question: Question) -> int:
    rollup, needed = ROLLUPS[question.basis], {*question.by, *question.scope.where}
    grain = rollup.grain_for(needed)
    if grain is None:
        refused = needed.difference(rollup.dimensions) or needed
        words = " and ".join(sorted(name.replace("_", " ") for name in refused))
        together = " together" if refused == needed and len(needed) > 1 else ""
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
    # The ORM would send no statement, but spend as much time on it as on one.
    if isinstance(people, set) and not people:
        return {}
    return dict(User.objects.filter(pk__in=people).values_list("pk", "name"))


def total(table: Table, *, basis: Basis) -> dict[str, Any]:
    """Return the sum of all rows, with zeros where there is none."""
    codes = next(iter(table.values()), [*ROLLUPS[basis].counters, basis.waits])
    return {code: sum(counts[code] for counts in table.values()) for code in codes}


def sum_by(table: Table, place: int) -> dict[Key, dict[str, Any]]:
    """Sum the table up by one part of its key."""
    sums: dict[Key, dict[str, Any]] = {}
    for key, counts in table.items():
        row = sums.setdefault(key[place], dict.fromkeys(counts, 0))
        for code, count in counts.items():
            row[code] += count
    return sums
