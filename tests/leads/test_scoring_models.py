from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError, transaction

from config.bootstrap import bootstrap
from core.versioning.publishing import NotADraft, NotReady
from leads import scoring_models
from leads.definitions import copy_definition, publish_definition
from leads.models import ScoringCriterion, ScoringModel, StageDefinition

pytestmark = pytest.mark.django_db

MONDAY_9AM = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = MONDAY_9AM + timedelta(hours=1)


@pytest.fixture
def draft() -> ScoringModel:
    bootstrap(at=MONDAY_9AM)
    return scoring_models.copy_to_draft(ScoringModel.objects.get())


def problems_of(draft: ScoringModel) -> list[str]:
    with pytest.raises(NotReady) as refusal:
        scoring_models.publish(model=draft, by=None, at=LATER)
    assert ScoringModel.objects.get(status="published").version == 1
    return refusal.value.problems


def test_published_copy_replaces_the_model(draft: ScoringModel) -> None:
    scoring_models.publish(model=draft, by=None, at=LATER)

    assert dict(ScoringModel.objects.values_list("version", "status")) == {
        1: "retired",
        2: "published",
    }
    columns = ["group__code", "label", "field", "operator", "value", "points", "half_life_days"]
    of_version = [
        list(
            ScoringCriterion.objects.filter(group__model__version=version)
            .order_by("group__position", "position")
            .values_list(*columns)
        )
        for version in (1, 2)
    ]
    assert of_version[0] == of_version[1]
    assert len(of_version[0]) == 29


def test_invalid_criterion_is_named(draft: ScoringModel) -> None:
    draft.groups.get(code="company").criteria.filter(label="50 to 500 employees").update(
        value=[500]
    )

    assert problems_of(draft) == [
        "Company size and fit, “50 to 500 employees”: Company size: two values are needed, "
        "the lower and the upper, not “[500]”."
    ]


def test_only_points_for_signals_can_halve_with_age(draft: ScoringModel) -> None:
    draft.groups.get(code="title").criteria.filter(label="Director").update(half_life_days=30)

    assert problems_of(draft) == [
        "Title match, “Director”: Seniority: only points for signals can halve with age."
    ]


def test_unreachable_threshold_is_refused(draft: ScoringModel) -> None:
    draft.groups.filter(code="title").update(cap=4)

    assert problems_of(draft) == [
        "The groups’ caps add up to 74, so no lead can reach the threshold of 75."
    ]


def test_group_without_points_is_refused(draft: ScoringModel) -> None:
    draft.groups.get(code="contact").criteria.filter(points__gt=0).delete()

    assert problems_of(draft) == ["Contact verified: Add a criterion that gives points."]


def test_published_definition_is_replaced_and_never_edited() -> None:
    bootstrap(at=MONDAY_9AM)
    first = StageDefinition.objects.get(stage="mql")

    second = copy_definition(first)
    second.buyer_did = "Asked for a demo."
    second.save()
    publish_definition(definition=second, by=None, at=LATER)

    rows = StageDefinition.objects.filter(stage="mql").order_by("version")
    assert list(rows.values_list("version", "status")) == [(1, "retired"), (2, "published")]
    with pytest.raises(NotADraft):
        publish_definition(definition=first, by=None, at=LATER)
    for row in (first, second):
        version = StageDefinition.objects.filter(pk=row.pk)
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            version.update(buyer_did="Something else.")
        with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
            version.delete()
