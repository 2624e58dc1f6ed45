"""The criteria catalogue with the choices that live in the database, for those who write rules."""

from core.criteria.fields import Catalogue, with_choices
from leads.field_catalog import CATALOGUE
from leads.models import Campaign, LeadType, Source


def live_catalogue() -> Catalogue:
    return with_choices(
        CATALOGUE,
        lead_types=LeadType.objects.order_by("position", "pk").values_list("code", "name"),
        sources=Source.objects.order_by("name").values_list("code", "name"),
        campaigns=Campaign.objects.order_by("name").values_list("code", "name"),
    )
