"""Search leads and contacts by words of contact and company; the last word may be a prefix.

Accents do not matter. An external id is found as a whole, alone or as SYSTEM:ID, a phone number by
its start or end, and a lead by its number.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.db.models import BigIntegerField, BooleanField, Func, Q, QuerySet, Value
from django.db.models.expressions import RawSQL

from core.folding import fold, fold_sql, text_sql, words_sql
from core.raw_sql import fetch_rows, positional
from leads.external_ids import split_id
from leads.models import LeadQuerySet

MAX_WORDS: Final = 8
MAX_LENGTH: Final = 200
# Ids of more matching contacts than this are not fetched, and leads that match not counted.
MAX_LOOKED_UP: Final = 4_000
# For a word that this share of contacts or companies has, leads are checked in list order until a
# page is full: looking up all contacts would take longer the more there are.
FREQUENT_SHARE: Final = 0.02
LAST_CHARACTER: Final = "\U0010ffff"
PHONE: Final = re.compile(r"[+(\d][\d\s()./-]*")
MIN_PHONE_DIGITS: Final = 4
NUMBER: Final = re.compile(r"#?(\d{1,18})")

# The planner assumes that a word matches 2 % of the rows. MATERIALIZED makes it use the index
# whatever that estimate leads to. A NULL limit is none.
COMPANIES_SQL: Final = f"""
WITH companies AS MATERIALIZED (
    SELECT id FROM leads_company
    WHERE {words_sql("name", "domain")} @@ to_tsquery('simple'::regconfig, %(query)s)
)
SELECT id FROM companies LIMIT %(limit)s
"""  # noqa: S608  (no input in it)
WORDS_SQL: Final = f"""
(
    WITH contacts AS MATERIALIZED (
        SELECT id FROM leads_contact
        WHERE {words_sql("name", "email")} @@ to_tsquery('simple'::regconfig, %(query)s)
    )
    SELECT id FROM contacts LIMIT %(limit)s
)
UNION (
    SELECT id FROM leads_contact
    WHERE company_id = ANY(ARRAY({COMPANIES_SQL})) LIMIT %(limit)s
)
"""  # noqa: S608  (no input in it)
EXTERNAL_IDS_SQL: Final = """
(
    SELECT contact_id FROM leads_externalid
    WHERE value = %(whole)s OR (value = %(value)s AND lower(system_id) = lower(%(system)s))
    LIMIT %(limit)s
)
"""
# Ranges, for which the planner uses the index whatever the text is.
EMAIL_SQL: Final = """
(
    SELECT id FROM leads_contact WHERE email >= %(email)s AND email < %(email_end)s
    LIMIT %(limit)s
)
"""
PHONE_SQL: Final = """
(
    SELECT id FROM leads_contact WHERE phone >= %(phone)s AND phone < %(phone_end)s
    LIMIT %(limit)s
)
UNION (
    SELECT id FROM leads_contact
    WHERE reverse(phone) >= %(last_digits)s AND reverse(phone) < %(last_digits_end)s
    LIMIT %(limit)s
)
"""
NO_IDS_SQL: Final = "SELECT id FROM leads_company WHERE false"

# The statistics of the indexes know which words are frequent. Reading all that have one from the
# index would take longer the more leads there are.
IS_FREQUENT_SQL: Final = f"""
SELECT count(*) > 0 AND sum(common.share) >= {FREQUENT_SHARE}
    AND sum(common.share * words.reltuples) >= %(limit)s AS is_frequent
FROM pg_stats AS known
JOIN pg_class AS words ON words.oid = (known.schemaname || '.' || known.tablename)::regclass
CROSS JOIN unnest(known.most_common_elems::text::text[], known.most_common_elem_freqs)
    AS common (word, share)
WHERE known.tablename IN ('contact_by_words', 'company_by_words')
    AND %(only_word)s <> '' AND starts_with(common.word, %(only_word)s)
