"""N-54: the review before publishing, and the history of versions in words."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from handoff.models import RuleCondition, RuleSet
from handoff.routing import publishing
from people.models import User
from people.roles import Role
from tests.admin_pages import url_of
from tests.factories import make_person
from tests.pages import Page, card, inline_code_of, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

HISTORY = "admin:handoff_ruleset_changelist"


def review_of(client: Client, draft: RuleSet) -> Page:
    return Page(client.get(reverse("admin:handoff_ruleset_publish", args=[draft.pk])))


def changed(draft: RuleSet) -> RuleSet:
    """Add, change, move and remove a rule."""
    demo = draft.rules.get(name="Demo and quote requests")
    demo.policy_code, demo.position = "standard", 0
    demo.save()
    draft.rules.filter(name="Students and interns").update(position=1)
    draft.rules.filter(name="Owned accounts").update(position=2)
    draft.rules.get(name="Consultation requests").delete()
    rule = draft.rules.create(name="Partners", position=3, target="nurture")
    RuleCondition.objects.create(rule=rule, field="lead.score", operator="at_least", value=90)
    return draft


def test_changes_are_shown_in_words(client: Client, draft: RuleSet) -> None:
    page = review_of(client, changed(draft))

    assert page.has(card("4 changes"))
    assert page.texts(".changes .change") == [
        "Moved Rule 1, Demo and quote requests From 3 to 1",
        "Changed Rule 1, Demo and quote requests SLA: Urgent becomes Standard",
        "Added Rule 4, Partners When Score is at least 90 points, move to Nurture",
        "Removed Rule 4, Consultation requests When Lead type is Consultation request, assign to "
        "Round robin: Qualification. If no one is available: Next rule. SLA: Standard",
    ]
    assert inline_code_of(page) == []


def test_published_draft_is_live_and_says_so(client: Client, draft: RuleSet, olga: User) -> None:
    url = reverse("admin:handoff_ruleset_publish", args=[draft.pk])

    page = Page(client.post(url, {"note": "Urgent no more."}, follow=True))

    assert page.text(".messages .message") == "Version 2 is live. New leads are routed by it."
    assert "Published by Olga" in page.text(".version-banner")


def test_warnings_do_not_block(client: Client, draft: RuleSet) -> None:
    draft.rules.get(name="Students and interns").conditions.all().delete()

    page = review_of(client, draft)

    assert "Warns Rule 1: Matches all leads" in page.texts(".change")[-1]
    assert page.text("form .button-main") == "Publish"


def test_history_says_what_each_version_changed(client: Client, draft: RuleSet) -> None:
    publishing.publish(rule_set=changed(draft), by=None, at=MONDAY_9AM, note="Fewer rules.")

    page = Page(client.get(reverse(HISTORY)))

    assert page.texts(".card h2") == ["Version 2 Live", "Version 1"]
    assert page.links(".card h2 a") == [url_of(draft), url_of(RuleSet.objects.get(version=1))]
    assert "Fewer rules." in page.texts(".card-head p")
    assert len(page.all(".change")) == 4
    assert "The first version." in page.texts(".card-foot")


def test_history_of_many_versions_takes_the_same_statements(client: Client, live: RuleSet) -> None:
    client.get(reverse(HISTORY))
    for _ in range(4):
        draft = publishing.copy_to_draft(RuleSet.objects.get(status="published"))
        publishing.publish(rule_set=draft, by=None, at=MONDAY_9AM)

    with exactly_statements(8):
        page = Page(client.get(reverse(HISTORY)))

    assert len(page.all(".card h2")) == 5


def test_handoff_owner_reviews_without_controls_of_the_editor(draft: RuleSet) -> None:
    owner = signed_in_as(make_person(Role.HANDOFF_OWNER))

    assert review_of(owner, changed(draft)).text("form .button-main") == "Publish"
    assert owner.get(reverse(HISTORY)).status_code == 200
