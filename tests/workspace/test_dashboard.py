from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from config.bootstrap import bootstrap
from handoff.models import RejectionReason, RuleSet
from handoff.routing import publishing
from people.models import Membership, Team, User
from people.roles import Role
from tests.admin_pages import url_of
from tests.factories import make_person, make_receipt, route_everything_to
from tests.pages import Page, signed_in_as
from tests.people.factories import make_team
from tests.plans import plans_of, pretend_large
from tests.statements import exactly_statements
from workspace.backoffice import dashboard
from workspace.backoffice.dashboard import (
    UNSTAFFED_QUEUES,
    Concern,
    concerns,
    live_and_drafts,
    read_numbers,
)

pytestmark = pytest.mark.django_db

MONDAY_9AM = datetime(2026, 3, 2, 9, tzinfo=UTC)


@pytest.fixture
def client() -> Client:
    """Operations of an installation that is ready: both teams have a member."""
    bootstrap(at=MONDAY_9AM)
    for team in Team.objects.all():
        Membership.objects.create(team=team, user=make_person(Role.REP, f"Sam of {team}"))
    return signed_in_as(make_person(Role.OPERATIONS, "Olga"))


def found() -> list[Concern]:
    return concerns(live_and_drafts(), read_numbers(at=MONDAY_9AM))


def told() -> list[str]:
    return [concern.text for concern in found()]


def hrefs() -> list[str]:
    return [concern.href for concern in found()]


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

    assert hrefs() == [url_of(Team.objects.get(name="Qualification"))]


def test_rule_problem_links_to_the_draft_or_rule_set(client: Client) -> None:
    team = make_team()
    published = route_everything_to(team)
    Team.objects.filter(pk=team.pk).update(is_active=False)
    assert hrefs() == [url_of(published)]

    draft = publishing.copy_to_draft(published)

    assert hrefs() == [url_of(draft)]


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


@pytest.mark.parametrize("leads", [1, 4])
def test_admin_home_takes_thirteen_statements(leads: int, client: Client) -> None:
    for _ in range(leads):
        make_receipt()

    with exactly_statements(13):
        assert client.get(reverse("admin:index")).status_code == 200


def test_figures_that_stopped_counting_say_so(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        make_receipt()
    monkeypatch.setattr(dashboard, "MAX_LATE", 1)
    monkeypatch.setattr(dashboard, "MAX_COUNT", 2)

    texts = Page(client.get(reverse("admin:index"))).texts(".ops-figures dd")

    assert texts == ["2+", "0", "2+", "1+"]


def test_figures_and_concerns_read_ranges_of_indexes(client: Client) -> None:
    tables = ("leads_lead", "handoff_handoff", "handoff_slaclock")
    make_receipt()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE handoff_handoff, handoff_slaclock, leads_lead")
    pretend_large(*tables)

    numbers = plans_of(lambda: read_numbers(at=MONDAY_9AM))
    queues = plans_of(UNSTAFFED_QUEUES.rows)

    for plan in (*numbers, *queues):
        for table in tables:
            assert f"Seq Scan on {table} " not in plan
