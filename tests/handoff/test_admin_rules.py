import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from config.bootstrap import bootstrap
from handoff.models import RoutingRule, RuleSet
from handoff.routing import publishing
from people.models import Membership, Team, User
from people.roles import Role
from tests.admin_pages import errors_of, open_page, url_of
from tests.factories import make_person, make_receipt
from tests.pages import Page, signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db


@pytest.fixture
def olga() -> User:
    bootstrap(at=MONDAY_9AM)
    Membership.objects.create(
        team=Team.objects.get(name="Qualification"), user=make_person(Role.REP, "Sam")
    )
    return make_person(Role.OPERATIONS, "Olga")


@pytest.fixture
def client(olga: User) -> Client:
    return signed_in_as(olga)


@pytest.fixture
def draft(olga: User) -> RuleSet:
    return publishing.copy_to_draft(RuleSet.objects.get())


def test_a_rules_conditions_are_typed_by_the_catalog(client: Client, draft: RuleSet) -> None:
    rule = draft.rules.get(name="Demo and quote requests")
    url, sent = open_page(client, rule)
    sent |= {
        "conditions-TOTAL_FORMS": "3",
        "conditions-1-field": "contact.country",
        "conditions-1-operator": "one_of",
        "conditions-1-value": "DE, FR",
        "conditions-2-field": "company.employees",
        "conditions-2-operator": "at_least",
        "conditions-2-value": "250",
    }

    assert client.post(url, sent).status_code == 302

    rows = rule.conditions.order_by("position").values_list("field", "operator", "value")
    assert list(rows) == [
        ("lead.type", "is", "demo"),
        ("contact.country", "one_of", ["DE", "FR"]),
        ("company.employees", "at_least", 250),
    ]


@pytest.mark.parametrize(
    ("field", "operator", "value", "text"),
    [
        ("company.employees", "at_least", "many", "Company size: a whole number is needed"),
        ("contact.country", "one_of", "DE, XX", "is not one of its choices"),
        ("contact.country", "at_least", "DE", "does not fit; use one of"),
        ("lead.type", "is", "", "Lead type: a value is missing"),
    ],
)
def test_invalid_condition_shows_an_error_at_its_row(
    client: Client, draft: RuleSet, field: str, operator: str, value: str, text: str
) -> None:
    rule = draft.rules.get(name="Demo and quote requests")
    url, sent = open_page(client, rule)
    row = {"conditions-0-field": field, "conditions-0-operator": operator}

    answer = client.post(url, sent | row | {"conditions-0-value": value})

    assert text in errors_of(answer)
    assert rule.conditions.get().value == "demo"


def test_new_rule_is_inserted_before_the_last_rule(client: Client, draft: RuleSet) -> None:
    sent = {
        "rule_set": str(draft.pk),
        "name": "Partners",
        "is_active": "on",
        "match": "all",
        "target": "pool",
        "team": str(Team.objects.get(name="Qualification").pk),
        "when_nobody": "next_rule",
        "conditions-TOTAL_FORMS": "1",
        "conditions-INITIAL_FORMS": "0",
        "conditions-0-field": "lead.source",
        "conditions-0-operator": "is",
        "conditions-0-value": "partner",
    }

    answer = client.post(reverse("admin:handoff_routingrule_add"), sent)

    assert answer.status_code == 302
    names = [rule.name for rule in publishing.active_rules(draft)]
    assert names[-2:] == ["Partners", "Everybody else"]
    assert publishing.problems_of(draft) == []


def test_rule_without_person_or_team_shows_an_error(client: Client, draft: RuleSet) -> None:
    rule = draft.rules.get(name="Demo and quote requests")
    url, sent = open_page(client, rule)

    answer = client.post(url, sent | {"target": "person", "person": ""})

    assert "Choose the person who gets these leads." in errors_of(answer)
    assert RoutingRule.objects.get(pk=rule.pk).target == "pool"


