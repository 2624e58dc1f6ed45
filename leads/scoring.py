"""Score a lead: a breakdown of lines whose sum is always the total.

A model has groups with caps. A criterion that is met earns its points. Points with a half-life
are halved, rounded down, each time that many days have passed since the latest signal.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from core.criteria.evaluate import Predicate, compile_predicate
from core.criteria.explain import fact_in_words
from core.criteria.fields import Catalog, Facts, Field, Reads
from core.criteria.tree import Tree, conditions
from leads.criteria import make_condition
from leads.field_catalog import CATALOG

if TYPE_CHECKING:
    from leads.models import ScoringCriterion, ScoringGroup, ScoringModel

INTENT: Final = "intent"
DAY: Final = timedelta(days=1)
MAX_HALVINGS: Final = 30

NO_FIELDS: Final[frozenset[str]] = frozenset()

# {"group", "label", "points", "detail"}: a line of the breakdown, or a missed criterion.
Line = dict[str, Any]


@dataclass(frozen=True)
class Criterion:
    label: str
    tree: Tree
    points: int
    half_life_days: int | None = None

    @cached_property
    def matches(self) -> Predicate:
        return compile_predicate(self.tree)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return tuple(dict.fromkeys(condition.field for condition in conditions(self.tree)))

    @cached_property
    def signals(self) -> tuple[str, ...]:
        return tuple(field.signal for field in self.fields if field.signal)

    @cached_property
    def attributes(self) -> frozenset[str]:
        """Return the fields about person or company, or none if an action could meet it."""
        if any(field.reads is not Reads.VALUE for field in self.fields):
            return NO_FIELDS
        return frozenset(field.code for field in self.fields)


@dataclass(frozen=True)
class Group:
    code: str
    label: str
    cap: int
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class Model:
    groups: tuple[Group, ...]
    mql_threshold: int = 75

    def uses(self, code: str) -> bool:
        criteria = (criterion for group in self.groups for criterion in group.criteria)
        return any(field.code == code for criterion in criteria for field in criterion.fields)


@dataclass(frozen=True)
class Score:
    """`intent` is in percent of the cap of the intent group."""

    total: int
    intent: int
    ledger: list[Line]
    missed: list[Line]
    to_become_ready: list[Line]


class Chance(NamedTuple):
    """A criterion that could still add points: missed, or halved with age.

    `is_open` if an answer or an action could meet it, without another person or company.
    """

    line: Line
    attributes: frozenset[str]
    is_open: bool


@dataclass
class GroupScore:
    """Result of one group, before its cap."""

    group: Group
    points: int
    met: list[Line]
    missed: list[Line]
    chances: list[Chance]
    known_attributes: set[frozenset[str]]


def score(model: Model, facts: Facts, signal_dates: Mapping[str, datetime], at: datetime) -> Score:
    results = [_score_group(group, facts, signal_dates, at) for group in model.groups]
    ledger: list[Line] = []
    missed: list[Line] = []
    intent = total = 0
    for result in results:
        ledger += result.met
        missed += result.missed
        code, cap = result.group.code, result.group.cap
        if result.points > cap:
            detail = f"{result.points} points before"
            ledger.append(_line(code, f"Cap of {cap}", cap - result.points, detail))
        total += min(result.points, cap)
        if code == INTENT and cap:
            intent = 100 * min(max(result.points, 0), cap) // cap
    ready = _to_become_ready(results, model.mql_threshold - total)
    if total < 0:
        ledger.append(_line("", "Minimum of zero", -total, f"{total} points before"))
    return Score(max(total, 0), intent, ledger, missed, ready)


def earned_points(
    criterion: Criterion, facts: Facts, signal_dates: Mapping[str, datetime], at: datetime
) -> int | None:
    """Return the points that a criterion gives before the cap, or None if it is not met."""
    if criterion.matches(facts) is not True:
        return None
    return criterion.points >> _halvings(criterion, signal_dates, at)


def _score_group(
    group: Group, facts: Facts, signal_dates: Mapping[str, datetime], at: datetime
) -> GroupScore:
    scored = GroupScore(group, 0, [], [], [], set())
    for criterion in group.criteria:
        is_met = criterion.matches(facts)
        if is_met is True:
            _meet(scored, criterion, facts, _halvings(criterion, signal_dates, at))
        elif criterion.points > 0:
            detail = _detail(criterion, facts)
            line = _line(group.code, criterion.label, criterion.points, detail)
            is_open = is_met is None or not criterion.attributes
            scored.missed.append(line)
            scored.chances.append(Chance(line, criterion.attributes, is_open))
    return scored


def _meet(scored: GroupScore, criterion: Criterion, facts: Facts, halvings: int) -> None:
    code, points = scored.group.code, criterion.points >> halvings
    detail = _detail(criterion, facts)
    if halvings:
        detail = f"{detail}; halved {'once' if halvings == 1 else f'{halvings} times'} with age"
        again = _line(code, f"{criterion.label}, again", criterion.points - points, detail)
        scored.chances.append(Chance(again, NO_FIELDS, is_open=True))
    scored.met.append(_line(code, criterion.label, points, detail))
    scored.points += points
    scored.known_attributes.add(criterion.attributes)


def _detail(criterion: Criterion, facts: Facts) -> str:
    if len(criterion.fields) == 1:
        field = criterion.fields[0]
        return fact_in_words(field, facts.get(field.code))
    return ", ".join([fact_in_words(field, facts.get(field.code)) for field in criterion.fields])


def _line(group: str, label: str, points: int, detail: str) -> Line:
    return {"group": group, "label": label, "points": points, "detail": detail}


def _halvings(criterion: Criterion, signal_dates: Mapping[str, datetime], at: datetime) -> int:
    """Return how often the points have halved; without a dated signal they never do."""
    if not criterion.half_life_days or criterion.points <= 0:
        return 0
    dates = [signal_dates[kind] for kind in criterion.signals if kind in signal_dates]
    if not dates:
        return 0
    age = max((at - max(dates)) // DAY, 0)
    return min(age // criterion.half_life_days, MAX_HALVINGS)


def _to_become_ready(results: Sequence[GroupScore], short: int) -> list[Line]:
    """Return the fewest criteria that would reach the threshold, or none if nothing can.

    Criteria that an answer or an action can meet are preferred to those that would take another
    person or company.
    """
    if short <= 0:
        return []
    room = {result.group.code: max(result.group.cap - result.points, 0) for result in results}
    chances = [chance for result in results for chance in result.chances]
    chances.sort(key=lambda chance: -chance.line["points"])
    still_open = [chance for chance in chances if chance.is_open]
    known = {attributes for result in results for attributes in result.known_attributes}
    return _fewest(still_open, dict(room), short, known) or _fewest(chances, room, short, known)


def _fewest(
    chances: list[Chance], room: dict[str, int], short: int, known: set[frozenset[str]]
) -> list[Line]:
    """Take the largest gain each time: within a group gains only shrink, so no set is smaller."""
    used = known - {NO_FIELDS}
    left, chosen = chances, []
    while short > 0:
        left = [chance for chance in left if chance.attributes not in used]
        gains = [min(chance.line["points"], room[chance.line["group"]]) for chance in left]
        gain = max(gains, default=0)
        if gain == 0:
            return []
        chance = left.pop(gains.index(gain))
        room[chance.line["group"]] -= gain
        short -= gain
        chosen.append({**chance.line, "points": gain})
        if chance.attributes:
            used = used | {chance.attributes}
    return chosen


def model_from_rows(published: ScoringModel) -> Model:
    """Read a published model from its rows."""
    groups = published.groups.prefetch_related("criteria").order_by("position", "pk")
    return Model(
        tuple(_group_from_row(group) for group in groups),
        published.mql_threshold,
    )


def _group_from_row(group: ScoringGroup) -> Group:
    criteria = map(criterion_from_row, ordered_criteria(group))
    return Group(group.code, group.label, group.cap, tuple(criteria))


def ordered_criteria(group: ScoringGroup) -> list[ScoringCriterion]:
    """Sort prefetched rows."""
    return sorted(group.criteria.all(), key=lambda row: (row.position, row.pk))


def criterion_from_row(row: ScoringCriterion, catalog: Catalog = CATALOG) -> Criterion:
    condition = make_condition(row.field, row.operator, row.value, catalog)
    return Criterion(row.label, condition, row.points, row.half_life_days)
