"""Saved views of the leads list: by person, shared with a team, and the default of a person."""

from __future__ import annotations

import pytest
from pytest_django import DjangoAssertNumQueries

from leads.models import ListSettings, SavedView
from people.models import Team, User
from people.roles import Role
from tests.factories import make_lead, make_person, make_rep
from tests.pages import Page, htmx, messages_of, page_at, signed_in_as
from tests.people.factories import make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer() -> User:
    return make_person(Role.MARKETER)


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER)


@pytest.fixture
def mia() -> User:
    return make_rep("Mia")


@pytest.fixture
def team(manager: User, mia: User) -> Team:
    return make_team(mia, name="North", manager=manager)


def save(user: User, name: str = "Hot ones", query: str = "temperature=hot", **more: object) -> str:
    sent = {"name": name, "query": query, **more}
    response = signed_in_as(user).post("/leads/views/", sent)
    return str(response["Location"])


def tabs_of(user: User, query: str = "") -> list[str]:
    return page_at(f"/leads/{query}", user).texts("nav[aria-label='Saved views'] a")


def test_view_keeps_filters_and_order_under_a_short_address(marketer: User) -> None:
    make_lead(name="Ann")

    href = save(marketer, query="q=&temperature=hot&sort=-score&page=x&open=")

    view = SavedView.objects.get()
    assert (view.query, href) == ("temperature=hot&sort=-score", f"/leads/?view={view.pk}")
    page = page_at(href, marketer)
    assert page.texts("[aria-current=page]")[-1] == "Hot ones"
    assert page.values("select[name=temperature] option[selected]") == ["hot"]
    assert page.values("th[aria-sort]", "aria-sort") == ["descending"]
    assert page.links(".chip:not(.chip-clear)") == [f"?view={view.pk}&sort=-score"]


def test_view_of_another_person_is_neither_shown_nor_changed(marketer: User, mia: User) -> None:
    save(marketer)
    view = SavedView.objects.get()

    response = signed_in_as(mia).post(f"/leads/views/{view.pk}/", {"action": "delete"}, follow=True)

    assert messages_of(response) == ["This view no longer exists, or only its owner can change it."]
    assert SavedView.objects.filter(pk=view.pk).exists()
    assert tabs_of(mia) == []
    assert page_at(f"/leads/?view={view.pk}", mia).texts("main p[role=alert]") == [
        "This view no longer exists. It may have been deleted by its owner."
    ]


def test_manager_shares_a_view_with_a_team(manager: User, mia: User, team: Team) -> None:
    href = save(manager, team=team.pk)

    assert tabs_of(mia) == ["All leads", "Hot ones"]
    page = page_at(href, mia)
    assert "Shared with North." in page.text(".list-bar")
    assert not page.has(".list-bar [value=delete]")
    assert page_at(href, manager).has(".list-bar [value=delete]")


def test_rep_cannot_share_with_a_team(mia: User, team: Team) -> None:
    response = signed_in_as(mia).post(
        "/leads/views/", {"name": "Mine", "query": "", "team": team.pk}, follow=True
    )

    assert messages_of(response) == ["Only the manager of a team can share views with it."]
    assert not SavedView.objects.exists()


def test_manager_deletes_a_view_that_a_former_manager_shared(
    manager: User, mia: User, team: Team
) -> None:
    save(manager, team=team.pk)
    successor = make_person(Role.SALES_MANAGER)
    Team.objects.filter(pk=team.pk).update(manager=successor)

    pk = SavedView.objects.get().pk
    signed_in_as(successor).post(f"/leads/views/{pk}/", {"action": "delete"})

    assert not SavedView.objects.exists()


def test_two_views_of_one_person_have_different_names(marketer: User) -> None:
    save(marketer)

    response = signed_in_as(marketer).post("/leads/views/", {"name": "Hot ones"}, follow=True)

    assert messages_of(response) == ["There already is a view named “Hot ones”."]
    assert SavedView.objects.count() == 1


def test_view_is_renamed_and_updated(marketer: User) -> None:
    save(marketer)
    pk = SavedView.objects.get().pk
    client = signed_in_as(marketer)

    changed = Page(client.get(f"/leads/?view={pk}&stage=mql"))
    client.post(f"/leads/views/{pk}/", {"action": "rename", "name": "MQLs"})
    client.post(f"/leads/views/{pk}/", {"action": "update", "query": "stage=mql"})

    assert "Update “Hot ones”" in changed.text(".list-bar")
    view = SavedView.objects.get()
    assert (view.name, view.query) == ("MQLs", "stage=mql")


