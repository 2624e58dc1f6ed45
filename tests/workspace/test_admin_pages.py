from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from config.bootstrap import bootstrap
from handoff.models import RuleSet
from leads.models import Campaign
from people.roles import Role
from tests.admin_pages import open_page
from tests.factories import make_person
from tests.pages import Page, signed_in_as

pytestmark = pytest.mark.django_db

MONDAY_9AM = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _installation() -> None:
    bootstrap(at=MONDAY_9AM)


@pytest.fixture
def operations() -> Client:
    return signed_in_as(make_person(Role.OPERATIONS, "Olga"))


def registered() -> list[str]:
    return sorted(
        f"{model._meta.app_label}_{model._meta.model_name}" for model in admin.site._registry
    )


@pytest.mark.parametrize("selected", ["x", "1e309", "NaN"])
def test_selection_of_no_row_is_refused_in_words(selected: str, operations: Client) -> None:
    sent = {"action": "delete_selected", "_selected_action": selected}

    answer = operations.post(reverse("admin:leads_titlephrases_changelist"), sent, follow=True)

    assert answer.status_code == 200
    assert "Select rows of this list." in Page(answer).text("body")


def test_the_admin_holds_rules_and_never_history() -> None:
    assert registered() == [
        "api_apikey",
        "handoff_lossreason",
        "handoff_rejectionreason",
        "handoff_reversalreason",
        "handoff_routingrule",
        "handoff_ruleset",
        "handoff_slapolicy",
        "leads_campaign",
        "leads_company",
        "leads_contact",
        "leads_leadtype",
        "leads_maildomain",
        "leads_scoringmodel",
        "leads_source",
        "leads_sourcesystem",
        "leads_stagedefinition",
        "leads_titlephrases",
        "leads_touchkindrule",
        "people_absence",
        "people_team",
        "people_user",
        "people_workcalendar",
    ]


@pytest.mark.slow
def test_every_list_and_every_page_opens_for_operations(operations: Client) -> None:
    for model, page in admin.site._registry.items():
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        answer = operations.get(reverse(f"{name}_changelist"), follow=True)
        assert answer.status_code == 200, name
        for row in page.model._default_manager.all()[:3]:
            answer = operations.get(reverse(f"{name}_change", args=[row.pk]))
            assert answer.status_code == 200, row


def test_anonymous_admin_request_redirects_to_the_product_sign_in() -> None:
    for name in ("admin:index", "admin:handoff_ruleset_changelist", "admin:login"):
        answer = Client().get(reverse(name))

        assert answer.status_code == 302
        assert answer.url.startswith(reverse("people:sign_in"))  # type: ignore[attr-defined]


@pytest.mark.parametrize("role", [Role.REP, Role.SALES_MANAGER, Role.LEADER])
def test_other_roles_are_refused_under_the_strict_policy(role: Role) -> None:
    answer = signed_in_as(make_person(role)).get(reverse("admin:index"))

    assert answer.status_code == 403
    assert "unsafe" not in answer["Content-Security-Policy"]


def test_only_the_admin_gets_the_policy_its_theme_needs(operations: Client) -> None:
    assert "'unsafe-eval'" in operations.get(reverse("admin:index"))["Content-Security-Policy"]
    assert "unsafe" not in operations.get(reverse("workspace:notices"))["Content-Security-Policy"]


def test_the_handoff_owner_reads_and_publishes_and_edits_nothing() -> None:
    owner = signed_in_as(make_person(Role.HANDOFF_OWNER))
    rule_set = RuleSet.objects.get()

    page = owner.get(reverse("admin:handoff_ruleset_change", args=[rule_set.pk]))
    assert page.status_code == 200
    assert "Copy to draft" not in Page(page).html
    assert owner.get(reverse("admin:people_user_add")).status_code == 403


def test_marketer_sees_campaigns_contacts_and_companies_in_the_admin() -> None:
    marketer = signed_in_as(make_person(Role.MARKETER))

    page: Any = marketer.get(reverse("admin:index"), follow=True)

    assert page.redirect_chain == [(reverse("admin:leads_campaign_changelist"), 302)]
    (group,) = page.context["sidebar_navigation"]
    assert {entry.title for entry in group.entries} == {
        *("Companies", "Contacts", "Lead types", "Sources", "Source systems"),
        "Campaigns",
    }
    results = Page(marketer.get(reverse("admin:search"), {"s": "e"})).links()
    models = {"/".join(link.split("/")[2:4]) for link in results}
    assert models == {
        *("leads/campaign", "leads/company", "leads/contact", "leads/leadtype", "leads/source"),
        "leads/sourcesystem",
    }


def test_a_marketer_writes_the_brief_that_the_rep_reads() -> None:
    client = signed_in_as(make_person(Role.MARKETER))
    campaign = Campaign.objects.create(code="guide", name="Pricing guide")
    url, sent = open_page(client, campaign)

    assert client.post(url, sent | {"talking_points": "Who renews?"}).status_code == 302

    campaign.refresh_from_db()
    assert campaign.talking_points == "Who renews?"
