"""Edit lead types, sources, campaigns and stage definitions."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils import timezone

from core.admin_base import Admin, CodeListField, GuardedForm, OrderedAdmin
from core.permissions import Right
from core.versioning.admin import VersionAdmin
from leads.admin.condition_rows import field_choices
from leads.definitions import copy_definition, publish_definition
from leads.live_catalog import live_catalog
from leads.models import Campaign, LeadType, Source, StageDefinition, TouchKindRule
from people.choices import OffersPeople, offer_people
from people.models import User

offer_people(Campaign, owner=(Right.EDIT_CAMPAIGNS,))


class LeadTypeForm(GuardedForm):
    required_context = CodeListField(
        required=False,
        help_text="Context that sales needs to evaluate a lead of this type. Unknown fields are "
        "selected when a rep reports that data is missing.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        context = self.fields["required_context"]
        assert isinstance(context, forms.MultipleChoiceField)
        context.choices = field_choices(live_catalog())


@admin.register(LeadType)
class LeadTypeAdmin(OrderedAdmin[LeadType]):
    form = LeadTypeForm
    list_display = ["name", "code", "temperature", "is_hand_raise"]
    fields = ["seen", "name", "code", "temperature", "is_hand_raise", "required_context"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(TouchKindRule)
class TouchKindRuleAdmin(Admin[TouchKindRule]):
    form = GuardedForm
    list_display = ["kind", "lead_type", "is_buying_signal"]
    list_select_related = ["lead_type"]
    ordering = ["kind"]
    fields = ["seen", "kind", "lead_type", "is_buying_signal"]


@admin.register(Source)
class SourceAdmin(Admin[Source]):
    list_display = ["name", "code", "is_active"]
    list_filter = ["is_active"]
    search_fields = ["name", "code"]
    ordering = ["name"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(Campaign)
class CampaignAdmin(OffersPeople, Admin[Campaign]):
    empty_text = (
        "A campaign has the brief that reps see beside its leads. Imports create them, too."
    )
    form = GuardedForm
    list_display = ["name", "source", "owner", "starts_on", "ends_on"]
    list_select_related = ["source", "owner"]
    list_filter = ["source"]
    search_fields = ["name", "code"]
    ordering = ["name"]
    fieldsets = [
        (None, {"fields": ["seen", "name", "code", "source", "owner", ("starts_on", "ends_on")]}),
        ("Message", {"fields": ["theme", "offer", "landing_page", "problem"]}),
        ("Brief for the rep", {"fields": ["messaging", "talking_points"]}),
    ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []


@admin.register(StageDefinition)
class StageDefinitionAdmin(VersionAdmin[StageDefinition]):
    form = GuardedForm
    list_display = ["title", "state", "published_at", "published_by"]
    list_filter = ["status", "stage"]
    ordering = ["pk"]
    fieldsets = [
        (None, {"fields": ["seen", "stage", "version", "state"]}),
        (
            "Definition",
            {"fields": ["buyer_did", "company_looks_like", "problem_shows", "sales_does_next"]},
        ),
        ("Published", {"fields": ["published_at", "published_by"]}),
    ]
    readonly_fields = ["stage", *VersionAdmin.readonly_fields]

    def do_publish(self, version: StageDefinition, by: User) -> None:
        publish_definition(definition=version, by=by, at=timezone.now())

    def do_copy(self, version: StageDefinition) -> StageDefinition:
        return copy_definition(version)
