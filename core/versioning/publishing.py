from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models

from core.errors import Refused
from core.versioning.models import ContentStatus, Version

V = TypeVar("V", bound=Version)


class NotADraft(Refused):
    code = "not_a_draft"


class DraftGone(Refused):
    code = "draft_gone"


class NotReady(Refused):
    """A draft that cannot be published yet; `problems` are sentences for its editor."""

    code = "not_ready"

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__(" ".join(problems))
        self.problems = list(problems)


def lock_for_edit(model: type[V], version_id: int) -> V:
    """Lock a version against other editors and publication, and return it if it is a draft."""
    versions = model._default_manager.select_for_update(no_key=True)
    version = versions.filter(pk=version_id).first()
    if version is None:
        raise DraftGone("Another user discarded this draft. Nothing was saved.")
    if not version.is_draft:
        raise NotADraft(f"{version} was published meanwhile. Nothing was saved.")
    return version


def locked_draft(version: V) -> V:
    """Lock all versions of a kind against edits and publication, and return the draft."""
    versions = type(version)._default_manager
    # Leaving the key unlocked lets new leads and clocks refer to a version meanwhile.
    list(versions.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    draft = versions.get(pk=version.pk)
    if not draft.is_draft:
        raise NotADraft(f"{draft} is not a draft. Copy it to a new draft to change it.")
    return draft


def replace_published(
    draft: V, *, rivals: models.QuerySet[V], by: AbstractBaseUser | None, at: datetime
) -> None:
    """Publish a locked draft and retire the published one of its `rivals`."""
    rivals.filter(status=ContentStatus.PUBLISHED).update(status=ContentStatus.RETIRED)
    draft.status = ContentStatus.PUBLISHED
    draft.published_at = at
    draft.published_by_id = by.pk if by else None
    draft.save()


def next_version(rivals: models.QuerySet[V]) -> int:
    """Return the next version number, under a lock against two copies at once."""
    list(rivals.select_for_update(no_key=True).order_by("pk").values_list("pk"))
    # A statement of its own: one that waited for the lock does not see the other copy.
    return max(rivals.values_list("version", flat=True), default=0) + 1
