"""A draft says in words what it changes."""

from __future__ import annotations

from leads import scoring_models
from leads.admin.scoring_editor import editing
from leads.admin.scoring_editor.difference import changes_between
from leads.field_catalog import CATALOG
from leads.models import ScoringCriterion, ScoringGroup, ScoringModel


def changes(live: ScoringModel, draft: ScoringModel) -> list[str]:
    draft.refresh_from_db()
    old, new = (editing.groups_of(model.pk) for model in (live, draft))
    return [str(change) for change in changes_between(live, draft, old, new, CATALOG)]


def criteria(draft: ScoringModel, label: str) -> ScoringCriterion:
    return ScoringCriterion.objects.get(group__model=draft, label=label)


def test_copy_has_no_changes(live: ScoringModel, draft: ScoringModel) -> None:
    assert changes(live, draft) == []


def test_points_read_as_a_sentence(live: ScoringModel, draft: ScoringModel) -> None:
    row = criteria(draft, "Director")
    row.points = 25
    row.save()

    assert changes(live, draft) == ["+25 instead of +20 when Seniority is Director"]


def test_each_part_of_a_criterion_is_named(live: ScoringModel, draft: ScoringModel) -> None:
    demo = criteria(draft, "Requested a demo")
    demo.half_life_days, demo.points = None, 30
    demo.save()
    size = criteria(draft, "50 to 500 employees")
    size.value = [40, 500]
    size.save()
    known = criteria(draft, "Title known")
    known.label = "Has a title"
    known.save()

    assert changes(live, draft) == [
        "Has a title in Title match: Name from Title known to Has a title",
        "50 to 500 employees in Company size and fit: Condition from Company size is between "
        "50 and 500 employees to Company size is between 40 and 500 employees",
        "+30 instead of +25 when Number of demo requests is at least 1: Half-life from 60 days "
        "to none",
    ]


def test_criteria_and_groups_are_added_and_removed(live: ScoringModel, draft: ScoringModel) -> None:
    draft.groups.get(code="contact").delete()
    group = ScoringGroup.objects.create(model=draft, code="fit", label="Fit", cap=15, position=9)
    ScoringCriterion.objects.create(
        group=group, label="Email", field="contact.has_email", operator="is", value=True, points=5
    )
    criteria(draft, "Director").delete()

    assert changes(live, draft) == [
        "Added: The group Fit, at most 15 points",
        "Added: +5 when Email is given",
        "Removed: +20 when Seniority is Director",
        "Removed: +10 when Email is corporate",
        "Removed: +10 when Phone is given",
        "Removed: −5 when Email is not corporate",
        "Removed: The group Contact verified, at most 10 points",
    ]


def test_model_and_group_values_are_named(live: ScoringModel, draft: ScoringModel) -> None:
    draft.mql_threshold, draft.name = 70, "Fit"
    draft.save()
    groups = {group.code: group for group in draft.groups.all()}
    groups["title"].cap = 35
    groups["title"].save()
    groups["intent"].code = "signals"
    groups["intent"].save()
    groups["contact"].code = "intent"
    groups["contact"].save()

    assert changes(live, draft) == [
        "Model: Name from Fit and intent to Fit. MQL at from 75 points to 70 points. "
        "Intent score from Intent to Contact verified",
        "Title match: Cap from 30 points to 35 points",
    ]


def test_order_and_group_of_a_criterion_are_named(live: ScoringModel, draft: ScoringModel) -> None:
    editing.act(draft.pk, "down-criterion", criteria(draft, "C-level").pk)
    editing.act(draft.pk, "up-criterion", criteria(draft, "50 to 500 employees").pk)

    assert changes(live, draft) == [
        "50 to 500 employees in Title match: Group from Company size and fit to Title match",
        "Title match: the criteria are in another order",
    ]


def test_second_copy_is_compared_with_its_original(draft: ScoringModel) -> None:
    copy = scoring_models.copy_to_draft(draft)
    assert changes(draft, copy) == []
