"""Leads with their touches, score and context card."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Case, F, OuterRef, Q, Subquery, Value, When
from django.db.models.expressions import RawSQL

from core.permissions import Right
from core.triggers import append_only
from leads.enums import Temperature, Timing, TouchKind
from leads.models.contacts import Company, Contact
from leads.models.content import Campaign, LeadType, ScoringModel, Source
from leads.stages import CHOICES, CLOSED, Stage
from people.models import Membership, User

CLOSED_CODES = sorted(stage.value for stage in CLOSED)
TO_COMPLETE = (Q(stage=Stage.ENGAGED) & ~Q(returned_at=None)) | ~Q(missing_fields=[])


class LeadQuerySet(models.QuerySet["Lead"]):
    def open(self) -> LeadQuerySet:
        return self.filter(closed_at=None)

    def closed(self) -> LeadQuerySet:
        return self.exclude(closed_at=None)

    def counted(self) -> LeadQuerySet:
        """Leave out leads of imports that were taken back."""
        return self.filter(undone_at=None)

    def to_complete(self) -> LeadQuerySet:
        """Return the leads that marketing has to complete: returned by sales, or out of reach."""
        # Literals: with parameters, a plan for any values cannot use a partial index.
        engaged, nothing = (RawSQL(literal, ()) for literal in ("'engaged'", "'{}'"))  # noqa: S611  (no input in it)
        returned = Q(stage=engaged, returned_at__isnull=False)
        return self.open().filter(returned | ~Q(missing_fields=nothing))

    def with_company_rep(self) -> LeadQuerySet:
        """Add `company_rep`, who has an open lead of another contact of the company."""
        others = Lead.objects.open().filter(company=OuterRef("company")).exclude(owner=None)
        oldest = others.exclude(contact=OuterRef("contact")).order_by("opened_at", "pk")
        return self.annotate(company_rep=Subquery(oldest.values("owner")[:1]))

    def company_reps(self) -> dict[int, int]:
        """Return the company rep of each lead that has one."""
        rows = self.with_company_rep().exclude(**{"company_rep": None})
        return dict(rows.values_list("pk", *["company_rep"]))

    def held_for(self, user: User) -> LeadQuerySet:
        """Return what the user and their teams hold now, or everything if they may see it."""
        if not user.is_active or not user.may(Right.SEE_LEADS):
            return self.none()
        return self if user.may(Right.SEE_EVERY_LEAD) else self.filter(held_by_team_of(user))


def held_by_team_of(user: User) -> Q:
    teammates = Membership.objects.filter(team__in=user.team_ids).values("user")
    return Q(owner=user) | Q(queue__in=user.team_ids) | Q(owner__in=teammates)


class Lead(models.Model):
    """One qualification cycle of a contact. Only `leads.lifecycle` changes its stage."""

    contact = models.ForeignKey(
        Contact, on_delete=models.PROTECT, related_name="leads", db_index=False
    )
    company = models.ForeignKey(
        Company, on_delete=models.PROTECT, null=True, related_name="leads", db_index=False
    )
    stage = models.CharField(max_length=12, choices=CHOICES, default=Stage.NEW)
    stage_entered_at = models.DateTimeField()
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    owner = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, related_name="leads", db_index=False
    )
    queue = models.ForeignKey(
        "people.Team", on_delete=models.PROTECT, null=True, related_name="leads", db_index=False
    )
    lead_type = models.ForeignKey(
        LeadType, on_delete=models.PROTECT, null=True, related_name="leads", db_index=False
    )
    temperature = models.CharField(max_length=4, choices=Temperature, default=Temperature.COLD)
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, related_name="leads", db_index=False
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, related_name="leads", db_index=False
    )
    medium = models.CharField(max_length=100, blank=True)
    landing_page = models.CharField(max_length=500, blank=True)
    first_touch = models.ForeignKey(
        "leads.Touch", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    latest_touch_at = models.DateTimeField()
    touch_count = models.PositiveIntegerField(default=1)
    signals = models.JSONField(
        default=dict,
        help_text='Touches of this lead by kind: {"demo_request": {count, last, what}}.',
    )
    stated_problem = models.TextField(blank=True)
    product_interest = models.CharField(max_length=100, blank=True)
    timing = models.CharField(max_length=12, choices=Timing, blank=True)
    budget_context = models.CharField(max_length=300, blank=True)
    score = models.PositiveSmallIntegerField(default=0)
    intent_score = models.PositiveSmallIntegerField(default=0)
    amount = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    currency = models.CharField(max_length=3, blank=True)
    wake_on = models.DateField(null=True, help_text="The day on which a nurtured lead resurfaces.")
    predecessor = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, related_name="successors", db_index=False
    )
    is_historical = models.BooleanField(
        default=False, help_text="Imported with its own dates, without SLA clocks and notices."
    )
    undone_at = models.DateTimeField(
        null=True, help_text="When the import that opened the lead was taken back."
    )
    returned_at = models.DateTimeField(
        null=True,
        help_text="When sales returned the lead. Empty once it may be offered again.",
    )
    signal_kinds = ArrayField(
        models.CharField(max_length=24),
        default=list,
        help_text="Kinds of touches at which a returned lead is offered again.",
    )
    missing_fields = ArrayField(
        models.CharField(max_length=60),
        default=list,
        help_text="Fields that sales needs before a returned lead is offered again.",
    )

    objects = LeadQuerySet.as_manager()

    class Meta:
        constraints = [
            # Serves the leads of a contact, too.
            models.UniqueConstraint(
                F("contact"),
                Case(When(closed_at=None, then=Value(0)), default=F("id")),
                name="one_open_lead_of_contact",
            ),
            models.CheckConstraint(
                condition=~Q(closed_at=None) | ~Q(owner=None) | ~Q(queue=None),
                name="open_lead_has_owner_or_queue",
            ),
            models.CheckConstraint(
                condition=Q(undone_at=None) | ~Q(closed_at=None), name="undone_lead_is_closed"
            ),
            models.CheckConstraint(
                condition=Q(stage__in=CLOSED_CODES, closed_at__isnull=False)
                | (~Q(stage__in=CLOSED_CODES) & Q(closed_at=None)),
                name="lead_closed_by_its_stage",
            ),
        ]
        # Each index takes about two microseconds of an insert or of an update of its columns. Those
        # of lists end with their order, newest first.
        indexes = [
            # Serve the leads list and its dates, and its orders that do not sort names.
            models.Index(F("opened_at").desc(), F("id").desc(), name="lead_by_opened"),
            models.Index(F("score").desc(), F("id").desc(), name="lead_by_score"),
            models.Index(F("stage_entered_at").desc(), F("id").desc(), name="lead_by_stage_entry"),
            # Serves the list by stage.
            models.Index("stage", F("opened_at").desc(), F("id").desc(), name="lead_by_stage"),
            # Serves the list by source.
            models.Index("source", F("opened_at").desc(), F("id").desc(), name="lead_by_source"),
            # Serves the list by owner, and that of a team.
            models.Index("owner", F("opened_at").desc(), F("id").desc(), name="lead_by_owner"),
            # Serves intake, which asks for the rep of the company.
            models.Index(
                fields=["company"], condition=Q(closed_at=None), name="open_lead_by_company"
            ),
            # Serves the list by campaign, and holds no lead without one.
            models.Index(
                "campaign",
                F("opened_at").desc(),
                F("id").desc(),
                condition=~Q(campaign=None),
                name="lead_by_campaign",
            ),
            # Serves the list by queue and that of a team, and holds no lead of a rep.
            models.Index(
                "queue",
                F("opened_at").desc(),
                F("id").desc(),
                condition=~Q(queue=None),
                name="lead_in_queue",
            ),
            # Serves the list of leads that marketing completes, and holds no other lead.
            models.Index(
                fields=["stage_entered_at", "id"],
                condition=Q(closed_at=None) & TO_COMPLETE,
                name="lead_kept_by_marketing",
            ),
            # Serves the job that resurfaces leads, and holds those with a date only.
            models.Index(
                fields=["wake_on", "id"],
                condition=~Q(wake_on=None) & Q(closed_at=None),
                name="lead_by_wake_date",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="first_touch_only_moves_back",
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(
                    old__first_touch__df=pgtrigger.F("new__first_touch"),
                    new__opened_at__gte=pgtrigger.F("old__opened_at"),
                ),
            )
        ]

    def __str__(self) -> str:
        return f"Lead {self.pk}"

    if TYPE_CHECKING:
        # Provided by ABSOLUTE_URL_OVERRIDES, because the page belongs to a higher app.
        def get_absolute_url(self) -> str: ...

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Touch(models.Model):
    """One marketing interaction. The database refuses to change or delete it."""

    contact = models.ForeignKey(Contact, on_delete=models.PROTECT, related_name="touches")
    lead = models.ForeignKey(Lead, on_delete=models.PROTECT, related_name="touches")
    kind = models.CharField(max_length=24, choices=TouchKind, default=TouchKind.FORM)
    occurred_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    lead_type = models.ForeignKey(
        LeadType, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    source = models.ForeignKey(
        Source, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    medium = models.CharField(max_length=100, blank=True)
    offer = models.CharField(max_length=200, blank=True)
    landing_page = models.CharField(max_length=500, blank=True)
    referrer = models.CharField(max_length=500, blank=True)
    utm = models.JSONField(default=dict)
    answers = models.JSONField(default=dict, help_text="Form answers by field.")
    is_repeat = models.BooleanField(
        default=False, help_text="The same action again within minutes, which does not count."
    )
    stated = models.JSONField(default=dict, help_text="Values about contact and company, by field.")
    set_aside = models.JSONField(
        default=list, help_text="Values that could not be used: [{field, value, reason}]."
    )
    via = models.CharField(max_length=100, help_text="Channel: api, csv, form, webhook.")

    class Meta:
        verbose_name_plural = "touches"
        indexes = [
            # Serves the list of values to repair, and holds no other touch.
            models.Index(
                fields=["-id"], condition=~Q(set_aside=[]), name="touch_with_values_set_aside"
            )
        ]
        triggers = [append_only("touches_are_append_only")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} at {self.occurred_at:%Y-%m-%d %H:%M}"


class Repair(models.Model):
    """Record what became of a value that was set aside. The database refuses to change it."""

    touch = models.ForeignKey(
        Touch, on_delete=models.PROTECT, related_name="repairs", db_index=False
    )
    field = models.CharField(max_length=100)
    value = models.TextField(help_text="The value that was set aside.")
    entered = models.TextField(blank=True, help_text="The right value. Empty if it was dismissed.")
    note = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["touch", "field", "value"], name="value_repaired_once"),
            models.CheckConstraint(
                condition=Q(entered="") ^ Q(note=""), name="repair_has_value_or_note"
            ),
        ]
        triggers = [append_only("repairs_are_append_only")]

    def __str__(self) -> str:
        return f"{self.field} of touch {self.touch_id}"


class LeadScore(models.Model):
    """The score breakdown. The database refuses a total that is not the sum of its lines."""

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, related_name="score_card")
    model = models.ForeignKey(ScoringModel, on_delete=models.PROTECT, db_index=False)
    total = models.SmallIntegerField()
    intent = models.SmallIntegerField()
    ledger = models.JSONField(help_text="Lines of group, label, points and detail.")
    missed = models.JSONField(default=list)
    to_become_ready = models.JSONField(default=list)
    scored_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.total} points for lead {self.lead_id}"


class ContextCard(models.Model):
    """Context for the rep, drafted from touches until marketing edits it."""

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, related_name="card")
    content_engaged = models.TextField(blank=True)
    problem_indicated = models.TextField(blank=True)
    messaging_received = models.TextField(blank=True)
    why = models.CharField(max_length=300, blank=True, help_text="Why sales should follow up.")
    why_now = models.CharField(
        max_length=300, blank=True, help_text="Why a returned lead is offered again."
    )
    edited_by = models.ForeignKey(
        "people.User", on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    edited_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"Context card of lead {self.lead_id}"
