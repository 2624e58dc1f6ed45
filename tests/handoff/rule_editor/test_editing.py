"""Editing the rules of a draft, as a form without JavaScript and as htmx send it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from handoff.models import RoutingRule, RuleSet
from handoff.routing import publishing
from people.models import Team, User
from people.roles import Role
from tests.admin_pages import url_of
from tests.factories import make_person
from tests.pages import Page, htmx, signed_in_as
from tests.people.factories import MONDAY_9AM

DEMO = "Demo and quote requests"


@pytest.fixture
def rule(draft: RuleSet) -> RoutingRule:
    return draft.rules.get(name=DEMO)


def form_of(client: Client, rule: RoutingRule) -> dict[str, Any]:
    """Return what the form of the open rule sends as it is."""
    page = Page(client.get(url_of(rule)))
    sent: dict[str, Any] = {}
    for node in page.all("#rule-form input[name], #rule-form textarea[name]"):
        attributes = node.attributes
        if attributes.get("type") == "checkbox" and "checked" not in attributes:
            continue
        value = node.text() if node.tag == "textarea" else attributes.get("value") or ""
        sent.setdefault(str(attributes["name"]), []).append(value.strip("\n"))
    for select in page.all("#rule-form select"):
        chosen = [
            option.attributes.get("value") or ""
            for option in select.css("option")
            if "selected" in option.attributes
        ]
        is_list = "multiple" in select.attributes
        sent[str(select.attributes["name"])] = chosen if is_list else (chosen or [""])[0]
    return sent


def post(client: Client, rule: RoutingRule, step: str, **data: Any) -> Any:
    return client.post(reverse(f"admin:handoff_routingrule_{step}", args=[rule.pk]), data)


def names(draft: RuleSet) -> list[str]:
    return [rule.name for rule in publishing.active_rules(draft)]


def conditions(rule: RoutingRule) -> list[tuple[str, str, Any]]:
    return list(rule.conditions.order_by("position").values_list("field", "operator", "value"))


def test_unchanged_form_changes_nothing(client: Client, rule: RoutingRule) -> None:
    events = apps.get_model("handoff", "RoutingRuleEvent")._default_manager
    before = events.count()

    answer = client.post(url_of(rule), form_of(client, rule))

    assert answer.status_code == 302
    assert events.count() == before


def test_rule_is_reviewed_with_what_was_typed_last(client: Client, rule: RoutingRule) -> None:
    sent = form_of(client, rule) | {"rationale": "Typed last.", "review": "yes"}
    review = reverse("admin:handoff_ruleset_publish", args=[rule.rule_set_id])

    assert client.post(url_of(rule), sent, **htmx("editor"))["HX-Redirect"] == review
    assert client.post(url_of(rule), sent)["Location"] == review

    rule.refresh_from_db()
    assert rule.rationale == "Typed last."


def test_closed_rule_leaves_a_link_to_the_review(client: Client, rule: RoutingRule) -> None:
    review = reverse("admin:handoff_ruleset_publish", args=[rule.rule_set_id])

    page = Page(
        client.post(url_of(rule), form_of(client, rule) | {"done": "yes"}, **htmx("editor"))
    )

    assert review in page.links(".version-banner a")
    assert not page.has("[form=rule-form]")


def test_rule_with_an_error_is_not_reviewed(client: Client, rule: RoutingRule) -> None:
    sent = form_of(client, rule) | {"name": "", "review": "yes"}

    answer = client.post(url_of(rule), sent, **htmx("editor"))

    assert "HX-Redirect" not in answer
    assert Page(answer).has(".field-error")


def test_conditions_are_typed_by_the_catalog(client: Client, rule: RoutingRule) -> None:
    sent = form_of(client, rule)
    sent |= {"c1-field": "contact.country", "c1-operator": "one_of", "c1-value": ["DE", "FR"]}
    sent |= {"c2-field": "company.employees", "c2-operator": "between", "c2-value": ["50", "200"]}
    sent |= {"c3-field": "lead.opened_at", "c3-operator": "since", "c3-value": "2026-03-02T09:00"}
    sent |= {"c4-field": "contact.title", "c4-operator": "one_of", "c4-value": 'CEO, "VP, Sales"'}
    sent |= {"c5-field": "company.is_customer", "c5-operator": "is", "c5-value": "no"}

    answer = client.post(url_of(rule), sent | {"done": "yes"})

    assert Page(answer).texts(".field-error") == []
    assert conditions(rule) == [
        ("lead.type", "is", "demo"),
        ("contact.country", "one_of", ["DE", "FR"]),
        ("company.employees", "between", [50, 200]),
        ("lead.opened_at", "since", "2026-03-02T09:00:00+00:00"),
        ("contact.title", "one_of", ["CEO", "VP, Sales"]),
        ("company.is_customer", "is", False),
    ]
    assert client.post(url_of(rule), form_of(client, rule)).status_code == 302
    assert len(conditions(rule)) == 6


@pytest.mark.parametrize(
    ("field", "operator", "value", "text"),
    [
        ("company.employees", "at_least", "many", "Company size: a whole number is needed"),
        ("contact.country", "one_of", ["DE", "XX"], "is not one of its choices"),
        ("lead.type", "is", "", "Lead type: choose or enter a value."),
        ("company.employees", "between", ["9", "3"], "the lower value must come first"),
    ],
)
def test_invalid_condition_is_named_and_the_rest_is_saved(
    client: Client, rule: RoutingRule, field: str, operator: str, value: Any, text: str
) -> None:
    sent = form_of(client, rule) | {"name": "Demos", "policy_code": "standard"}
    sent |= {"c0-field": field, "c0-operator": operator, "c0-value": value}
    sent.pop("c0-was")

    answer = client.post(url_of(rule), sent | {"done": "yes"})

    page = Page(answer)
    assert page.status == 422
    assert text in page.text(".condition .field-error")
    assert "Not everything is saved yet." in page.text("#rule-form")
    rule.refresh_from_db()
    assert (rule.name, rule.policy_code) == ("Demos", "standard")
    assert conditions(rule) == [("lead.type", "is", "demo")]


def test_another_field_shows_its_own_operators_and_value(client: Client, rule: RoutingRule) -> None:
    sent = form_of(client, rule) | {"c0-field": "company.employees"}

    page = Page(client.post(url_of(rule), sent, **htmx("editor")))

    labels = page.texts("[name=c0-operator] option")
    assert labels[:3] == ["is", "is not", "is at least"]
    assert page.has("input[type=number][name=c0-value]")
    assert conditions(rule) == [("lead.type", "is", "demo")]


def test_condition_row_is_added_and_removed(client: Client, rule: RoutingRule) -> None:
    added = Page(client.post(url_of(rule), form_of(client, rule) | {"add": "yes"}))
    assert len(added.all(".condition")) == 2

    client.post(url_of(rule), form_of(client, rule) | {"remove": "0"})

    assert conditions(rule) == []


def test_target_needs_someone_and_drops_what_does_not_apply(
    client: Client, rule: RoutingRule
) -> None:
    queue = Team.objects.get(name="Qualification")
    RoutingRule.objects.filter(pk=rule.pk).update(
        when_nobody="queue", fallback_queue=queue, requires_working_hours=True
    )

    client.post(url_of(rule), form_of(client, rule) | {"assign": f"queue:{queue.pk}"})

    rule.refresh_from_db()
    assert (rule.target, rule.team, rule.when_nobody) == ("queue", queue, "next_rule")
    assert (rule.fallback_queue, rule.requires_working_hours) == (None, False)
    answer = client.post(url_of(rule), form_of(client, rule) | {"assign": "queue:999999"})
    assert "Select a valid choice" in Page(answer).text("#rule-form .rule-targets .field-error")
    assert client.post(url_of(rule), form_of(client, rule) | {"assign": "x"}).status_code == 422


def test_name_is_needed(client: Client, rule: RoutingRule) -> None:
    answer = client.post(url_of(rule), form_of(client, rule) | {"name": " "})

    assert Page(answer).text("#rule-form .field-error") == "This field is required."
    rule.refresh_from_db()
    assert rule.name == DEMO


def test_htmx_receives_the_rules_and_what_to_say(client: Client, rule: RoutingRule) -> None:
    sent = form_of(client, rule) | {"policy_code": "standard"}

    page = Page(client.post(url_of(rule), sent, **htmx("editor")))

    assert not page.has("header")
    assert page.text("#rules-said") == "Saved"
    assert re.search(r"1 change, not live Saved .+M by Olga\.", page.text(".version-banner"))


def test_new_rule_goes_between_two_and_is_open(client: Client, draft: RuleSet) -> None:
    before = draft.rules.get(name="Owned accounts")
    sent = {"rule_set": draft.pk, "before": before.pk}

    answer = client.post(reverse("admin:handoff_routingrule_add"), sent, follow=True)

    assert names(draft)[:3] == ["Students and interns", "New rule", "Owned accounts"]
    assert Page(answer).has("#rule-form")
    client.post(reverse("admin:handoff_routingrule_add"), {"rule_set": draft.pk})
    assert names(draft)[-2:] == ["New rule", "Everybody else"]


@pytest.mark.parametrize(
    ("name", "sent", "expected"),
    [
        ("Owned accounts", {"to": "up"}, 0),
        ("Owned accounts", {"to": "down"}, 2),
        ("Students and interns", {"to": "up"}, 0),
        ("One download and nothing else", {"to": "down"}, 4),
        ("Owned accounts", {"to": "last"}, 4),
        ("Everybody else", {"to": "up"}, 5),
        ("Students and interns", {"before": "Consultation requests"}, 2),
        ("Consultation requests", {"before": "Students and interns"}, 0),
    ],
)
def test_rule_moves_but_never_below_the_last(
    client: Client, draft: RuleSet, name: str, sent: dict[str, str], expected: int
) -> None:
    if "before" in sent:
        sent = {"before": str(draft.rules.get(name=sent["before"]).pk)}

    post(client, draft.rules.get(name=name), "move", **sent)

    assert names(draft).index(name) == expected
    assert names(draft)[-1] == "Everybody else"


def test_rule_is_duplicated_switched_and_deleted(client: Client, rule: RoutingRule) -> None:
    draft = rule.rule_set

    post(client, rule, "duplicate")
    assert names(draft)[2:4] == [DEMO, f"{DEMO} (copy)"]
    copy = draft.rules.get(name=f"{DEMO} (copy)")
    assert conditions(copy) == conditions(rule)

    post(client, rule, "switch", to="off")
    assert DEMO not in names(draft)
    post(client, rule, "switch", to="on")
    assert DEMO in names(draft)

    answer: Any = client.post(
        reverse("admin:handoff_routingrule_delete", args=[copy.pk]), follow=True
    )
    assert "Deleted the rule Demo and quote requests (copy)" in Page(answer).text(".messages")
    assert not RoutingRule.objects.filter(pk=copy.pk).exists()


def test_required_fields_are_added_and_removed(client: Client, draft: RuleSet) -> None:
    was = ["lead.source", "contact.title", "company.name"]
    RuleSet.objects.filter(pk=draft.pk).update(required_fields=[*was, "company.region"])

    client.post(
        url_of(draft), {"was_required": was, "required": ["lead.source", "company.industry"]}
    )

    draft.refresh_from_db()
    assert draft.required_fields == ["lead.source", "company.region", "company.industry"]


def test_later_of_two_editors_is_told_and_both_changes_are_kept(
    client: Client, rule: RoutingRule
) -> None:
    pieter = signed_in_as(make_person(Role.OPERATIONS, "Pieter"))
    mine = form_of(client, rule)
    theirs = form_of(pieter, rule) | {"policy_code": "standard"}
    pieter.post(url_of(rule), theirs)

    answer = client.post(url_of(rule), mine | {"name": "Demos"}, **htmx("editor"))

    assert Page(answer).texts(".message") == [
        "Pieter changed SLA meanwhile, from Urgent to Standard. Both are kept."
    ]
    rule.refresh_from_db()
    assert (rule.name, rule.policy_code) == ("Demos", "standard")


def test_conflict_is_beside_its_field_and_keeps_what_was_typed(
    client: Client, rule: RoutingRule
) -> None:
    pieter = signed_in_as(make_person(Role.OPERATIONS, "Pieter"))
    mine = form_of(client, rule) | {"name": "Demos"}
    pieter.post(url_of(rule), form_of(pieter, rule) | {"name": "Demo requests"})

    page = Page(client.post(url_of(rule), mine))

    assert page.text("#rule-form .field-error").startswith(
        "Pieter changed this to Demo requests meanwhile."
    )
    assert page.values("#rule-form [name=name]") == ["Demos"]
    rule.refresh_from_db()
    assert rule.name == "Demo requests"
    base = page.values("#rule-form [name=base]")[0]
    client.post(url_of(rule), mine | {"base": base})
    rule.refresh_from_db()
    assert rule.name == "Demos"


def test_rule_that_was_published_meanwhile_is_not_saved(client: Client, rule: RoutingRule) -> None:
    sent = form_of(client, rule)
    publishing.publish(rule_set=rule.rule_set, by=None, at=MONDAY_9AM)

    assert client.post(url_of(rule), sent | {"name": "Mine"}).status_code == 403
    for step in ("move", "duplicate", "switch", "delete"):
        assert post(client, rule, step).status_code == 403

    rule.refresh_from_db()
    assert rule.name == DEMO


def test_reader_of_the_rules_changes_nothing(rule: RoutingRule) -> None:
    owner = signed_in_as(make_person(Role.HANDOFF_OWNER))

    assert owner.post(url_of(rule), {"name": "Mine"}).status_code == 403
    for step in ("move", "duplicate", "switch", "delete"):
        assert post(owner, rule, step).status_code == 403
    assert owner.post(reverse("admin:handoff_routingrule_add")).status_code == 403
    assert not Page(owner.get(url_of(rule))).has("#rule-form")


def test_change_is_kept_in_the_history_with_its_editor(
    client: Client, rule: RoutingRule, olga: User
) -> None:
    client.post(url_of(rule), form_of(client, rule) | {"policy_code": "standard"})

    history = Page(client.get(reverse("admin:handoff_ruleset_history", args=[rule.rule_set_id])))

    assert "policy code: urgent → standard" in history.text()
    assert olga.name in history.text()
