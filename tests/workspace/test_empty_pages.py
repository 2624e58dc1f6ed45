"""Pages of a new installation say what appears on them and what to do next."""

import pytest

from people.roles import Role
from tests.factories import make_person, make_queue, make_rep
from tests.pages import card, page_at

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("path", "title", "add"),
    [
        ("/admin/leads/campaign/", "No campaigns yet", "/admin/leads/campaign/add/"),
        ("/admin/people/absence/", "No absences yet", "/admin/people/absence/add/"),
        ("/admin/api/apikey/", "No API keys yet", "/admin/api/apikey/add/"),
        ("/admin/leads/contact/", "No contacts yet", ""),
        ("/admin/leads/company/", "No companies yet", ""),
    ],
)
def test_empty_list_of_the_admin_says_what_appears_there(path: str, title: str, add: str) -> None:
    page = page_at(path, make_person(Role.OPERATIONS))

    assert title in page.texts("main h2")
    assert "yielded" not in page.html
    assert not add or add in page.links("main a")


def test_list_of_the_admin_without_a_match_offers_all_rows() -> None:
    page = page_at("/admin/leads/campaign/?q=nothing", make_person(Role.OPERATIONS))

    assert "No matching campaigns" in page.texts("main h2")
    assert "?" in page.links("main a")


@pytest.mark.parametrize(("role", "adds"), [(Role.REP, True), (Role.LEADER, False)])
def test_empty_leads_list_offers_to_add_one_to_who_may(role: Role, adds: bool) -> None:
    page = page_at("/leads/", make_person(role))

    assert page.text(".empty strong") == "No leads yet"
    assert page.links(".empty a") == (["/leads/new/"] if adds else [])


def test_empty_queue_says_how_leads_get_there() -> None:
    rep = make_rep()
    make_queue(rep, name="Inbound")

    page = page_at("/queues/", rep)

    assert page.text(f"{card('Inbound')} .card-foot") == (
        "Leads appear here when the routing rules send them to this queue."
    )
