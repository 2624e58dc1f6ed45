"""Publish and copy stage definitions."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.versioning.publishing import locked_draft, next_version, replace_published
from leads.models import StageDefinition
from people.models import User


@transaction.atomic
def publish_definition(*, definition: StageDefinition, by: User | None, at: datetime) -> None:
    draft = locked_draft(definition)
    rivals = StageDefinition.objects.filter(stage=draft.stage)
    replace_published(draft, rivals=rivals, by=by, at=at)


@transaction.atomic
def copy_definition(definition: StageDefinition) -> StageDefinition:
    rivals = StageDefinition.objects.filter(stage=definition.stage)
    return StageDefinition.objects.create(
        stage=definition.stage,
        version=next_version(rivals),
        buyer_did=definition.buyer_did,
        company_looks_like=definition.company_looks_like,
        problem_shows=definition.problem_shows,
        sales_does_next=definition.sales_does_next,
    )
