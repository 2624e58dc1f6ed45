"""Words to leads, over contact and company; the last word may be unfinished."""

from __future__ import annotations

import unicodedata
from typing import Final

from django.contrib.postgres.search import SearchQuery
from django.db.models import Q

from leads.models import Company, Contact
from leads.querysets import LeadQuerySet

MOST_WORDS: Final = 8
LONGEST: Final = 200


def search(leads: LeadQuerySet, text: str) -> LeadQuerySet:
    """Leads whose contact has all the words, or whose contact works at a company that has them."""
    words = words_in(text)
    if not words:
        return leads
    query = prefix_query(words)
    own = Q(search=query)
    if len(words) == 1 and "@" in words[0]:
        own |= Q(email__startswith=words[0].lower())
    contacts = Contact.objects.filter(own).values("pk")
    companies = Company.objects.filter(search=query).values("pk")
    colleagues = Contact.objects.filter(company__in=companies).values("pk")
    return leads.filter(contact__in=contacts.union(colleagues))


def words_in(text: str) -> list[str]:
    """The words as they can be asked for: printable, composed, not too many."""
    printable = "".join(char if char.isprintable() else " " for char in text[:LONGEST])
    return unicodedata.normalize("NFC", printable).split()[:MOST_WORDS]


def prefix_query(words: list[str]) -> SearchQuery:
    quoted = [f"'{quote(word)}'" for word in words]
    return SearchQuery(" & ".join(quoted) + ":*", search_type="raw", config="simple")


def quote(word: str) -> str:
    return word.replace("\\", "\\\\").replace("'", "''")
