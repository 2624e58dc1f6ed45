"""Show which rule of a version matches a lead, and why; nothing is written."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from core.admin_base import Admin
from core.criteria.explain import explained_conditions, fact_in_words
from core.criteria.fields import Catalog, Facts
from core.errors import Refused
from handoff.models import RuleSet
from handoff.routing import publishing
from handoff.routing.matching import match_rules
from leads.facts import PATHS, facts_from_row
from leads.field_catalog import CATALOG
from leads.live_catalog import live_catalog
from leads.models import Lead, LeadQuerySet

MARKS = {True: "met", False: "not met", None: "unknown"}


def try_one_lead(page: Admin[Any], request: HttpRequest, rule_set: RuleSet) -> HttpResponse:
    query = request.GET.get("lead", "").strip()
    context: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": f"Try one lead on {rule_set}",
        "version": rule_set,
        "query": query,
        "latest": latest_leads(),
    }
    if query:
        lead = find_lead(query)
        context["lead"] = lead
        if lead is not None:
            context |= explain_match(lead, rule_set)
    return render(request, "admin/try_lead.html", context)


def latest_leads() -> LeadQuerySet:
    leads = Lead.objects.counted().select_related("contact")
    return leads.order_by("-opened_at", "-pk")[:5]


def find_lead(query: str) -> Lead | None:
    """Find a lead by its number, or the latest one of an email address."""
    leads = Lead.objects.select_related("contact", "company")
    if "\0" in query:  # which no column can hold
        return None
    if query.isdecimal() and len(query) < 19:
        return leads.filter(pk=int(query)).first()
    return leads.filter(contact__email=query.lower()).order_by("-opened_at", "-pk").first()


def explain_match(lead: Lead, rule_set: RuleSet) -> dict[str, Any]:
    try:
        rules = publishing.spec_of(rule_set)
    except Refused as refusal:
        return {"refusal": str(refusal)}
    same = Lead.objects.filter(pk=lead.pk)
    has_company_rep = rules.asks_for_company_rep and bool(same.company_reps())
    facts = facts_from_row(same.values_list(*PATHS).get(), has_company_rep=has_company_rep)
    result = match_rules(facts, rules)
    catalog = live_catalog()
    winner = result.rules[0] if result.rules else None
    return {
        "missing": [CATALOG[code].label for code in result.missing],
        "is_nurtured": result.lacks_facts,
        "winner": winner,
        "tried": [
            {
                "rule": rule,
                "answer": MARKS[explanation["passed"]],
                "is_winner": rule is winner,
                "conditions": conditions_of(explanation, facts, catalog),
            }
            for rule, explanation in result.evaluated
        ],
    }


def conditions_of(
    explanation: dict[str, Any], facts: Facts, catalog: Catalog
) -> list[dict[str, str]]:
    return [
        {
            "words": condition["words"],
            "saw": fact_in_words(catalog[condition["field"]], facts.get(condition["field"])),
            "answer": MARKS[condition["passed"]],
        }
        for condition in explained_conditions(explanation)
    ]
