import pytest
from django.db import models

from core.versioning.copying import copy_version
from handoff.models import RoutingRule, RuleCondition, RuleSet, SlaPolicy
from leads.models import ScoringModel, StageDefinition
from leads.scoring_models import copy_to_draft

NEW_IN_A_COPY = {"id", "status", "version", "published_at", "published_by_id", "compiled"}
pytestmark = pytest.mark.django_db


def published_rule_set() -> RuleSet:
    return RuleSet.objects.get(status="published")


def copy_rule_set(**options: list[str]) -> RuleSet:
    return copy_version(
        published_rule_set(),
        siblings=RuleSet.objects.all(),
        children={"rules": {"conditions": {}}},
        **options,
    )


def contents(rows: models.QuerySet[models.Model], *left_out: str) -> list[dict[str, object]]:
    skipped = NEW_IN_A_COPY.union(left_out)
    return [
        {name: value for name, value in row.items() if name not in skipped}
        for row in rows.order_by("pk").values()
    ]


def test_copy_is_a_draft_with_the_next_number() -> None:
    source = published_rule_set()

    draft = copy_rule_set()

    assert draft.pk != source.pk
    assert (draft.is_draft, draft.version) == (True, source.version + 1)
    assert (draft.published_at, draft.published_by, draft.compiled) == (None, None, None)
    assert copy_rule_set().version == draft.version + 1


def test_copy_keeps_its_own_fields_and_all_rows_below() -> None:
    source = published_rule_set()

    draft = copy_rule_set()

    versions = RuleSet.objects.filter(pk__in=[source.pk, draft.pk])
    original, copy = contents(versions)
    assert copy == original
    rules = [
        contents(version.rules.all(), "rule_set_id", "origin_id") for version in (source, draft)
    ]
    assert rules[0] == rules[1] != []
    keys = [[rule.key for rule in version.rules.order_by("pk")] for version in (source, draft)]
    assert keys[0] == keys[1]
    conditions = [
        contents(RuleCondition.objects.filter(rule__rule_set=version), "rule_id")
        for version in (source, draft)
    ]
    assert conditions[0] == conditions[1] != []


def test_copy_leaves_the_source_alone() -> None:
    source = published_rule_set()
    before = contents(RoutingRule.objects.filter(rule_set=source))

    copy_rule_set()

    assert published_rule_set() == source
    assert contents(RoutingRule.objects.filter(rule_set=source)) == before


def test_field_left_out_starts_with_its_default() -> None:
    draft = copy_rule_set()
    RuleSet.objects.filter(pk=draft.pk).update(note="Europe gets its own pool.")
    draft.refresh_from_db()

    with_note = copy_version(draft, siblings=RuleSet.objects.all())
    without_note = copy_version(draft, siblings=RuleSet.objects.all(), without=["note"])

    assert (with_note.note, without_note.note) == ("Europe gets its own pool.", "")


def test_siblings_count_on_their_own() -> None:
    policy = SlaPolicy.objects.get(code="urgent")

    draft = copy_version(policy, siblings=SlaPolicy.objects.filter(code="urgent"))

    assert (draft.code, draft.version) == ("urgent", policy.version + 1)


def test_scoring_model_copy_has_its_groups_and_criteria() -> None:
    source = ScoringModel.objects.get()

    draft = copy_to_draft(source)

    criteria = [
        list(
            version.groups.order_by("pk", "criteria__pk").values_list(
                "code", "criteria__label", "criteria__points"
            )
        )
        for version in (source, draft)
    ]
    assert criteria[0] == criteria[1] != []


def test_version_without_rows_is_copied() -> None:
    definition = StageDefinition.objects.get(stage="mql")

    draft = copy_version(definition, siblings=StageDefinition.objects.filter(stage="mql"))

    assert (draft.stage, draft.buyer_did) == ("mql", definition.buyer_did)
