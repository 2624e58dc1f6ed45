"""Handoffs of leads to sales, and the attempts logged for them."""

from __future__ import annotations

from datetime import datetime

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from core.permissions import Right
from handoff.models.answers import RejectionReason
from handoff.models.routing import RoutingDecision
from handoff.models.sla import SlaPolicy
from leads.models import Lead, Temperature
from people.covers import covered_by
from people.models import Membership, User


class HandoffQuerySet(models.QuerySet["Handoff"]):
    def open(self) -> HandoffQuerySet:
        return self.filter(closed_at=None)

    def offered(self) -> HandoffQuerySet:
        return self.open().filter(state=Handoff.State.OFFERED)

    def waiting(self) -> HandoffQuerySet:
        """Return what a queue has only because no one was available."""
        return self.offered().filter(owner=None).exclude(waits_for=None)

    def answerable_by(self, user: User, *, at: datetime) -> HandoffQuerySet:
        """Return handoffs of the user and whom they cover for, of their queues and managed teams.

        A manager also answers handoffs that former members received through the team.
        """
        if Right.ANSWER_HANDOFFS not in user.rights:
            return self.none()
        answerable = Q(owner=user) | Q(owner=None, queue__in=user.team_ids)
        answerable |= Q(owner__in=covered_by(user, at=at).values("user"))
        if Right.MANAGE_TEAM in user.rights:
            managed = Membership.objects.filter(team__manager=user).values("user")
            answerable |= Q(owner__in=managed) | Q(team__manager=user)
        return self.filter(answerable)


