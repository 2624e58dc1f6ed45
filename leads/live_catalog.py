"""Add sources, campaigns and lead types to the field catalog as choices."""

from core.criteria.fields import Catalog, with_choices
from leads.field_catalog import CATALOG
from leads.models import Campaign, LeadType, Source


def live_catalog() -> Catalog:
    return with_choices(
        CATALOG,
        lead_types=LeadType.objects.order_by("position", "pk").values_list("code", "name"),
        sources=Source.objects.order_by("name").values_list("code", "name"),
        campaigns=Campaign.objects.order_by("name").values_list("code", "name"),
    )