"""  # noqa: S608  (no input in it)
# One row with NULL stands for a frequent word.
MATCHING_SQL: Final = f"""
WITH only_word AS MATERIALIZED (
    {IS_FREQUENT_SQL}
)
SELECT NULL FROM only_word WHERE is_frequent
UNION ALL
SELECT id FROM ({{contacts}}) AS matching (id) WHERE NOT (SELECT is_frequent FROM only_word)
"""  # noqa: S608  (no input in it)

# The same for one contact and its company: what matches is not read as a set.
QUERY_SQL: Final = "(SELECT to_tsquery('simple'::regconfig, %(query)s))"
HAS_WORDS_SQL: Final = " OR ".join(
    f"(strpos({text_sql(*columns)}, %(letters)s) > 0 AND {words_sql(*columns)} @@ {QUERY_SQL})"
    for columns in (("contact.name", "contact.email"), ("company.name", "company.domain"))
)
HAS_EMAIL_SQL: Final = "starts_with(contact.email, %(email)s)"
HAS_EXTERNAL_ID_SQL: Final = f"contact.id IN {EXTERNAL_IDS_SQL}"
HAS_PHONE_SQL: Final = """
starts_with(contact.phone, %(phone)s) OR starts_with(reverse(contact.phone), %(last_digits)s)
"""


def names_sql(table: str) -> str:
    """Return the rows whose name starts with the text, the exact one first."""
    name = fold_sql("(name)::text")
    return f"""
        SELECT id FROM {table} WHERE {name} >= %(name)s AND {name} < %(name_end)s
        ORDER BY {name}, id LIMIT %(names)s
    """  # noqa: S608  (no input in it)


@dataclass(frozen=True)
class Term:
    """Text of a user, and each of its possible meanings."""

    words: tuple[str, ...]

    @classmethod
    def of(cls, text: str) -> Term:
        """Split the text into printable, composed words, at most `MAX_WORDS`; no mark is a word."""
        printable = "".join(char if char.isprintable() else " " for char in text[:MAX_LENGTH])
        words = filter(fold, unicodedata.normalize("NFC", printable).split())
        return cls(tuple(words)[:MAX_WORDS])

    @property
    def whole(self) -> str:
        return " ".join(self.words)

    @cached_property
    def folded(self) -> str:
        return fold(self.whole)

    @property
    def query(self) -> str:
        return " & ".join(f"'{quote(fold(word))}'" for word in self.words) + ":*"

    @property
    def only_word(self) -> str:
        return self.folded if len(self.words) == 1 and not self.email else ""

    @property
    def letters(self) -> str:
        """Return the only word if it is in any text that matches: looking for it takes no time."""
        return self.only_word if self.only_word.isascii() and self.only_word.isalpha() else ""

    @property
    def email(self) -> str:
        """Return the only word if it is the beginning of an email, with its @."""
        word = self.words[0].lower() if len(self.words) == 1 else ""
        return word if word.find("@") > 0 else ""

    @property
    def digits(self) -> str:
        """Return the digits of a phone number, without the zeros in front of them."""
        if not PHONE.fullmatch(self.whole):
            return ""
        digits = re.sub(r"\D", "", self.whole).lstrip("0")
        return digits if len(digits) >= MIN_PHONE_DIGITS else ""

    @property
    def lead_number(self) -> int | None:
        number = NUMBER.fullmatch(self.whole)
        return int(number[1]) if number else None

    def contacts(self, limit: int | None) -> tuple[str, dict[str, Any]]:
        """Return SQL and parameters of the ids of matching contacts.

        There are at most `limit` of each way to match.
        """
        # Words of an email would find everyone whose address starts like it.
        ways = [EXTERNAL_IDS_SQL, EMAIL_SQL if self.email else WORDS_SQL]
        if self.digits:
            ways.append(PHONE_SQL)
        return " UNION ".join(ways), self._params(limit)

    def condition(self) -> tuple[str, dict[str, Any]]:
        """Return the same as a condition on `contact` and `company`."""
        ways = [HAS_EXTERNAL_ID_SQL, HAS_EMAIL_SQL if self.email else HAS_WORDS_SQL]
        if self.digits:
            ways.append(HAS_PHONE_SQL)
        return " OR ".join(ways), self._params(None)

    def companies(self, limit: int | None) -> tuple[str, dict[str, Any]]:
        return NO_IDS_SQL if self.email else COMPANIES_SQL, self._params(limit)

    def names(self, limit: int) -> dict[str, Any]:
        """Return the parameters of `names_sql`."""
        return {"name": self.folded, "name_end": self.folded + LAST_CHARACTER, "names": limit}

    def _params(self, limit: int | None) -> dict[str, Any]:
        system, value = split_id(self.whole)
        phone, last_digits = f"+{self.digits}", self.digits[::-1]
        return {
            "query": self.query,
            "only_word": self.only_word,
            "letters": self.letters,
            "limit": limit,
            "whole": self.whole,
            "system": system,
            "value": value,
            "email": self.email,
            "email_end": self.email + LAST_CHARACTER,
            "phone": phone,
            "phone_end": phone + LAST_CHARACTER,
            "last_digits": last_digits,
            "last_digits_end": last_digits + LAST_CHARACTER,
        }


class SearchResult(NamedTuple):
    leads: LeadQuerySet
    has_many_matches: bool = False  # fast for a page, slow for a count


def search(leads: LeadQuerySet, text: str) -> SearchResult:
    """Return the leads whose contact or company has all the words, or with this number."""
    term = Term.of(text)
    if not term.words:
        return SearchResult(leads)
    contacts = matching_contacts(term)
    if contacts is None:
        matching = Q(is_match(term))
    elif len(contacts) > MAX_LOOKED_UP:
        matching = Q(is_of_any(term))
    else:
        matching = Q(is_one_of("contact", contacts))
    if term.lead_number is not None:
        matching |= Q(pk=term.lead_number)
    has_many = contacts is None or len(contacts) > MAX_LOOKED_UP
    return SearchResult(leads.filter(matching), has_many_matches=has_many)


class IsOneOf(Func):
    """Match by an array, which is one parameter however many values there are."""

    template = "%(expressions)s)"
    arg_joiner = " = ANY("
    arity = 2
    output_field = BooleanField()


def is_one_of(column: str, ids: list[int]) -> IsOneOf:
    return IsOneOf(column, Value(ids, output_field=ArrayField(BigIntegerField())))


class IsOfMatch(Func):
    """Check lead by lead: fast for frequent words, which soon fill a page.

    Not EXISTS, which the planner could turn into a join with all that match.
    """

    template = "(SELECT %(expressions)s)"
    arg_joiner = """ FROM leads_contact AS contact
        LEFT JOIN leads_company AS company ON company.id = contact.company_id WHERE contact.id = """
    arity = 2
    output_field = BooleanField()


def is_of_any(term: Term) -> IsOneOf:
    """Look up all matching contacts, however many they are, without reading them first."""
    contacts, params = term.contacts(None)
    return IsOneOf("contact", raw(f"ARRAY({contacts})", params))


def is_match(term: Term) -> IsOfMatch:
    return IsOfMatch(raw(*term.condition()), "contact")


def raw(sql: str, params: Mapping[str, Any]) -> RawSQL:
    return RawSQL(*positional(sql, params), BooleanField())  # noqa: S611  (no input in it)


def with_ids(rows: QuerySet[Any], sql: str, params: Mapping[str, Any]) -> QuerySet[Any]:
    """Return the rows with these ids; of an array the planner looks up each in the index."""
    condition = f'"{rows.model._meta.db_table}"."id" = ANY(ARRAY({sql}))'
    return rows.filter(raw(condition, params))


def matching_contacts(term: Term) -> list[int] | None:
    """Return all matching contacts, or some if they are too many; None if the word is frequent."""
    contacts, params = term.contacts(MAX_LOOKED_UP + 1)
    ids = [pk for (pk,) in fetch_rows(MATCHING_SQL.format(contacts=contacts), params)]
    return None if ids == [None] else ids


def quote(word: str) -> str:
    return word.replace("\\", "\\\\").replace("'", "''")
