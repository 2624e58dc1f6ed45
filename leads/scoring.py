"""The score of a lead: a ledger of lines whose sum is the total, always (QUA-09 to 13, N-25).

A model is groups with caps. A criterion that is met earns its points; points with a half-life are
halved, rounded down, each time that many days have passed since the latest signal they ask for.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from core.criteria.evaluate import Predicate, compile_predicate
from core.criteria.explain import fact_in_words
from core.criteria.fields import Facts, Field, Reads
from core.criteria.tree import Tree, conditions
from leads.criteria import make_condition

if TYPE_CHECKING:
    from leads.models import ScoringGroup, ScoringModel

INTENT: Final = "intent"
A_DAY: Final = timedelta(days=1)
MOST_HALVINGS: Final = 30

NOTHING: Final[frozenset[str]] = frozenset()

# {"group", "label", "points", "detail"}: one line of the ledger, or one criterion that is missed.
Line = dict[str, Any]


@dataclass(frozen=True)
class Criterion:
    label: str
    tree: Tree
    points: int
    half_life_days: int | None = None

    @cached_property
    def holds(self) -> Predicate:
        return compile_predicate(self.tree)

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        return tuple(dict.fromkeys(condition.field for condition in conditions(self.tree)))

    @cached_property
    def signals(self) -> tuple[str, ...]:
        return tuple(field.signal for field in self.fields if field.signal)

    @cached_property
    def question(self) -> frozenset[str]:
        """What it asks about who they are; empty when something they can still do would meet it."""
        if any(field.reads is not Reads.VALUE for field in self.fields):
            return NOTHING
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
    auto_accept_intent: int = 70


@dataclass(frozen=True)
class Score:
    """`intent` is percent of the intent group's cap; the three lists are stored as they are."""

    total: int
    intent: int
    ledger: list[Line]
    missed: list[Line]
    to_become_ready: list[Line]


class Chance(NamedTuple):
    """A criterion that could still add points: one that is missed, or one that has faded.

    `is_open` when asking or doing something could bring them, not only being somebody else.
    """

    line: Line
    question: frozenset[str]
    is_open: bool


@dataclass
class GroupScore:
    """What one group came to, before its cap."""

    group: Group
    points: int
    met: list[Line]
    missed: list[Line]
    chances: list[Chance]
    answered: set[frozenset[str]]


def score(model: Model, facts: Facts, signal_dates: Mapping[str, datetime], at: datetime) -> Score:
    scored = [_score_group(group, facts, signal_dates, at) for group in model.groups]
    ledger: list[Line] = []
    missed: list[Line] = []
    intent = total = 0
    for each in scored:
        ledger += each.met
        missed += each.missed
        code, cap = each.group.code, each.group.cap
        if each.points > cap:
            detail = f"{each.points} points before"
            ledger.append(_line(code, f"Cap of {cap}", cap - each.points, detail))
        total += min(each.points, cap)
        if code == INTENT and cap:
            intent = 100 * min(max(each.points, 0), cap) // cap
    ready = _to_become_ready(scored, model.mql_threshold - total)
    if total < 0:
        ledger.append(_line("", "Never below zero", -total, f"{total} points before"))
    return Score(max(total, 0), intent, ledger, missed, ready)


def _score_group(
    group: Group, facts: Facts, signal_dates: Mapping[str, datetime], at: datetime
) -> GroupScore:
    scored = GroupScore(group, 0, [], [], [], set())
    for criterion in group.criteria:
        answer = criterion.holds(facts)
        if answer is True:
            _meet(scored, criterion, facts, _halvings(criterion, signal_dates, at))
        elif criterion.points > 0:
            detail = _detail(criterion, facts)
            line = _line(group.code, criterion.label, criterion.points, detail)
            is_open = answer is None or not criterion.question
            scored.missed.append(line)
            scored.chances.append(Chance(line, criterion.question, is_open))
    return scored


def _meet(scored: GroupScore, criterion: Criterion, facts: Facts, halvings: int) -> None:
    code, points = scored.group.code, criterion.points >> halvings
    detail = _detail(criterion, facts)
    if halvings:
        detail = f"{detail}; halved {'once' if halvings == 1 else f'{halvings} times'} with age"
        again = _line(code, f"{criterion.label}, again", criterion.points - points, detail)
        scored.chances.append(Chance(again, NOTHING, is_open=True))
    scored.met.append(_line(code, criterion.label, points, detail))
    scored.points += points
    scored.answered.add(criterion.question)


def _detail(criterion: Criterion, facts: Facts) -> str:
    if len(criterion.fields) == 1:
        field = criterion.fields[0]
        return fact_in_words(field, facts.get(field.code))
    return ", ".join([fact_in_words(field, facts.get(field.code)) for field in criterion.fields])


def _line(group: str, label: str, points: int, detail: str) -> Line:
    return {"group": group, "label": label, "points": points, "detail": detail}


def _halvings(criterion: Criterion, signal_dates: Mapping[str, datetime], at: datetime) -> int:
    """How often the points have halved; points without a dated signal stay as they are."""
    if not criterion.half_life_days or criterion.points <= 0:
        return 0
    dates = [signal_dates[kind] for kind in criterion.signals if kind in signal_dates]
    if not dates:
        return 0
    age = max((at - max(dates)) // A_DAY, 0)
    return min(age // criterion.half_life_days, MOST_HALVINGS)


def _to_become_ready(scored: Sequence[GroupScore], short: int) -> list[Line]:
    """The fewest criteria that would lift the total to the threshold; none when nothing can.

    What can still be asked or done comes before what would take another person or company.
    """
    if short <= 0:
        return []
    room = {each.group.code: max(each.group.cap - each.points, 0) for each in scored}
    chances = [chance for each in scored for chance in each.chances]
    chances.sort(key=lambda chance: -chance.line["points"])
    still_open = [chance for chance in chances if chance.is_open]
    answered = {question for each in scored for question in each.answered}
    return _fewest(still_open, dict(room), short, answered) or _fewest(
        chances, room, short, answered
    )


def _fewest(
    chances: list[Chance], room: dict[str, int], short: int, answered: set[frozenset[str]]
) -> list[Line]:
    """Always the next largest gain: within a group gains only shrink, so no set is smaller."""
    asked = answered - {NOTHING}
    left, chosen = chances, []
    while short > 0:
        left = [chance for chance in left if chance.question not in asked]
        gains = [min(chance.line["points"], room[chance.line["group"]]) for chance in left]
        gain = max(gains, default=0)
        if gain == 0:
            return []
        chance = left.pop(gains.index(gain))
        room[chance.line["group"]] -= gain
        short -= gain
        chosen.append({**chance.line, "points": gain})
        if chance.question:
            asked = asked | {chance.question}
    return chosen


def model_from_rows(published: ScoringModel) -> Model:
    """The model as its rows say it, read once for each version."""
    groups = published.groups.prefetch_related("criteria").order_by("position", "pk")
    return Model(
        tuple(_group_from_row(group) for group in groups),
        published.mql_threshold,
        published.auto_accept_intent,
    )


def _group_from_row(group: ScoringGroup) -> Group:
    rows = sorted(group.criteria.all(), key=lambda row: (row.position, row.pk))
    criteria = tuple(
        Criterion(
            row.label,
            make_condition(row.field, row.operator, row.value),
            row.points,
            row.half_life_days,
        )
        for row in rows
    )
    return Group(group.code, group.label, group.cap, criteria)