class Handoff(models.Model):
    """One lead offered to a person or a queue; open until it is closed or reassigned."""

    class Leg(models.TextChoices):
        MARKETING_TO_SDR = "marketing_to_sdr", "Marketing to SDR"
        SDR_TO_AE = "sdr_to_ae", "SDR to AE"

    class State(models.TextChoices):
        OFFERED = "offered", "Offered"
        ACCEPTED = "accepted", "Accepted"
        REJECTED = "rejected", "Rejected"
        CANNOT_EVALUATE = "cannot_evaluate", "Cannot evaluate"
        EXPIRED = "expired", "Expired"
        WITHDRAWN = "withdrawn", "Withdrawn"

    lead = models.ForeignKey(
        Lead, on_delete=models.PROTECT, related_name="handoffs", db_index=False
    )
    leg = models.CharField(max_length=16, choices=Leg, default=Leg.MARKETING_TO_SDR)
    state = models.CharField(max_length=16, choices=State, default=State.OFFERED)
    owner = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, related_name="handoffs", db_index=False
    )
    queue = models.ForeignKey(
        "people.Team", on_delete=models.PROTECT, null=True, related_name="handoffs", db_index=False
    )
    team = models.ForeignKey(
        "people.Team",
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text="The pool or queue that received the lead.",
    )
    waits_for = ArrayField(
        models.BigIntegerField(),
        null=True,
        help_text="Pools in which no one was available, if that is why a queue has the lead.",
    )
    waits_since = models.DateTimeField(
        null=True, help_text="When the lead that waits became ready for sales."
    )
    waits_as_hot = models.BooleanField(
        null=True, help_text="Whether the lead is hot. Kept while it waits."
    )
    members_notified_at = models.DateTimeField(
        null=True, help_text="When the members of the queue were notified that the lead waits."
    )
    manager_notified_at = models.DateTimeField(
        null=True, help_text="When the manager of the queue was notified that it waits too long."
    )
    offered_at = models.DateTimeField()
    temperature = models.CharField(
        max_length=4,
        choices=Temperature,
        default=Temperature.COLD,
        help_text="The lead's temperature when it was offered.",
    )
    viewed_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    closed_at = models.DateTimeField(null=True)
    reason = models.ForeignKey(
        RejectionReason, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    missing_fields = ArrayField(models.CharField(max_length=60), default=list)
    first_contact_at = models.DateTimeField(null=True)
    attempt_count = models.PositiveSmallIntegerField(
        default=0, help_text="Logged attempts; those within minutes of each other count once."
    )
    new_request_at = models.DateTimeField(
        null=True,
        help_text="When the contact sent a new request; of several, the first to be contacted for.",
    )
    new_request_contacted_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(
        null=True, help_text="When the first of its running clocks is due. Kept while it is open."
    )
    policy = models.ForeignKey(SlaPolicy, on_delete=models.PROTECT, db_index=False)
    decision = models.ForeignKey(
        RoutingDecision, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    hop = models.PositiveSmallIntegerField(default=0, help_text="Earlier reassignments.")
    previous = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )

    objects = HandoffQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead"], condition=Q(closed_at=None), name="one_open_handoff_per_lead"
            ),
            models.CheckConstraint(
                condition=~Q(owner=None) | ~Q(queue=None), name="handoff_has_owner_or_queue"
            ),
            models.CheckConstraint(
                condition=~Q(state="rejected") | ~Q(reason=None), name="rejection_has_reason"
            ),
            models.CheckConstraint(
                condition=~Q(state="cannot_evaluate") | ~Q(missing_fields=[]),
                name="cannot_evaluate_names_fields",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["offered", "accepted"]) | ~Q(closed_at=None),
                name="answered_no_means_closed",
            ),
            models.CheckConstraint(
                condition=Q(new_request_contacted_at=None) | ~Q(new_request_at=None),
                name="contacted_request_was_made",
            ),
            models.CheckConstraint(
                condition=~Q(state="accepted") | (~Q(owner=None) & ~Q(answered_at=None)),
                name="accepted_has_owner_and_time",
            ),
        ]
        indexes = [
            models.Index(fields=["lead", "-offered_at"], name="handoff_by_lead"),
            # Serve lists by urgency and the workload of a person, however many leads are open.
            models.Index(
                fields=["owner", "state", "due_at", "id"],
                condition=Q(closed_at=None),
                name="handoff_open_by_owner",
            ),
            models.Index(
                fields=["team", "due_at", "id"],
                condition=Q(closed_at=None),
                name="handoff_open_by_team",
            ),
            models.Index(
                fields=["queue", "offered_at"],
                condition=Q(closed_at=None),
                name="handoff_open_by_queue",
            ),
            # Serves the notices of queues, and holds no other handoff.
            models.Index(
                fields=["offered_at", "id"],
                condition=Q(closed_at=None, owner=None, manager_notified_at=None),
                name="handoff_to_announce",
            ),
            # Has the leads that wait in their order, by pools, and no other handoff.
            models.Index(
                fields=["waits_for", "-waits_as_hot", "waits_since", "lead"],
                condition=Q(closed_at=None, owner=None) & ~Q(waits_for=None),
                name="handoff_that_waits",
            ),
            # Serves the team page: answers of the last month, by user.
            models.Index(
                fields=["answered_by", "answered_at"],
                condition=~Q(answered_at=None),
                name="handoff_by_who_answered",
            ),
            # Serves the page of the reasons: how often each was chosen.
            models.Index(
                fields=["offered_at", "reason"],
                condition=Q(state="rejected"),
                name="handoff_rejected_by_offer",
            ),
        ]
        triggers = [
            pgtrigger.ReadOnly(
                name="offers_never_change", fields=["offered_at", "policy", "temperature"]
            )
        ]

    def __str__(self) -> str:
        return f"Handoff {self.pk} of lead {self.lead_id}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Attempt(models.Model):
    """A logged attempt to reach the contact; the first one stops the first-contact clock."""

    class Channel(models.TextChoices):
        CALL = "call", "Call"
        EMAIL = "email", "Email"
        MEETING = "meeting", "Meeting"
        SOCIAL = "social", "Social network"
        CHAT = "chat", "Chat"

    class Outcome(models.TextChoices):
        REACHED = "reached", "Reached"
        LEFT_MESSAGE = "left_message", "Left a message"
        NO_ANSWER = "no_answer", "No answer"
        BOUNCED = "bounced", "Wrong address or number"

    handoff = models.ForeignKey(Handoff, on_delete=models.PROTECT, related_name="attempts")
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="attempts")
    by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, related_name="attempts", db_index=False
    )
    channel = models.CharField(max_length=8, choices=Channel)
    outcome = models.CharField(max_length=12, choices=Outcome)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    note = models.CharField(max_length=500, blank=True)
    link = models.URLField(max_length=500, blank=True, help_text="Link to a recording or message.")

    def __str__(self) -> str:
        return f"{self.get_channel_display()} at {self.occurred_at:%Y-%m-%d %H:%M}"