def test_publishing_asks_for_confirmation_and_records_the_publisher(
    client: Client, draft: RuleSet, olga: User
) -> None:
    url = reverse("admin:handoff_ruleset_publish", args=[draft.pk])
    assert client.get(url).status_code == 200
    draft.refresh_from_db()
    assert draft.status == "draft"

    assert client.post(url).status_code == 302

    draft.refresh_from_db()
    assert (draft.status, draft.published_by) == ("published", olga)
    kept = apps.get_model("handoff", "RuleSetEvent")._default_manager.filter(pgh_obj_id=draft.pk)
    assert kept.latest("pgh_id").pgh_context.metadata == {"user": olga.pk, "url": url}


def test_problems_that_block_publishing_are_listed(client: Client, draft: RuleSet) -> None:
    draft.rules.get(name="Everybody else").delete()
    url = reverse("admin:handoff_ruleset_publish", args=[draft.pk])

    for answer in (client.get(url), client.post(url)):
        [problem] = Page(answer).texts(".ops-problems li")
        assert problem.startswith("The last rule, “One download and nothing else”")

    draft.refresh_from_db()
    assert draft.status == "draft"


def test_published_version_can_be_copied_but_not_saved(client: Client) -> None:
    published = RuleSet.objects.get()
    rule = published.rules.get(name="Demo and quote requests")
    for row in (published, rule):
        assert "Lead type is Demo or quote request" in Page(client.get(url_of(row))).text()
        assert client.post(url_of(row), {"name": "Mine"}).status_code == 403

    copy = client.post(reverse("admin:handoff_ruleset_copy", args=[published.pk]))

    assert copy.status_code == 302
    assert RuleSet.objects.filter(status="draft").get().rules.count() == 6


def test_trying_a_lead_names_the_rule_and_writes_nothing(client: Client, draft: RuleSet) -> None:
    receipt = make_receipt()
    balances = list(Membership.objects.values_list("balance"))
    url = reverse("admin:handoff_ruleset_try_lead", args=[draft.pk])

    answer = client.get(url, {"lead": receipt.lead_id})

    assert answer.context["winner"].name == "Demo and quote requests"
    assert [step["answer"] for step in answer.context["tried"]][:3] == ["not met", "not met", "met"]
    assert list(Membership.objects.values_list("balance")) == balances
    assert client.get(url, {"lead": "nobody@example.com"}).context["lead"] is None
    assert client.get(url, {"lead": "9" * 30}).context["lead"] is None
    assert client.get(url, {"lead": "\0"}).context["lead"] is None


def test_handoff_owner_may_publish_but_not_edit(draft: RuleSet) -> None:
    owner = signed_in_as(make_person(Role.HANDOFF_OWNER))

    assert owner.post(url_of(draft), {"name": "Mine"}).status_code == 403
    assert owner.post(reverse("admin:handoff_ruleset_copy", args=[draft.pk])).status_code == 403
    assert owner.post(reverse("admin:handoff_ruleset_publish", args=[draft.pk])).status_code == 302

    draft.refresh_from_db()
    assert draft.status == "published"


@pytest.mark.parametrize("number", ["999999", "abc", "9" * 30])
@pytest.mark.parametrize(
    ("step", "status"),
    [("publish", 404), ("copy", 403), ("try_lead", 404), ("history", 404), ("change", 302)],
)
def test_missing_version_is_a_404(client: Client, step: str, status: int, number: str) -> None:
    answer = client.get(f"{reverse('admin:handoff_ruleset_changelist')}{number}/{step}/")

    assert answer.status_code == status


def test_rule_is_not_saved_after_its_set_was_published(client: Client, draft: RuleSet) -> None:
    rule = draft.rules.get(name="Demo and quote requests")
    url, sent = open_page(client, rule)
    publishing.publish(rule_set=draft, by=None, at=MONDAY_9AM)

    assert client.post(url, sent | {"name": "Mine"}).status_code == 403

    rule.refresh_from_db()
    assert rule.name == "Demo and quote requests"
