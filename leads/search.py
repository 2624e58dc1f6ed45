"""Search leads by words of contact and company; the last word may be a prefix.

An external id is found as a whole, alone or as SYSTEM:ID.
"""

from __future__ import annotations

import unicodedata
from typing import Any, Final, NamedTuple

from django.contrib.postgres.search import SearchQuery
from django.db import connection
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, Subquery

from leads.external_ids import ids_named, split_id
from leads.models import Company, Contact, LeadQuerySet

MAX_WORDS: Final = 8
MAX_LENGTH: Final = 200
# With more matching contacts than this, leads are checked in list order until a page is full.
MAX_LOOKED_UP: Final = 1_000

# The planner assumes that a word matches 2 % of the rows. MATERIALIZED makes it use the index
# whatever that estimate leads to.
CONTACTS_SQL: Final = """
WITH contacts AS MATERIALIZED (
    SELECT id FROM leads_contact WHERE search @@ to_tsquery('simple', %(query)s)
), companies AS MATERIALIZED (
    SELECT id FROM leads_company WHERE search @@ to_tsquery('simple', %(query)s)
)
(SELECT id FROM contacts LIMIT %(limit)s)
UNION (
    SELECT id FROM leads_contact
    WHERE company_id = ANY(ARRAY(SELECT id FROM companies LIMIT %(limit)s)) LIMIT %(limit)s
)
UNION (
    SELECT contact_id FROM leads_externalid
    WHERE value = %(whole)s OR (value = %(value)s AND lower(system_id) = lower(%(system)s))
    LIMIT %(limit)s
)
"""
# A range, for which the planner uses the index whatever the address is.
EMAIL_SQL: Final = f"""{CONTACTS_SQL}
UNION (SELECT id FROM leads_contact WHERE email >= %(email)s AND email < %(end)s LIMIT %(limit)s)
"""  # noqa: S608  (no input in it)
LAST_CHARACTER: Final = "\U0010ffff"


class SearchResult(NamedTuple):
    leads: LeadQuerySet
    is_sequential_scan: bool = False  # fast for a page, slow for a count


def search(leads: LeadQuerySet, text: str) -> SearchResult:
    """Return the leads whose contact or company has all the words."""
    words = words_in(text)
    if not words:
        return SearchResult(leads)
    query, email, whole = prefix_query(words), email_prefix(words), " ".join(words)
    contacts = matching_contacts(query, email, whole)
    if len(contacts) <= MAX_LOOKED_UP:
        return SearchResult(leads.filter(contact__in=contacts))
    return SearchResult(leads.filter(is_match(query, email, whole)), is_sequential_scan=True)


def is_match(query: str, email: str, whole: str) -> Subquery:
    """Check lead by lead: fast for frequent words, which soon fill a page."""
    search_query = SearchQuery(query, search_type="raw", config="simple")
    companies = Company.objects.filter(search=search_query).values("pk")
    condition = Q(search=search_query) | Q(company__in=companies)
    condition |= Q(pk__in=ids_named(whole).values("contact"))
    if email:
        condition |= Q(email__startswith=email)
    contact = Contact.objects.filter(pk=OuterRef("contact_id"))
    matches = contact.values_list(ExpressionWrapper(condition, BooleanField()))
    return Subquery(matches[:1], output_field=BooleanField())


def matching_contacts(query: str, email: str, whole: str) -> list[int]:
    """Return all matching contacts, or some when there are more than `MAX_LOOKED_UP`."""
    system, value = split_id(whole)
    params: dict[str, Any] = {
        "query": query,
        "limit": MAX_LOOKED_UP + 1,
        "whole": whole,
        "system": system,
        "value": value,
    }
    if email:
        params |= {"email": email, "end": email + LAST_CHARACTER}
    with connection.cursor() as cursor:
        cursor.execute(EMAIL_SQL if email else CONTACTS_SQL, params)
        return [pk for (pk,) in cursor.fetchall()]


def words_in(text: str) -> list[str]:
    """Split the text into printable, composed words, at most `MAX_WORDS`."""
    printable = "".join(char if char.isprintable() else " " for char in text[:MAX_LENGTH])
    return unicodedata.normalize("NFC", printable).split()[:MAX_WORDS]


def prefix_query(words: list[str]) -> str:
    return " & ".join(f"'{quote(word)}'" for word in words) + ":*"


def email_prefix(words: list[str]) -> str:
    return words[0].lower() if len(words) == 1 and "@" in words[0] else ""


def quote(word: str) -> str:
    return word.replace("\\", "\\\\").replace("'", "''")
