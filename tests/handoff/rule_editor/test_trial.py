"""Testing a lead: who would get it, from when and under which SLA, in the draft and live."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from handoff.models import RoutingDecision, RuleSet, SlaClock
from people.models import Absence, Membership, Team, User
from people.roles import Role
from tests.factories import make_lead, make_person
from tests.pages import Page, htmx, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

SATURDAY = datetime(2026, 3, 7, 12, tzinfo=UTC)


def trial(client: Client, version: RuleSet, lead: str | int, **request: Any) -> Page:
    url = reverse("admin:handoff_ruleset_try_lead", args=[version.pk])
    return Page(client.get(url, {"lead": lead}, **request))


@time_machine.travel(SATURDAY, tick=False)
def test_result_names_holder_rule_start_and_deadlines(client: Client, live: RuleSet) -> None:
    lead = make_lead(name="Elsa Jansen")
    before = list(Membership.objects.values_list("balance", "last_turn_at"))
    counts = (RoutingDecision.objects.count(), SlaClock.objects.count())

    page = trial(client, live, lead.pk)

    assert page.text(".trial-holder strong") == "Sam"
    assert "Rule 3, Demo and quote requests" in page.text(".trial-holder")
    facts = dict(zip(page.texts("#trial dt"), page.texts("#trial dd"), strict=False))
    assert facts["Since"].startswith("Mar 9, 9:00 AM")
    assert facts["SLA"] == "Urgent"
    assert facts["Response"].startswith("by Mar 9, 9:")
    assert facts["Sam"] == "Available"
    assert page.texts(".trace-rule summary")[2].endswith("Match")
    assert list(Membership.objects.values_list("balance", "last_turn_at")) == before
    assert (RoutingDecision.objects.count(), SlaClock.objects.count()) == counts


def test_draft_is_compared_with_the_live_version(client: Client, draft: RuleSet) -> None:
    lead = make_lead()
    same = trial(client, draft, lead.pk)
    draft.rules.filter(name="Demo and quote requests").update(target="nurture", team=None)

    page = trial(client, draft, lead.pk)

    assert same.text("#trial dl.facts .badge") == "Same"
    assert page.text(".trial-holder strong") == "Nurture"
    assert "Sam Differs" in page.text("#trial")
    assert page.text("#trial dl.facts .badge") == "Differs"


def test_lead_whom_no_one_can_take_goes_to_the_queue(client: Client, live: RuleSet) -> None:
    lead = make_lead()
    Absence.objects.create(
        user=User.objects.get(name="Sam"),
        starts_at=datetime(2020, 1, 1, tzinfo=UTC),
        ends_at=datetime(2100, 1, 1, tzinfo=UTC),
    )

    page = trial(client, live, lead.pk)

    assert page.text(".trial-holder strong") == "Qualification queue"
    assert "Everybody else" in page.text(".trial-holder")


def test_leads_are_found_by_name_company_and_email(client: Client, live: RuleSet) -> None:
    lead = make_lead(name="Elsa Jansen", company="Delta Cleaning", email="elsa@delta.example")
    make_lead(name="Elsa Berg")

    assert trial(client, live, "elsa").texts(".trial-found a") == ["Elsa Berg", "Elsa Jansen"]
    for text in ("jansen", "delta", "elsa@delta.example", lead.pk):
        assert trial(client, live, text).text(".trial-lead strong") == "Elsa Jansen"


@pytest.mark.parametrize("text", ["nobody", "9" * 30, "\0", "%"])
def test_unknown_lead_is_said_so(client: Client, live: RuleSet, text: str) -> None:
    assert "No lead found" in trial(client, live, text).text("#trial")


def test_draft_that_cannot_route_says_why(client: Client, draft: RuleSet) -> None:
    lead = make_lead()
    draft.rules.get(name="Everybody else").delete()

    page = trial(client, draft, lead.pk)

    assert "These rules cannot route yet" in page.text(".trial-holder")


def test_lead_that_lacks_required_fields_is_nurtured_before_any_rule(
    client: Client, live: RuleSet
) -> None:
    lead = make_lead(title="", company="", domain="", seniority="")

    page = trial(client, live, lead.pk)

    assert page.text(".trial-holder strong") == "Nurture"
    assert "Before any rule" in page.text(".trial-holder")


def test_htmx_receives_the_result_only(client: Client, live: RuleSet) -> None:
    page = trial(client, live, make_lead(name="Elsa Jansen").pk, **htmx("trial"))

    assert page.text(".trial-lead strong") == "Elsa Jansen"
    assert not page.has("form, header")


def test_reader_of_the_rules_may_test_a_lead(live: RuleSet) -> None:
    owner = signed_in_as(make_person(Role.HANDOFF_OWNER))

    assert trial(owner, live, make_lead().pk).text(".trial-holder strong") == "Sam"


def test_statements_of_a_trial_do_not_grow_with_the_rules(client: Client, draft: RuleSet) -> None:
    lead = make_lead(at=MONDAY_9AM)
    trial(client, draft, lead.pk)
    team = Team.objects.get(name="Qualification")
    for number in range(20):
        draft.rules.create(position=0, name=f"Rule {number}", target="company_rep", team=team)

    with exactly_statements(18):
        trial(client, draft, lead.pk)
