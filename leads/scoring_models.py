"""Check, publish and copy scoring models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from core.criteria.fields import Catalog
from core.criteria.tree import BadCriteria
from core.criteria.values import shown
from core.versioning.copying import copy_version
from core.versioning.publishing import NotReady, locked_draft, replace_published
from leads.criteria import make_condition
from leads.live_catalog import live_catalog
from leads.models import ScoringCriterion, ScoringGroup, ScoringModel
from leads.scoring import INTENT, ordered_criteria
from people.models import User


@dataclass(frozen=True)
class Problem:
    """Why a model cannot be published, and the group or criterion to fix, if it is one."""

    text: str
    group: ScoringGroup | None = None
    criterion: ScoringCriterion | None = None

    def __str__(self) -> str:
        if self.criterion is not None:
            return f"{self.group}, “{self.criterion.label}”: {self.text}"
        return f"{self.group}: {self.text}" if self.group else self.text


def problems_of(model: ScoringModel) -> list[str]:
    """Return why a model cannot be published, naming the group and the criterion."""
    groups = list(model.groups.prefetch_related("criteria").order_by("position", "pk"))
    return [str(problem) for problem in problems_in(model, groups, live_catalog())]


def problems_in(
    model: ScoringModel, groups: Sequence[ScoringGroup], catalog: Catalog
) -> list[Problem]:
    if not groups:
        return [Problem("Add at least one group with criteria.")]
    problems = [problem for group in groups for problem in _group_problems(group, catalog)]
    reachable = sum(group.cap for group in groups)
    if reachable < model.mql_threshold:
        problems.append(
            Problem(
                f"The groups’ caps add up to {reachable}, so no lead can reach "
                f"the threshold of {model.mql_threshold}."
            )
        )
    if INTENT not in {group.code for group in groups}:
        problems.append(Problem("Choose the group that the intent score comes from."))
    return problems


def problem_of_row(row: ScoringCriterion, catalog: Catalog) -> str:
    if not row.field:
        return "Choose a field, a comparison and a value."
    if row.field not in catalog:
        return f"The field {shown(row.field)} is no longer available. Choose another one."
    try:
        condition = make_condition(row.field, row.operator, row.value, catalog)
    except BadCriteria as problem:
        return str(problem)
    if row.half_life_days is not None and not condition.field.signal:
        return f"{condition.field.label}: only points for signals can halve with age."
    return ""


@transaction.atomic
def publish(*, model: ScoringModel, by: User | None, at: datetime, note: str = "") -> None:
    draft = locked_draft(model)
    if problems := problems_of(draft):
        raise NotReady(problems)
    draft.note = note or draft.note
    replace_published(draft, rivals=ScoringModel.objects.all(), by=by, at=at)


def copy_to_draft(model: ScoringModel) -> ScoringModel:
    return copy_version(
        model,
        siblings=ScoringModel.objects.all(),
        children={"groups": {"criteria": {}}},
        without=["note"],
    )


def _group_problems(group: ScoringGroup, catalog: Catalog) -> list[Problem]:
    rows = ordered_criteria(group)
    problems = [
        Problem(problem, group, row) for row in rows if (problem := problem_of_row(row, catalog))
    ]
    if not any(row.points > 0 for row in rows):
        problems.append(Problem("Add a criterion that gives points.", group))
    return problems
