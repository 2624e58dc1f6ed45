"""Read the versions to switch between on a page of versioned configuration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet

from core.formatting import counted
from core.versioning.models import ContentStatus, Version

V = TypeVar("V", bound=Version)


@dataclass(frozen=True)
class Versions(Generic[V]):
    """The live version, and the newest draft, if there is one."""

    live: V | None
    draft: V | None


def live_and_draft(versions: QuerySet[V]) -> Versions[V]:
    """Read the live version and the newest draft, in one statement."""
    status = [ContentStatus.PUBLISHED, ContentStatus.DRAFT]
    rows = versions.filter(status__in=status).select_related("published_by")
    newest_first = list(rows.order_by("-version"))
    return Versions(
        next((row for row in newest_first if not row.is_draft), None),
        next((row for row in newest_first if row.is_draft), None),
    )


def changes_text(changes: Sequence[Any]) -> str:
    return counted(len(changes), "change", "changes") if changes else "No changes"
