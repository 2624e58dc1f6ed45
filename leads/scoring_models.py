"""Check, publish and copy scoring models."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.criteria.fields import Catalog
from core.criteria.tree import BadCriteria
from core.versioning.copying import copy_version
from core.versioning.publishing import NotReady, locked_draft, replace_published
from leads.criteria import make_condition
from leads.live_catalog import live_catalog
from leads.models import ScoringCriterion, ScoringGroup, ScoringModel
from people.models import User

INTENT_GROUP = "intent"


def problems_of(model: ScoringModel) -> list[str]:
    """Return why a model cannot be published, naming the group and the criterion."""
    groups = list(model.groups.prefetch_related("criteria").order_by("position", "pk"))
    if not groups:
        return ["Add at least one group with criteria."]
    catalog = live_catalog()
    problems = [problem for group in groups for problem in _group_problems(group, catalog)]
    reachable = sum(group.cap for group in groups)
    if reachable < model.mql_threshold:
        problems.append(
            f"The groups' caps add up to {reachable}, so no lead can reach "
            f"the threshold of {model.mql_threshold}."
        )
    if INTENT_GROUP not in {group.code for group in groups}:
        problems.append(f"One group must have the code “{INTENT_GROUP}”: it is the intent score.")
    return problems


def problem_of_row(row: ScoringCriterion, catalog: Catalog) -> str:
    try:
        condition = make_condition(row.field, row.operator, row.value, catalog)
    except BadCriteria as problem:
        return str(problem)
    if row.half_life_days is not None and not condition.field.signal:
        return f"{condition.field.label}: only points for signals can halve with age."
    return ""


@transaction.atomic
def publish(*, model: ScoringModel, by: User | None, at: datetime) -> None:
    draft = locked_draft(model)
    if problems := problems_of(draft):
        raise NotReady(problems)
    replace_published(draft, rivals=ScoringModel.objects.all(), by=by, at=at)


def copy_to_draft(model: ScoringModel) -> ScoringModel:
    return copy_version(
        model, siblings=ScoringModel.objects.all(), children={"groups": {"criteria": {}}}
    )


def _group_problems(group: ScoringGroup, catalog: Catalog) -> list[str]:
    rows = list(group.criteria.all())
    problems = [
        f"{group.label}, “{row.label}”: {problem}"
        for row in rows
        if (problem := problem_of_row(row, catalog))
    ]
    if not any(row.points > 0 for row in rows):
        problems.append(f"{group.label} has no criterion that gives points.")
    return problems
