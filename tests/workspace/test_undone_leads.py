"""Leads of an import that was taken back count nowhere, and say so on their pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from api.models import ApiKey
from core.formatting import date_text
from handoff.pipeline import receive
from handoff.reversal import MayNotReverse, reverse_won
from intake.models import ImportRun
from leads.models import Lead
from leads.stages import Stage
from people.models import User
from people.roles import Role
from tests.factories import make_lead, make_person, make_touch
from tests.intake.factories import make_key
from tests.intake.files import ANN, HEADER, MAP, make_file, run_import
from tests.pages import Page, card, page_at, signed_in_as

pytestmark = pytest.mark.django_db

WON = MAP.replace('source = "source"', 'source = "source"\nstage = "stage"\namount = "amount"')
WON = WON.replace('amount = "amount"', 'amount = "amount"\ncurrency = "currency"')
ZOE = "zoe@gone.example,Zoe,Gone,website,02.11.2026,won,1200,EUR\n"


@pytest.fixture
def undone(tmp_path: Path) -> Lead:
    header = HEADER.replace("date", "date,stage,amount,currency")
    run_import(make_file(tmp_path, header + ZOE), WON, "--historical")
    call_command("import_leads", "--undo", str(ImportRun.objects.get().pk))
    return Lead.objects.get(stage=Stage.WON, undone_at__isnull=False)


@pytest.fixture
def counted(undone: Lead) -> Lead:
    return make_lead(name="Ann Stays")


@pytest.fixture
def operations() -> User:
    return make_person(Role.OPERATIONS)


def asked(path: str) -> dict[str, Any]:
    secret = make_key(ApiKey.Scope.LEADS_READ)
    answer = Client().get(path, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200, answer.content
    result: dict[str, Any] = answer.json()
    return result


@pytest.mark.parametrize("query", ["", "?open=no", "?stage=won", "?q=zoe"])
def test_list_export_and_search_leave_it_out(query: str, undone: Lead, operations: User) -> None:
    client = signed_in_as(operations)

    assert "Zoe Gone" not in client.get(f"/leads/{query}").content.decode()
    assert b"zoe@gone.example" not in client.get(f"/leads/export.csv{query}").getvalue()


def test_api_lists_it_only_to_clients_that_follow_changes(counted: Lead, undone: Lead) -> None:
    since = (timezone.now() - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")

    assert [lead["lead"] for lead in asked("/api/v1/leads/")["results"]] == [counted.pk]
    changed = asked(f"/api/v1/leads/?updated_since={since}")["results"]
    assert {lead["lead"]: lead["undone_at"] is None for lead in changed} == {
        counted.pk: True,
        undone.pk: False,
    }
    assert asked(f"/api/v1/leads/{undone.pk}/")["undone_at"] is not None


@pytest.mark.parametrize("role", [Role.OPERATIONS, Role.MARKETER])
def test_lead_page_says_so_and_has_no_actions(role: Role, undone: Lead) -> None:
    client = signed_in_as(make_person(role))

    page = Page(client.get(f"/leads/{undone.pk}/"))

    day = date_text(timezone.localtime(undone.undone_at))
    text = f"The import that opened this lead was taken back on {day}. It does not count."
    assert page.texts("header.work-head .message") == [text]
    assert page.texts(".answer summary, .answers") == []


def test_won_deal_of_an_undone_import_is_not_reversed(undone: Lead, operations: User) -> None:
    with pytest.raises(MayNotReverse):
        reverse_won(
            lead_id=undone.pk,
            to=Stage.OPPORTUNITY,
            reason_code="not_signed",
            by=operations,
            at=timezone.now(),
        )


def test_other_leads_of_the_contact_do_not_list_it(undone: Lead, operations: User) -> None:
    lead = make_lead(email="zoe@gone.example", name="Zoe Gone", at=timezone.now())

    page = signed_in_as(operations).get(f"/leads/{lead.pk}/").content.decode()

    assert f"/leads/{undone.pk}/" not in page


def test_lead_that_was_only_reduced_shows_touches_as_taken_back(
    tmp_path: Path, operations: User
) -> None:
    at = datetime(2026, 10, 1, 9, tzinfo=UTC)
    own = make_touch(email="ann@company.example", kind="site_visit", occurred_at=at, offer="")
    receive(own, at=at, via="form")
    run_import(make_file(tmp_path, HEADER + ANN), MAP, "--historical")
    call_command("import_leads", "--undo", str(ImportRun.objects.get().pk))
    lead = Lead.objects.get(undone_at=None)

    page = Page(signed_in_as(operations).get(f"/leads/{lead.pk}/"))

    [imported, counted_touch] = page.texts("ol.touches:not(:has(.touch-note)) > li > span")
    assert imported == "Form Taken back"
    assert counted_touch.startswith("Site visit")
    assert "Taken back" not in counted_touch
    marked = page.texts(".timeline-event:has(del) .timeline-what")
    assert len(marked) == 1
    assert "Taken back" in marked[0]


def test_contact_and_company_pages_do_not_count_its_touches(undone: Lead, operations: User) -> None:
    contact, company = undone.contact, undone.contact.company
    assert company is not None

    touches = page_at(f"/contacts/{contact.pk}/", operations).texts("ol.touches > li")
    kinds = page_at(f"/companies/{company.pk}/", operations).texts(f"{card('Touches')} li")

    assert [text.split("Taken back")[0] for text in touches] == ["Form "]
    assert kinds == ["No touches of contacts that you can open."]
