"""Find problems and surprises in a version, for the group or criterion that each concerns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from core.criteria.fields import Catalog
from core.formatting import counted
from leads import scoring_models
from leads.admin.scoring_editor.latest import RowCriterion, Tally
from leads.admin.scoring_editor.potential import most_of_model, most_points
from leads.models import ScoringCriterion, ScoringGroup, ScoringModel
from leads.scoring import Group, Model, ordered_criteria

ENOUGH_LEADS: Final = 30


@dataclass(frozen=True)
class Finding:
    """`blocks` says that the version cannot be published with it."""

    text: str
    group: ScoringGroup | None = None
    criterion: ScoringCriterion | None = None
    blocks: bool = False

    @property
    def anchor(self) -> str:
        """Return the id of the place on the page that it is about."""
        if self.criterion is not None:
            return f"criterion-{self.criterion.pk}"
        return f"group-{self.group.pk}" if self.group else "scale"

    def __str__(self) -> str:
        if self.criterion is not None:
            return f"{self.criterion.label}: {self.text}"
        return f"{self.group}: {self.text}" if self.group else self.text


def findings_of(
    version: ScoringModel,
    groups: Sequence[ScoringGroup],
    model: Model,
    tally: Tally,
    catalog: Catalog,
) -> list[Finding]:
    """Return what blocks publishing first, then the warnings in the order of the criteria."""
    blocking = [
        Finding(problem.text, problem.group, problem.criterion, blocks=True)
        for problem in scoring_models.problems_in(version, groups, catalog)
    ]
    warnings = [
        *reach_findings(version, groups, model),
        *equal_findings(groups),
        *cap_findings(groups, model),
        *latest_findings(groups, model, tally),
    ]
    return [*blocking, *warnings]


def reach_findings(
    version: ScoringModel, groups: Sequence[ScoringGroup], model: Model
) -> Iterator[Finding]:
    most, threshold = most_of_model(model), version.mql_threshold
    if most < threshold <= sum(group.cap for group in groups):
        yield Finding(
            f"A lead can get at most {counted(most, 'point', 'points')}, so no lead can reach "
            f"the threshold of {threshold}."
        )


def equal_findings(groups: Sequence[ScoringGroup]) -> Iterator[Finding]:
    seen: dict[str, tuple[ScoringGroup, ScoringCriterion]] = {}
    for group in groups:
        for row in ordered_criteria(group):
            if not row.field:
                continue
            key = repr((row.field, row.operator, row.value))
            first_group, first = seen.setdefault(key, (group, row))
            if first is not row:
                text = f"Has the same condition as “{first.label}” in {first_group}."
                yield Finding(text, group, row)


def cap_findings(groups: Sequence[ScoringGroup], model: Model) -> Iterator[Finding]:
    for group, usable in zip(groups, model.groups, strict=True):
        most = most_points(usable.criteria)
        if 0 < most < group.cap:
            yield Finding(
                f"The cap is never reached: the criteria give at most {most} of {group.cap} "
                "points.",
                group,
            )
        for row in ordered_criteria(group):
            if row.points > group.cap:
                yield Finding(
                    f"Only {group.cap} of its {row.points} points count, because of the cap.",
                    group,
                    row,
                )


def latest_findings(
    groups: Sequence[ScoringGroup], model: Model, tally: Tally
) -> Iterator[Finding]:
    """Find what made no difference for any of the latest leads, if these are enough to tell."""
    if tally.leads < ENOUGH_LEADS:
        return
    leads = f"the {counted(tally.leads, 'latest lead', 'latest leads')}"
    for group, usable in zip(groups, model.groups, strict=True):
        valid = _ids(usable)
        for row in ordered_criteria(group):
            if row.pk not in valid or not row.points:
                continue
            if not tally.met[row.pk]:
                yield Finding(f"None of {leads} met it.", group, row)
            elif not tally.decisive[row.pk]:
                text = f"Changed no score of {leads}: the cap was reached anyway."
                yield Finding(text, group, row)


def _ids(group: Group) -> set[int]:
    return {row.row_id for row in group.criteria if isinstance(row, RowCriterion)}