def test_former_manager_renames_a_shared_view_and_it_stays_shared(
    manager: User, mia: User, team: Team
) -> None:
    href = save(manager, team=team.pk)
    Team.objects.filter(pk=team.pk).update(manager=make_person(Role.SALES_MANAGER))
    view = SavedView.objects.get()

    form = page_at(href, manager)
    chosen = form.values("select[name=team] option[selected]")
    sent = {"action": "rename", "name": "Warm ones", "team": chosen}
    signed_in_as(manager).post(f"/leads/views/{view.pk}/", sent)

    assert chosen == [str(team.pk)]
    assert tabs_of(mia) == ["All leads", "Warm ones"]


def test_view_with_more_than_a_column_holds_is_refused(marketer: User) -> None:
    sent = {"name": "Long", "query": f"q={'ü' * 1500}"}

    response = signed_in_as(marketer).post("/leads/views/", sent, follow=True)

    assert messages_of(response) == ["These filters are too long to keep. Remove one of them."]
    assert not SavedView.objects.exists()


@pytest.mark.parametrize("name", ["9" * 5000, "²", "one"])
def test_view_that_is_not_a_number_is_missing(name: str, marketer: User) -> None:
    page = page_at(f"/leads/?view={name}", marketer)

    assert page.texts("main p[role=alert]") == [
        "This view no longer exists. It may have been deleted by its owner."
    ]


def test_default_view_opens_the_list_and_all_leads_stay_one_click_away(marketer: User) -> None:
    make_lead(name="Ann")
    save(marketer, query="stage=won")
    pk = SavedView.objects.get().pk
    signed_in_as(marketer).post(f"/leads/views/{pk}/", {"action": "default"})

    page = page_at("/leads/", marketer)

    assert page.texts("[data-key-focus]") == []
    assert page.links("nav[aria-label='Saved views'] a") == ["?view=all", f"?view={pk}"]
    assert page.links(".chip-clear") == ["?view=all"]
    assert page_at("/leads/?view=all", marketer).texts("[data-key-focus]") == ["Ann"]
    signed_in_as(marketer).post(f"/leads/views/{pk}/", {"action": "delete"})
    assert page_at("/leads/", marketer).texts("[data-key-focus]") == ["Ann"]


def test_view_with_a_value_that_no_longer_exists_says_so(marketer: User) -> None:
    make_lead(name="Ann")
    href = save(marketer, name="Fair", query="source=fair")

    page = page_at(href, marketer)

    assert page.texts("main p[role=alert]") == [
        "Source: Select a valid choice. fair is not one of the available choices. "
        "The view “Fair” filters by it, and the filter was ignored."
    ]
    assert page.texts("[data-key-focus]") == ["Ann"]


def test_density_and_rows_are_remembered(marketer: User) -> None:
    make_lead()
    client = signed_in_as(marketer)

    client.post("/leads/display/", {"density": "compact", "size": "25"})
    client.post("/leads/display/", {"density": "compact", "size": "7"})

    settings = ListSettings.objects.get()
    assert (settings.is_compact, settings.page_size) == (True, 25)
    assert Page(client.get("/leads/")).has("table.table-compact")


def test_empty_fields_are_left_out_of_the_address(marketer: User) -> None:
    client = signed_in_as(marketer)
    sent = "/leads/?q=&open=&stage=mql&owner=&sort=-opened"

    assert client.get(sent)["Location"] == "/leads/?stage=mql"
    assert client.get(sent, **htmx("leads"))["HX-Push-Url"] == "/leads/?stage=mql"
    assert client.get("/leads/?q=&open=")["Location"] == "/leads/?"


@pytest.mark.parametrize("number", [1, 12])
def test_views_take_one_statement(
    number: int, marketer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for count in range(number):
        SavedView.objects.create(owner=marketer, name=f"View {count}")
    client = signed_in_as(marketer)

    # Of the user, views, filters, leads and their number.
    with django_assert_num_queries(5):
        client.get("/leads/?stage=mql")
