from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from config.bootstrap import bootstrap
from handoff.models import RejectionReason, RuleSet
from handoff.routing import publishing
from people.models import Membership, Team, User
from people.roles import Role
from tests.admin_pages import url_of
from tests.factories import make_person, make_receipt, route_everything_to
from tests.pages import signed_in_as
from tests.people.factories import make_team
from workspace.backoffice.dashboard import concerns

pytestmark = pytest.mark.django_db

MONDAY_9AM = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def client() -> Client:
    """Operations of an installation that is ready: both teams have a member."""
    bootstrap(at=MONDAY_9AM)
    for team in Team.objects.all():
        Membership.objects.create(team=team, user=make_person(Role.REP, f"Sam of {team}"))
    return signed_in_as(make_person(Role.OPERATIONS, "Olga"))


def told() -> list[str]:
    return [concern.text for concern in concerns()]


def test_admin_home_shows_live_versions_and_drafts(
    client: Client,
) -> None:
    draft = publishing.copy_to_draft(RuleSet.objects.get())
    make_receipt()

    page: Any = client.get(reverse("admin:index"))

    assert page.status_code == 200
    assert [str(row["version"]) for row in page.context["drafts"]] == [str(draft)]
    assert [str(row["version"]) for row in page.context["published"]] == [
        "Routing v1",
        "Standard v1",
        "Urgent v1",
        "Fit and intent v1",
    ]
    figures = {figure.label: figure.value for figure in page.context["figures"]}
    assert (figures["Open leads"], figures["Awaiting an answer"]) == (1, 1)
    assert page.context["concerns"] == []


def test_new_installation_warns_about_its_unstaffed_queue() -> None:
    bootstrap(at=MONDAY_9AM)

    assert told() == [
        "Routing v1: 6. Everybody else: no one in Qualification may answer leads, "
        "so leads there would go unseen."
    ]


def test_unstaffed_queue_links_to_its_team() -> None:
    bootstrap(at=MONDAY_9AM)

    assert [concern.href for concern in concerns()] == [
        url_of(Team.objects.get(name="Qualification"))
    ]


def test_rule_problem_links_to_the_draft_or_rule_set(client: Client) -> None:
    team = make_team()
    published = route_everything_to(team)
    Team.objects.filter(pk=team.pk).update(is_active=False)
    assert [concern.href for concern in concerns()] == [url_of(published)]

    draft = publishing.copy_to_draft(published)

    assert [concern.href for concern in concerns()] == [url_of(draft)]


def test_leads_of_inactive_users_need_attention(client: Client) -> None:
    receipt = make_receipt()
    User.objects.filter(leads=receipt.lead_id).update(is_active=False)

    assert "1 open lead is assigned to inactive users." in told()


def test_leads_in_unstaffed_queues_need_attention(client: Client) -> None:
    make_receipt(kind="site_visit", lead_type="low_intent", seniority="staff", employees=3)
    Membership.objects.filter(team__name="Marketing").delete()

    assert "Leads are waiting in the Marketing queue, but the team has no active members." in told()


def test_users_without_role_or_team_need_attention(client: Client) -> None:
    User.objects.create_user("new@example.com", name="New")
    make_person(Role.REP, "Alone")

    assert told() == [
        "1 active user has no role.",
        "1 rep is on no team and cannot get leads.",
    ]


def test_more_than_seven_rejection_reasons_need_attention(client: Client) -> None:
    RejectionReason.objects.create(code="eighth", label="Eighth", route="suppress")

    assert told() == ["8 rejection reasons are active. Use seven or fewer."]


def test_admin_home_statements_do_not_grow_with_leads(client: Client) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("admin:index")).status_code == 200
        return len(queries)

    make_receipt()
    before = cost()

    for _ in range(3):
        make_receipt()

    assert cost() == before
