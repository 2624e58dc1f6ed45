"""The append-only log from which timelines and reports are computed."""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Exists, Func, OuterRef, Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now

from core.triggers import append_only
from leads.models.leads import Lead
from leads.stages import CHOICES


class EventKind(models.TextChoices):
    OPENED = "opened", "Opened"
    OPENED_EARLIER = "opened_earlier", "Opened earlier"
    TOUCHED = "touched", "Touched again"
    NEW_REQUEST = "new_request", "New request"
    SCORED = "scored", "Scored"
    STAGE_CHANGED = "stage_changed", "Stage changed"
    ROUTED = "routed", "Routed"
    OFFERED = "offered", "Offered"
    VIEWED = "viewed", "First viewed"
    ACCEPTED = "accepted", "Accepted"
    REJECTED = "rejected", "Rejected"
    CANNOT_EVALUATE = "cannot_evaluate", "Cannot evaluate"
    EXPIRED = "expired", "Offer expired"
    WITHDRAWN = "withdrawn", "Offer withdrawn"
    COMPLETED = "completed", "Handoff completed"
    ATTEMPTED = "attempted", "Contact attempted"
    CLOCK_WARNED = "clock_warned", "SLA warning"
    CLOCK_MET = "clock_met", "SLA met"
    CLOCK_BREACHED = "clock_breached", "SLA breached"
    ESCALATED = "escalated", "Escalated"
    OWNER_CHANGED = "owner_changed", "Owner changed"
    CARD_EDITED = "card_edited", "Context card edited"
    CONTACT_EDITED = "contact_edited", "Contact edited"
    NOTED = "noted", "Note added"
    INCOMPLETE = "incomplete", "Data incomplete"
    DATA_COMPLETED = "data_completed", "Missing data completed"
    REPAIRED = "repaired", "Value repaired"
    IMPORT_UNDONE = "import_undone", "Import undone"
    ANSWER_UNDONE = "answer_undone", "Answer undone"
    WAKE_DATE_SET = "wake_date_set", "Resurfacing date set"
    RELEASED = "released", "Released from suppression"


def event_kinds() -> list[tuple[str, str]]:
    """Return the choices of a model field; as a function, so that no kind needs a migration."""
    return EventKind.choices


# The key of payloads with the ids of the events that no longer count.
TAKEN_BACK: Final = "taken_back"


class LeadEventQuerySet(models.QuerySet["LeadEvent"]):
    def counted(self) -> LeadEventQuerySet:
        """Leave out the events that a later event of the lead takes back."""
        event_id = Func(OuterRef("pk"), function="to_jsonb", output_field=models.JSONField())
        later = LeadEvent.objects.filter(
            lead=OuterRef("lead"),
            payload__has_key=TAKEN_BACK,
            **{f"payload__{TAKEN_BACK}__contains": event_id},
        )
        return self.filter(~Exists(later))


class LeadEvent(models.Model):
    """Record a change of a lead, in the same transaction as the change.

    An event is never changed: one that turns out wrong is taken back by a later one of the lead,
    which names it in its payload. Readers that count events leave it out.

    Readers that follow the log stop at the oldest open `transaction`, so they never skip a row
    that was committed late.
    """

    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="events", db_index=False)
    kind = models.CharField(max_length=20, choices=event_kinds)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField(db_default=Now())
    transaction = models.BigIntegerField(
        db_default=RawSQL("(pg_current_xact_id()::text::bigint)", ()), editable=False
    )
    actor = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    from_stage = models.CharField(max_length=12, choices=CHOICES, blank=True)
    to_stage = models.CharField(max_length=12, choices=CHOICES, blank=True)
    payload = models.JSONField(default=dict)

    objects = LeadEventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["transaction", "id"], name="event_by_transaction"),
            models.Index(fields=["lead", "occurred_at", "id"], name="event_by_lead"),
            # Serves API clients that ask what changed. Costs next to nothing on each insert.
            BrinIndex(fields=["recorded_at"], autosummarize=True, name="event_by_recording"),
            # Tells readers which events and touches are taken back, and holds no other event.
            models.Index(
                fields=["lead"],
                condition=Q(payload__has_key=TAKEN_BACK) | Q(kind="import_undone"),
                name="event_that_takes_back",
            ),
        ]
        triggers = [append_only("events_are_append_only")]

    def __str__(self) -> str:
        return f"{self.kind} of lead {self.lead_id}"
