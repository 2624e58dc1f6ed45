"""Indexes of growing tables: how many a lead has, which ones are read, and that none is double."""

from __future__ import annotations

import pytest
from django.db import IntegrityError, connection

from leads.models import Company, Contact, Lead
from people.models import Notice
from tests.factories import make_handoff, make_lead, make_pool, make_rep
from tests.plans import pretend_large

pytestmark = pytest.mark.django_db

GROWING = ("leads_lead", "leads_contact", "leads_company", "leads_externalid", "people_notice")
DOUBLE_SQL = """
SELECT array_agg(indexrelid::regclass::text) FROM pg_index
WHERE indrelid = ANY(%s::regclass[]) AND indpred IS NULL AND indexprs IS NULL
GROUP BY indrelid, indkey::text HAVING count(*) > 1
"""


def test_no_index_of_a_growing_table_is_double() -> None:
    with connection.cursor() as cursor:
        cursor.execute(DOUBLE_SQL, [list(GROWING)])
        assert cursor.fetchall() == []


def test_leads_have_no_other_indexes() -> None:
    with connection.cursor() as cursor:
        constraints = connection.introspection.get_constraints(cursor, "leads_lead")

    assert {
        name for name, row in constraints.items() if row["index"] and not row["primary_key"]
    } == {
        "one_open_lead_of_contact",
        "lead_by_opened",
        "lead_by_stage",
        "lead_by_owner",
        "lead_by_source",
        "lead_by_score",
        "lead_by_stage_entry",
        "lead_by_campaign",
        "lead_in_queue",
        "lead_kept_by_marketing",
        "lead_by_wake_date",
        "open_lead_by_company",
    }


def test_identities_and_their_starts_are_found_by_the_unique_index() -> None:
    make_pool(make_rep())
    make_handoff()
    pretend_large("leads_contact", "leads_company", "people_notice")
    for rows, index in (
        (Contact.objects.filter(email="ann@vega.example"), "leads_contact_email_key"),
        (Contact.objects.filter(email__startswith="ann@"), "leads_contact_email_key"),
        (Company.objects.filter(domain="vega.example"), "leads_company_domain_key"),
        (Company.objects.filter(domain__startswith="vega."), "leads_company_domain_key"),
        (Notice.objects.filter(key="offer:7"), "one_notice_per_key"),
        (Notice.objects.filter(recipient=7), "notice_by_recipient"),
    ):
        assert index in rows.explain()


def test_unique_index_of_open_leads_finds_those_of_a_contact() -> None:
    make_lead()
    pretend_large("leads_lead")

    assert "one_open_lead_of_contact" in Lead.objects.filter(contact=7).explain()
    assert "one_open_lead_of_contact" in Lead.objects.open().filter(contact=7).explain()


def test_second_open_lead_of_a_contact_is_refused() -> None:
    lead = make_lead()
    closed = Lead.objects.get(pk=lead.pk)
    closed.pk, closed.stage, closed.closed_at = None, "lost", closed.opened_at
    closed.save()
    second = Lead.objects.get(pk=lead.pk)
    second.pk = None

    with pytest.raises(IntegrityError, match="one_open_lead_of_contact"):
        second.save()
