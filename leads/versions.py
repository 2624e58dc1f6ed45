"""Draft, published, retired: how a version of configuration takes the place of another (N-04)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from django.db import models, transaction

from leads.errors import Refused
from leads.models import ContentStatus, StageDefinition, Version
from people.models import User

V = TypeVar("V", bound=Version)


class NotADraft(Refused):
    code = "not_a_draft"


class NotReady(Refused):
    """A draft that may not be published yet; `problems` are sentences for the one who edits it."""

    code = "not_ready"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


def locked_draft(version: V) -> V:
    """The draft as it stands now; one publication of a kind at a time, and no edit meanwhile."""
    versions = type(version)._default_manager
    # Without the key: leads are decided and clocks are started while somebody publishes.
    list(versions.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    draft = versions.get(pk=version.pk)
    if not draft.is_draft:
        raise NotADraft(f"{draft} is not a draft; copy it to a new draft to change it.")
    return draft


def replace_published(
    draft: V, *, rivals: models.QuerySet[V], by: User | None, at: datetime
) -> None:
    """Publish a locked draft in the place of the one published among its `rivals`."""
    rivals.filter(status=ContentStatus.PUBLISHED).update(status=ContentStatus.RETIRED)
    draft.status = ContentStatus.PUBLISHED
    draft.published_at = at
    draft.published_by = by
    draft.save()


def next_version(rivals: models.QuerySet[V]) -> int:
    """One more than the highest so far; two people who copy at once follow each other."""
    rows = rivals.select_for_update(no_key=True).order_by("pk")
    return max(rows.values_list("version", flat=True), default=0) + 1


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
