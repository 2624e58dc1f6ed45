from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final, TypeVar

from django.db import models, transaction

from core.versioning.models import ContentStatus, Version
from core.versioning.publishing import next_version

V = TypeVar("V", bound=Version)
# The names of reverse relations to copy, each with those below it: {"rules": {"conditions": {}}}.
Children = Mapping[str, "Children"]
NO_CHILDREN: Final[Children] = {}


@transaction.atomic
def copy_version(
    version: V,
    *,
    siblings: models.QuerySet[V],
    children: Children = NO_CHILDREN,
    without: Collection[str] = (),
) -> V:
    """Copy a version with its child rows to a draft numbered after its siblings.

    Fields that are not editable, and those in `without`, start with their default.
    """
    draft: V = _new_copy(
        version, without, status=ContentStatus.DRAFT, version=next_version(siblings)
    )
    draft.save(force_insert=True)
    _copy_children(version, draft, children)
    return draft


def _copy_children(source: models.Model, copy: models.Model, children: Children) -> None:
    for name, grandchildren in children.items():
        relation: Any = type(source)._meta.get_field(name)
        parent = {relation.field.attname: copy.pk}
        rows = list(getattr(source, name).order_by("pk"))
        copies = [_new_copy(row, **parent, **_origin_of(row)) for row in rows]
        relation.related_model._default_manager.bulk_create(copies)
        for row, row_copy in zip(rows, copies, strict=True):
            _copy_children(row, row_copy, grandchildren)


def _origin_of(row: Any) -> dict[str, Any]:
    """Return a reference to the first version of a row, if its model keeps one."""
    return {"origin_id": row.origin_id or row.pk} if hasattr(row, "origin_id") else {}


def _new_copy(row: Any, without: Collection[str] = (), **values: Any) -> Any:
    copied = {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.editable and not field.primary_key and field.name not in without
    }
    return type(row)(**copied | values)
