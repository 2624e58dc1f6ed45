"""Find contacts that may be the same person: a hint, and never a reason to merge."""

from __future__ import annotations

from django.db.models import Exists, OuterRef, QuerySet

from leads.models import Contact, ExternalId
from leads.normalization.identity import is_placeholder


def possible_duplicates(contact: Contact) -> QuerySet[Contact]:
    """Return the contacts that share an identity which did not join them."""
    claimed = ExternalId.objects.filter(contact=contact)
    same_id = claimed.filter(system=OuterRef("system"), value=OuterRef("value"))
    others = ExternalId.objects.filter(Exists(same_id), value__in=claimed.values("value"))
    shared = others.values("contact")
    if contact.phone and not is_placeholder(contact.phone):
        shared = shared.union(Contact.objects.filter(phone=contact.phone).values("pk"))
    return Contact.objects.filter(pk__in=shared, merged_into=None).exclude(pk=contact.pk)
