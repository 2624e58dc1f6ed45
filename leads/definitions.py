"""Publish and copy stage definitions."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core.versioning.copying import copy_version
from core.versioning.publishing import locked_draft, replace_published
from leads.models import StageDefinition
from people.models import User


@transaction.atomic
def publish_definition(*, definition: StageDefinition, by: User | None, at: datetime) -> None:
    draft = locked_draft(definition)
    rivals = StageDefinition.objects.filter(stage=draft.stage)
    replace_published(draft, rivals=rivals, by=by, at=at)


def copy_definition(definition: StageDefinition) -> StageDefinition:
    siblings = StageDefinition.objects.filter(stage=definition.stage)
    return copy_version(definition, siblings=siblings)
