"""Find contacts that may be the same person: a hint, and never a reason to merge."""

from __future__ import annotations

from django.db.models import BooleanField, Case, Exists, OuterRef, QuerySet, When

from core.folding import Folded, fold
from leads.models import Company, Contact, ExternalId
from leads.normalization.identity import is_placeholder
from leads.normalization.names import person_key


def possible_duplicates(contact: Contact) -> QuerySet[Contact]:
    """Return the contacts that share an identity which did not join them."""
    claimed = ExternalId.objects.filter(contact=contact)
    same_id = claimed.filter(system=OuterRef("system"), value=OuterRef("value"))
    others = ExternalId.objects.filter(Exists(same_id), value__in=claimed.values("value"))
    shared = others.values("contact")
    if contact.phone and not is_placeholder(contact.phone):
        shared = shared.union(Contact.objects.filter(phone=contact.phone).values("pk"))
    return Contact.objects.filter(pk__in=shared, merged_into=None).exclude(pk=contact.pk)


def known_contacts(*, email: str, phone: str, name: str, company: str) -> QuerySet[Contact]:
    """Return the contacts that a person who is about to be added may be, the surest first."""
    contacts = Contact.objects.filter(merged_into=None)
    same = contacts.filter(email=email).values("pk")
    if phone and not is_placeholder(phone):
        same = same.union(contacts.filter(phone=phone).values("pk"))
    if name and company:
        companies = Company.objects.alias(folded=Folded("name")).filter(folded=fold(company))
        namesakes = contacts.filter(company__in=companies, name_key=person_key(name))
        same = same.union(namesakes.values("pk"))
    is_surest = Case(When(email=email, then=True), default=False, output_field=BooleanField())
    return contacts.filter(pk__in=same).order_by(is_surest.desc(), "pk")
