"""Touches of imports that were taken back, which no longer count."""

from __future__ import annotations

from django.db.models import Exists, Func, JSONField, OuterRef, QuerySet

from leads.models import EventKind, LeadEvent, Touch


def is_undone() -> Exists:
    undone = LeadEvent.objects.filter(
        lead=OuterRef("lead"),
        kind=EventKind.IMPORT_UNDONE,
        payload__touches__contains=Func(
            OuterRef("pk"), function="to_jsonb", output_field=JSONField()
        ),
    )
    return Exists(undone)


def without_undone(touches: QuerySet[Touch]) -> QuerySet[Touch]:
    return touches.filter(~is_undone())
