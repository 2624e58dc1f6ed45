"""The page of a rule set: live versions are read, drafts say how they differ."""

from datetime import timedelta

import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handoff.models import RoutingRule, RuleCondition, RuleSet
from people.models import Absence, Team, User
from people.roles import Role
from tests.admin_pages import url_of
from tests.factories import make_person, make_receipt
from tests.pages import Page, card, inline_code_of, signed_in_as
from tests.statements import exactly_statements

BANNER = ".version-banner"


def page_of(client: Client, row: Model) -> Page:
    return Page(client.get(url_of(row)))


def rule_of(page: Page, name: str) -> str:
    return next(text for text in page.texts(".rule") if name in text)


def test_rules_read_as_sentences_in_their_order(client: Client, live: RuleSet) -> None:
    page = page_of(client, live)

    assert page.texts(".rule-name a")[1:4] == [
        "Rule 2: Owned accounts",
        "Rule 3: Demo and quote requests",
        "Rule 4: Consultation requests",
    ]
    assert page.texts(".rule-words")[2] == (
        "When Lead type is Demo or quote request then Assign to Round robin: Qualification. "
        "If no one is available: Next rule. SLA: Urgent"
    )
    assert page.texts(".rule-words")[-1] == (
        "All leads then Assign to Qualification queue. SLA: Standard"
    )
    assert inline_code_of(page) == []


def test_live_version_says_so_and_how_to_change_it(client: Client, live: RuleSet) -> None:
    banner = page_of(client, live).text(BANNER)

    assert "Live since" in banner
    assert "Select Edit to change them in a draft." in banner


def test_edit_makes_a_draft_once(client: Client, live: RuleSet) -> None:
    answer = client.post(reverse("admin:handoff_ruleset_copy", args=[live.pk]), follow=True)

    draft = RuleSet.objects.get(status="draft")
    assert "Draft: no changes yet" in Page(answer).text(BANNER)
    assert url_of(draft) in page_of(client, live).links(BANNER + " a")
    again = client.post(reverse("admin:handoff_ruleset_copy", args=[live.pk]))
    assert again["Location"] == url_of(draft)
    assert RuleSet.objects.filter(status="draft").count() == 1


def test_draft_counts_its_changes(client: Client, draft: RuleSet) -> None:
    draft.rules.filter(name="Demo and quote requests").update(policy_code="standard")
    draft.rules.get(name="Owned accounts").delete()

    page = page_of(client, draft)

    assert "Draft: 2 changes, not live" in page.text(BANNER)
    assert page.texts(card("Changes in this draft") + " li") == [
        "Rule 2: SLA from Urgent to Standard",
        "Rule 2 removed: Owned accounts",
    ]
    assert "Changed" in rule_of(page, "Demo and quote requests")


def test_rule_behind_a_rule_for_all_leads_is_found(client: Client, draft: RuleSet) -> None:
    nurture = draft.rules.get(name="Students and interns")
    nurture.conditions.all().delete()
    page = page_of(client, draft)
    text = "Matches all leads, so no new lead reaches a rule after it."
    assert text in rule_of(page, nurture.name)

    queue = Team.objects.get(name="Qualification")
    draft.rules.filter(pk=nurture.pk).update(target="queue", team=queue)
    page = page_of(client, draft)
    assert "Matches all leads, so no lead reaches a rule after it." in rule_of(page, nurture.name)


def test_covered_rule_names_the_rule_before_it(client: Client, draft: RuleSet) -> None:
    rule = draft.rules.get(name="One download and nothing else")
    rule.conditions.update(field="lead.type", operator="is", value="demo")
    rule.conditions.order_by("pk")[0].delete()
    first = draft.rules.filter(name="Demo and quote requests")
    first.update(target="nurture", team=None)
    text = "Not reached by new leads: rule 3 matches all of these first."
    assert text in rule_of(page_of(client, draft), rule.name)

    first.update(target="queue", team=Team.objects.get(name="Qualification"))
    text = "Never reached: rule 3 matches all of these first."
    assert text in rule_of(page_of(client, draft), rule.name)


def test_pool_in_which_everyone_is_away_is_found(client: Client, draft: RuleSet) -> None:
    now = timezone.now()
    Absence.objects.create(
        user=User.objects.get(name="Sam"), starts_at=now, ends_at=now + timedelta(days=3)
    )

    page = page_of(client, draft)

    text = rule_of(page, "Demo and quote requests")
    assert "No one in Qualification is available now." in text


def test_problem_that_blocks_publishing_is_beside_its_rule(client: Client, draft: RuleSet) -> None:
    rule = draft.rules.get(name="Demo and quote requests")
    rule.conditions.update(value="demmo")

    page = page_of(client, draft)

    assert "“demmo” is not one of its choices" in rule_of(page, rule.name)
    assert page.texts(card("Findings") + " .rule-finding-blocks")[0].startswith("Rule 3:")


def test_recent_leads_are_counted_by_rule(client: Client, draft: RuleSet) -> None:
    now = timezone.now()
    for country in ("DE", "FR"):
        make_receipt(at=now - timedelta(days=3), country=country)
    make_receipt(at=now - timedelta(days=40))
    first = draft.rules.get(name="Students and interns")
    first.conditions.all().delete()
    RuleCondition.objects.create(rule=first, field="contact.country", operator="is", value="FR")

    page = page_of(client, draft)

    assert "1 lead in 30 days 1 of them first here" in rule_of(page, first.name)
    assert "2 leads in 30 days 1 of them first here" in rule_of(page, "Demo and quote requests")


@pytest.mark.parametrize(
    ("role", "shown"),
    [(Role.OPERATIONS, True), (Role.HANDOFF_OWNER, False)],
)
def test_reader_of_the_rules_sees_no_controls(
    live: RuleSet, draft: RuleSet, role: Role, shown: bool
) -> None:
    client = signed_in_as(make_person(role))

    assert page_of(client, draft).has("main form[method=post]") is shown
    assert ("Select Edit" in page_of(client, live).text(BANNER)) is False
    assert page_of(client, live).has("main form[method=post]") is False
    draft.delete()
    assert page_of(client, live).has("main form[method=post]") is shown


@pytest.mark.parametrize("role", [Role.REP, Role.SALES_MANAGER, Role.MARKETER, Role.LEADER])
def test_other_roles_do_not_see_the_rules(live: RuleSet, role: Role) -> None:
    assert signed_in_as(make_person(role)).get(url_of(live)).status_code == 403


def test_statements_do_not_grow_with_the_rules(client: Client, draft: RuleSet) -> None:
    queue = Team.objects.get(name="Qualification")
    person = User.objects.get(name="Sam")
    rules = RoutingRule.objects.bulk_create(
        RoutingRule(
            rule_set=draft, position=0, name=f"Rule {number}", target="person", person=person
        )
        for number in range(200)
    )
    RuleCondition.objects.bulk_create(
        RuleCondition(rule=rule, field="company.employees", operator="at_least", value=number)
        for number, rule in enumerate(rules)
    )
    RoutingRule.objects.filter(pk__in=[rule.pk for rule in rules[:50]]).update(
        target="queue", person=None, team=queue
    )
    client.get(url_of(draft))

    with exactly_statements(17):
        page = page_of(client, draft)

    assert len(page.all(".rule")) == 206
