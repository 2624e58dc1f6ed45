"""Find contacts that may be the same person: a hint, and never a reason to merge."""

from __future__ import annotations

from django.db.models import QuerySet

from leads.models import Contact
from leads.normalization.identity import is_placeholder


def possible_duplicates(contact: Contact) -> QuerySet[Contact]:
    """Return the contacts that share an identity which did not join them."""
    if not contact.phone or is_placeholder(contact.phone):
        return Contact.objects.none()
    return Contact.objects.filter(phone=contact.phone, merged_into=None).exclude(pk=contact.pk)
