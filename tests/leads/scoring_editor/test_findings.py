"""Findings beside the criterion, group or threshold that each is about."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from leads.admin.scoring_editor import editing
from leads.admin.scoring_editor.findings import findings_of
from leads.admin.scoring_editor.latest import Tally, usable_model
from leads.field_catalog import CATALOG
from leads.models import ScoringCriterion, ScoringGroup, ScoringModel


def findings(
    draft: ScoringModel, tally: Tally | None = None
) -> dict[str, tuple[list[str], list[str]]]:
    """Return what blocks and what warns, by the name of what it is about."""
    groups = editing.groups_of(draft.pk)
    model = usable_model(groups, draft.mql_threshold, CATALOG)
    by_subject: dict[str, tuple[list[str], list[str]]] = {}
    for finding in findings_of(draft, groups, model, tally or Tally(), CATALOG):
        subject = finding.criterion.label if finding.criterion else str(finding.group or "")
        by_subject.setdefault(subject, ([], []))[0 if finding.blocks else 1].append(finding.text)
    return by_subject


def add(draft: ScoringModel, group: str, points: int, *condition: Any) -> ScoringCriterion:
    field, operator, value = condition
    return ScoringCriterion.objects.create(
        group=draft.groups.get(code=group),
        label="Added",
        field=field,
        operator=operator,
        value=value,
        points=points,
        position=99,
    )


def test_default_model_has_no_findings(draft: ScoringModel) -> None:
    assert findings(draft) == {}


def test_equal_criteria_are_found_across_groups(draft: ScoringModel) -> None:
    add(draft, "contact", 3, "contact.seniority", "is", "director")

    assert findings(draft) == {
        "Added": ([], ["Has the same condition as “Director” in Title match."])
    }


def test_unknown_field_blocks_and_is_worded_at_its_criterion(draft: ScoringModel) -> None:
    add(draft, "contact", 3, "company.shoe_size", "is", 43)

    assert findings(draft) == {
        "Added": (
            ["The field “company.shoe_size” is no longer available. Choose another one."],
            [],
        )
    }


def test_criterion_without_a_field_blocks(draft: ScoringModel) -> None:
    add(draft, "contact", 3, "", "", None)

    assert findings(draft) == {"Added": (["Choose a field, a comparison and a value."], [])}


def test_cap_that_is_never_reached_is_found(draft: ScoringModel) -> None:
    draft.groups.filter(code="contact").update(cap=25)

    assert findings(draft) == {
        "Contact verified": (
            [],
            ["The cap is never reached: the criteria give at most 20 of 25 points."],
        )
    }


def test_points_above_the_cap_are_found(draft: ScoringModel) -> None:
    add(draft, "contact", 12, "contact.has_email", "is", True)

    assert findings(draft) == {
        "Added": ([], ["Only 10 of its 12 points count, because of the cap."])
    }


def test_threshold_out_of_reach_is_found(draft: ScoringModel) -> None:
    draft.groups.get(code="intent").criteria.exclude(label="Downloaded content").delete()

    result = findings(draft)

    assert result[""] == (
        [],
        ["A lead can get at most 70 points, so no lead can reach the threshold of 75."],
    )
    assert result["Intent"][1] == [
        "The cap is never reached: the criteria give at most 5 of 35 points."
    ]


def test_checks_before_publishing_block_at_their_place(draft: ScoringModel) -> None:
    draft.groups.filter(code="title").update(cap=4)
    draft.groups.get(code="contact").criteria.filter(points__gt=0).delete()
    draft.groups.filter(code="intent").update(code="signals")

    result = findings(draft)

    assert result[""][0] == [
        "The groups’ caps add up to 74, so no lead can reach the threshold of 75.",
        "Choose the group that the intent score comes from.",
    ]
    assert result["Contact verified"][0] == ["Add a criterion that gives points."]


@pytest.mark.parametrize(
    ("leads", "met", "decisive", "text"),
    [
        (30, 0, 0, "None of the 30 latest leads met it."),
        (30, 2, 0, "Changed no score of the 30 latest leads: the cap was reached anyway."),
        (30, 2, 1, ""),
        (29, 0, 0, ""),
    ],
)
def test_criterion_that_made_no_difference_is_found(
    draft: ScoringModel, leads: int, met: int, decisive: int, text: str
) -> None:
    ids = ScoringCriterion.objects.filter(group__model=draft).values_list("label", "pk")
    counts = Counter(pk for _, pk in ids)
    phone = dict(ids)["Phone number"]
    tally = Tally([80] * leads, counts.copy(), counts.copy())
    tally.met[phone], tally.decisive[phone] = met, decisive

    result = findings(draft, tally)

    assert result == ({"Phone number": ([], [text])} if text else {})


def test_finding_leads_to_its_place_on_the_page(draft: ScoringModel) -> None:
    row = add(draft, "contact", 3, "", "", None)
    draft.groups.filter(code="intent").update(code="signals")
    groups = editing.groups_of(draft.pk)
    model = usable_model(groups, 75, CATALOG)

    anchors = [row.anchor for row in findings_of(draft, groups, model, Tally(), CATALOG)]

    assert anchors == [f"criterion-{row.pk}", "scale"]
    assert ScoringGroup.objects.filter(model=draft).count() == 4
