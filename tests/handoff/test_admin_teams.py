import pytest
from django.test import Client

from handoff.models import Handoff
from people.models import Team
from people.roles import Role
from tests.admin_pages import errors_of, open_page
from tests.factories import make_handoff, make_person, make_pool, make_rep, route_everything_to
from tests.handoff.factories import last_queue
from tests.pages import signed_in_as
from tests.people.factories import make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return signed_in_as(make_person(Role.OPERATIONS, "Olga"))


def test_team_named_by_live_rules_cannot_be_deactivated(client: Client) -> None:
    url, sent = open_page(client, last_queue())
    del sent["is_active"]

    answer = client.post(url, sent)

    assert (
        "The published rules send leads to Qualification: “Demo and quote requests”, “Consultation "
        "requests”, “Everybody else”. Publish rules without it first."
    ) in errors_of(answer)
    assert last_queue().is_active


def test_fallback_queue_of_live_rules_cannot_be_deactivated(client: Client) -> None:
    spare = make_team(make_rep(), name="Spare")
    pool = make_team(make_rep(), name="Pool")
    route_everything_to(pool, when_nobody="queue", fallback_queue=spare)
    url, sent = open_page(client, spare)
    del sent["is_active"]

    answer = client.post(url, sent)

    assert "The published rules send leads to Spare: “Pool Pool”." in errors_of(answer)


@pytest.mark.parametrize(("number", "text"), [(1, "1 lead waits"), (2, "2 leads wait")])
def test_team_with_queued_offers_cannot_be_deactivated(
    client: Client, number: int, text: str
) -> None:
    old = make_team(make_rep(), name="Old")
    make_pool(make_rep())
    for _ in range(number):
        make_handoff()
    Handoff.objects.update(owner=None, queue=old)
    url, sent = open_page(client, old)
    del sent["is_active"]

    answer = client.post(url, sent)

    expected = f"{text} in the Old queue. Accept or reassign them first."
    assert expected in errors_of(answer)
    old.refresh_from_db()
    assert old.is_active


def test_team_with_queued_offers_cannot_become_marketing(client: Client) -> None:
    url, sent = open_page(client, last_queue())

    answer = client.post(url, sent | {"function": "marketing"})

    assert "The published rules send leads to Qualification" in errors_of(answer)
    assert last_queue().function == Team.Function.SDR


def test_team_without_leads_can_be_deactivated(client: Client) -> None:
    make_pool(make_rep())
    idle = make_team(make_rep())
    url, sent = open_page(client, idle)
    del sent["is_active"]

    assert client.post(url, sent).status_code == 302

    idle.refresh_from_db()
    assert not idle.is_active


def test_inactive_team_can_be_edited(client: Client) -> None:
    Team.objects.filter(pk=last_queue().pk).update(is_active=False)
    url, sent = open_page(client, last_queue())

    assert client.post(url, sent | {"name": "Inbound"}).status_code == 302

    assert last_queue().name == "Inbound"
