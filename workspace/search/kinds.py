"""Kinds of rows that the search finds: one entry per kind, all ranked in one statement."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchQuery, SearchVectorExact
from django.db.models import (
    Case,
    Exists,
    F,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    TextField,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, Coalesce, RowNumber

from core.folding import Folded, words_of
from core.permissions import Right
from handoff.lead_access import visible_contacts, visible_leads
from leads.external_ids import ids_named
from leads.models import Campaign, Company
from leads.search import Term, with_ids
from leads.stages import Stage
from people.models import User
from workspace.search.addresses import page_or_leads
from workspace.search.hits import Hit
from workspace.search.matches import Matches, read_matches

EXACT, START, WORD = range(3)
NAMELESS: Final = "Name unknown"
LEADS_SQL: Final = """
SELECT id FROM leads_lead WHERE contact_id = ANY(%(ids)s::bigint[]) UNION SELECT %(number)s::bigint
"""
IDS_SQL: Final = "SELECT unnest(%(ids)s::bigint[])"


@dataclass(frozen=True)
class Kind:
    label: str
    icon: str
    right: Right
    # Returns the rows that the user may see, with their `rank`.
    query: Callable[[Term, User, Matches], QuerySet[Any]]
    texts: tuple[str, ...]  # columns that `row` gets after the id
    row: Callable[..., tuple[str, str, str]]  # returns title, detail and address
    order: tuple[Any, ...] = ("folded_name", "pk")


def read_hits(term: Term, user: User, size: int) -> dict[Kind, list[Hit]]:
    """Return the best hits of each kind that the user may see, at most `size` of each."""
    kinds = [(place, kind) for place, kind in enumerate(KINDS) if user.may(kind.right)]
    if not kinds or not term.words:
        return {}
    matches = read_matches(term, user)
    first, *others = (rows_of(kind, place, term, user, matches)[:size] for place, kind in kinds)
    hits: dict[Kind, list[Hit]] = {}
    for place, _, pk, texts in first.union(*others, all=True).order_by("kind", "place"):
        kind = KINDS[place]
        hits.setdefault(kind, []).append(Hit(*kind.row(pk, *texts), kind.icon))
    return hits


def rows_of(kind: Kind, place: int, term: Term, user: User, matches: Matches) -> QuerySet[Any, Any]:
    texts = (Coalesce(Cast(F(text), TextField()), Value("")) for text in kind.texts)
    order = ("rank", *kind.order)
    row = {
        "kind": Value(place),
        "place": Window(RowNumber(), order_by=order),
        "number": F("pk"),
        "texts": Func(
            *texts, template="ARRAY[%(expressions)s]", output_field=ArrayField(TextField())
        ),
    }
    rows: QuerySet[Any, Any] = kind.query(term, user, matches).annotate(**row).order_by(*order)
    return rows.values_list(*row)


def ranked(rows: QuerySet[Any], term: Term, name: str, *exact: Q) -> QuerySet[Any]:
    """Add the `rank`: the text itself first, then its start, then the start of a later word."""
    cases = [
        *(When(condition, then=EXACT) for condition in exact),
        When(folded_name=term.folded, then=EXACT),
        When(folded_name__startswith=term.folded, then=START),
    ]
    rank = Case(*cases, default=WORD, output_field=IntegerField())
    with_rank: QuerySet[Any] = rows.alias(folded_name=Folded(name)).alias(rank=rank)
    return with_rank


def with_words(rows: QuerySet[Any], term: Term, *columns: str) -> QuerySet[Any]:
    """Return the rows that have all the words; by itself for a small table only.

    The beginning of an email matches only emails that start with it.
    """
    if term.email:
        return rows.filter(email__startswith=term.email) if "email" in columns else rows.none()
    query = SearchQuery(term.query, search_type="raw", config="simple")
    return rows.filter(SearchVectorExact(words_of(*columns), query))


def leads(term: Term, user: User, matches: Matches) -> QuerySet[Any]:
    sql, params = LEADS_SQL, {"ids": matches.contacts, "number": term.lead_number}
    exact = [Q(contact__email=term.email)]
    if term.lead_number is not None:
        exact.append(Q(pk=term.lead_number))
    rows = with_ids(visible_leads(user).counted(), sql, params)
    return ranked(rows, term, "contact__name", *exact)


def contacts(term: Term, user: User, matches: Matches) -> QuerySet[Any]:
    rows = with_ids(visible_contacts(user), IDS_SQL, {"ids": matches.contacts})
    known = Q(pk__in=ids_named(term.whole).values("contact"))
    return ranked(rows.filter(merged_into=None), term, "name", known, Q(email=term.email))


def companies(term: Term, user: User, matches: Matches) -> QuerySet[Any]:
    rows = Company.objects.all()
    if not user.may(Right.SEE_EVERY_LEAD):
        rows = rows.filter(Exists(visible_leads(user).filter(contact__company=OuterRef("pk"))))
    rows = with_ids(rows, IDS_SQL, {"ids": matches.companies})
    return ranked(rows, term, "name", Q(domain=term.whole.lower()))


def campaigns(term: Term, _user: User, _matches: Matches) -> QuerySet[Any]:
    return ranked(with_words(Campaign.objects.all(), term, "name", "code"), term, "name")


def people(term: Term, _user: User, _matches: Matches) -> QuerySet[Any]:
    active = User.objects.filter(is_active=True, is_superuser=False)
    return ranked(with_words(active, term, "name", "email"), term, "name", Q(email=term.email))


def lead_row(
    pk: int, name: str, email: str, company: str, stage: str, owner: str
) -> tuple[str, str, str]:
    detail = joined(company, Stage(stage).label, owner, f"#{pk}")
    return name or email or NAMELESS, detail, page_or_leads("workspace:lead", pk)


def contact_row(pk: int, name: str, email: str, title: str, company: str) -> tuple[str, str, str]:
    shown = name or email or NAMELESS
    detail = joined(title, company, email if name else "")
    return shown, detail, page_or_leads("workspace:contact", pk, q=email or name)


def company_row(pk: int, name: str, domain: str) -> tuple[str, str, str]:
    return name, domain, page_or_leads("workspace:company", pk, q=name)


def campaign_row(pk: int, name: str, code: str) -> tuple[str, str, str]:
    return name, code, page_or_leads("workspace:campaign", pk, campaign=code)


def person_row(pk: int, name: str, email: str) -> tuple[str, str, str]:
    return name or email, email, page_or_leads("workspace:person", pk, owner=str(pk))


def joined(*texts: str) -> str:
    return " · ".join(filter(None, texts))


KINDS: Final = (
    Kind(
        "Leads",
        "inbox",
        Right.SEE_LEADS,
        leads,
        ("contact__name", "contact__email", "company__name", "stage", "owner__name"),
        lead_row,
        order=("closed_at", "-latest_touch_at", "pk"),
    ),
    Kind(
        "Contacts",
        "person",
        Right.SEE_LEADS,
        contacts,
        ("name", "email", "title", "company__name"),
        contact_row,
    ),
    Kind("Companies", "company", Right.SEE_LEADS, companies, ("name", "domain"), company_row),
    Kind("Campaigns", "flag", Right.SEE_LEADS, campaigns, ("name", "code"), campaign_row),
    Kind("People", "people", Right.SEE_LEADS, people, ("name", "email"), person_row),
)
