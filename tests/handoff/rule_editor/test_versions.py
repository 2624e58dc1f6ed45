import pytest
from django.apps import apps
from django.test import Client
from django.urls import reverse

from config.bootstrap import bootstrap
from handoff.models import RuleSet
from handoff.routing import publishing
from people.models import Membership, Team, User
from people.roles import Role
from tests.admin_pages import url_of
from tests.factories import make_person
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


def test_publishing_asks_for_confirmation_and_records_the_publisher(
    client: Client, draft: RuleSet, olga: User
) -> None:
    url = reverse("admin:handoff_ruleset_publish", args=[draft.pk])
    assert client.get(url).status_code == 200
    draft.refresh_from_db()
    assert draft.status == "draft"

    refused = client.post(url, {"note": " "})
    assert refused.status_code == 422
    assert "Say what changes and why." in Page(refused).text("form .message")
    assert client.post(url, {"note": "Partners first."}).status_code == 302

    draft.refresh_from_db()
    assert (draft.status, draft.published_by) == ("published", olga)
    assert draft.note == "Partners first."
    kept = apps.get_model("handoff", "RuleSetEvent")._default_manager.filter(pgh_obj_id=draft.pk)
    assert kept.latest("pgh_id").pgh_context.metadata == {"user": olga.pk, "url": url}


def test_problems_that_block_publishing_are_listed(client: Client, draft: RuleSet) -> None:
    draft.rules.get(name="Everybody else").delete()
    url = reverse("admin:handoff_ruleset_publish", args=[draft.pk])

    page, answer = Page(client.get(url)), Page(client.post(url, {"note": "Mine"}))

    problem = "The last rule, “One download and nothing else”"
    assert page.texts(".change h3")[-1].startswith(problem)
    assert not page.has("form .button-main")
    assert answer.status == 409
    assert answer.text("form .message").startswith(problem)

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


def test_handoff_owner_may_publish_but_not_edit(draft: RuleSet) -> None:
    owner = signed_in_as(make_person(Role.HANDOFF_OWNER))

    assert owner.post(url_of(draft), {"name": "Mine"}).status_code == 403
    assert owner.post(reverse("admin:handoff_ruleset_copy", args=[draft.pk])).status_code == 403
    publish = reverse("admin:handoff_ruleset_publish", args=[draft.pk])
    assert owner.post(publish, {"note": "As agreed."}).status_code == 302

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
