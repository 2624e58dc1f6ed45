"""Words to leads, over contact and company; the last word may be unfinished."""

from __future__ import annotations

import unicodedata
from typing import Any, Final, NamedTuple

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, Subquery

from leads.models import Company, Contact, LeadQuerySet

MOST_WORDS: Final = 8
LONGEST: Final = 200
# More contacts than this are not looked up one by one: the list is walked until a page is full.
FEW: Final = 1_000

# Nobody can guess beforehand how many rows a word has, and the planner takes two in a hundred.
# Materialized, the word is looked up in its index whatever that guess makes of the rest.
CONTACTS: Final = """
WITH own AS MATERIALIZED (
    SELECT id FROM leads_contact WHERE search @@ to_tsquery('simple', %(query)s)
), theirs AS MATERIALIZED (
    SELECT id FROM leads_company WHERE search @@ to_tsquery('simple', %(query)s)
)
(SELECT id FROM own LIMIT %(most)s)
UNION (
    SELECT id FROM leads_contact
    WHERE company_id = ANY(ARRAY(SELECT id FROM theirs LIMIT %(most)s)) LIMIT %(most)s
)
"""
# By comparison, for which the planner uses the index whatever the address is.
BY_EMAIL: Final = f"""{CONTACTS}
UNION (SELECT id FROM leads_contact WHERE email >= %(email)s AND email < %(end)s LIMIT %(most)s)
"""  # noqa: S608  (no input in it)
LAST_CHARACTER: Final = "\U0010ffff"


class Found(NamedTuple):
    """`is_walked` when each lead is looked at in turn: quick for a page, slow for a count."""

    leads: LeadQuerySet
    is_walked: bool = False


def search(leads: LeadQuerySet, text: str) -> Found:
    """Leads whose contact has all the words, or whose contact works at a company that has them."""
    words = words_in(text)
    if not words:
        return Found(leads)
    query, email = prefix_query(words), email_prefix(words)
    contacts = some_contacts(query, email)
    if len(contacts) <= FEW:
        return Found(leads.filter(contact__in=contacts))
    return Found(leads.filter(is_found(query, email)), is_walked=True)


def is_found(query: str, email: str) -> Subquery:
    """Asked lead by lead, for words that so many have that a page of them is soon together."""
    asked = SearchQuery(query, search_type="raw", config="simple")
    found = Q(search=asked) | Q(company__in=Company.objects.filter(search=asked).values("pk"))
    if email:
        found |= Q(email__startswith=email)
    contact = Contact.objects.filter(pk=OuterRef("contact_id"))
    answer = contact.values_list(ExpressionWrapper(found, BooleanField()))
    return Subquery(answer[:1], output_field=BooleanField())


def some_contacts(query: str, email: str) -> list[int]:
    """All of them when they are few, else some."""
    asked: dict[str, Any] = {"query": query, "most": FEW + 1}
    if email:
        asked |= {"email": email, "end": email + LAST_CHARACTER}
    with connection.cursor() as cursor:
        cursor.execute(BY_EMAIL if email else CONTACTS, asked)
        return [pk for (pk,) in cursor.fetchall()]


def words_in(text: str) -> list[str]:
    """The words as they can be asked for: printable, composed, not too many."""
    printable = "".join(char if char.isprintable() else " " for char in text[:LONGEST])
    return unicodedata.normalize("NFC", printable).split()[:MOST_WORDS]


def prefix_query(words: list[str]) -> str:
    return " & ".join(f"'{quote(word)}'" for word in words) + ":*"


def email_prefix(words: list[str]) -> str:
    return words[0].lower() if len(words) == 1 and "@" in words[0] else ""


def quote(word: str) -> str:
    return word.replace("\\", "\\\\").replace("'", "''")
