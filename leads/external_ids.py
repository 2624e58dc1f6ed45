"""Source systems and the external ids of contacts in them, written as SYSTEM:ID."""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from leads.models import Contact, ExternalId, LeadQuerySet, SourceSystem

MAX_NAME: Final = 100
SEPARATOR: Final = ":"


def system_name(text: str) -> str:
    """Return the name of the system that a map or key calls so."""
    return text.replace(SEPARATOR, " ").strip()[:MAX_NAME].strip()


def find_system(text: str) -> str | None:
    """Return the name of the system as it is stored, without regard to case."""
    systems = SourceSystem.objects.filter(name__iexact=system_name(text))
    return systems.values_list("name", flat=True).first()


def ensure_system(text: str) -> str:
    """Return the name of the system, and create it if it is new."""
    known = find_system(text)
    if known is None:
        known = SourceSystem.objects.create(name=system_name(text)).name
    return known


def split_id(text: str) -> tuple[str, str]:
    """Return system and id of SYSTEM:ID, both empty for other texts."""
    system, _, value = text.partition(SEPARATOR)
    return (system.strip(), value.strip()) if value.strip() else ("", "")


def ids_named(text: str) -> QuerySet[ExternalId]:
    """Return the ids that a text names: SYSTEM:ID, or an ID in whatever system."""
    system, value = split_id(text)
    named = Q(value=text.strip())
    if system:
        named |= Q(system__name__iexact=system, value=value)
    return ExternalId.objects.filter(named)


def with_external_id(leads: LeadQuerySet, text: str, *, system: str = "") -> LeadQuerySet:
    """Return the leads of the contacts that have exactly this external id.

    `text` is SYSTEM:ID, or the ID in `system`, or an ID in whatever system.
    """
    named = ids_named(f"{system}{SEPARATOR}{text}") if system else ids_named(text)
    return leads.filter(contact__in=named.filter(is_conflict=False).values("contact"))


def ids_text(contact: Contact) -> str:
    ids = ExternalId.objects.filter(contact=contact, is_conflict=False)
    return ", ".join(map(str, ids.order_by("system", "value")))


def next_claim(removed: ExternalId) -> ExternalId | None:
    """Return the first claim to an id that a contact no longer has, unless another one has it."""
    claims = ExternalId.objects.filter(system=removed.system_id, value=removed.value)
    if claims.filter(is_conflict=False).exists():
        return None
    return claims.select_related("contact").order_by("pk").first()


def external_ids_of(contact_column: str) -> ArraySubquery:
    """Return an expression for the ids of a contact, as SYSTEM:ID in order."""
    ids = ExternalId.objects.filter(contact=OuterRef(contact_column), is_conflict=False)
    texts = ids.annotate(text=Concat(F("system"), Value(SEPARATOR), F("value")))
    return ArraySubquery(texts.order_by("system", "value").values("text"))
