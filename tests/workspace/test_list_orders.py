"""Orders of the leads list: each page once, names without regard to case, and their indexes."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from handoff.lead_access import answered_leads
from handoff.lead_filters import INDEXED
from leads.list_queries import MAX_SORTED, SORTS, max_sorted, newest, read_order, with_sort_text
from leads.models import Lead
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep
from tests.pages import Page, page_at, signed_in_as
from tests.plans import pretend_large

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return signed_in_as(make_person(Role.MARKETER))


def names(client: Client, query: str) -> list[str]:
    return Page(client.get(f"/leads/{query}")).texts("[data-key-focus]")


def walk(client: Client, query: str) -> list[str]:
    """Return the names of all pages, by their links."""
    page = Page(client.get(f"/leads/{query}"))
    listed = page.texts("[data-key-focus]")
    while following := page.links("a[rel=next]"):
        page = Page(client.get(f"/leads/{following[0]}"))
        listed += page.texts("[data-key-focus]")
    return listed


def test_names_are_sorted_without_regard_to_case(client: Client) -> None:
    for name in ("bea", "Ada", "CLEO"):
        make_lead(name=name)

    assert names(client, "?sort=name") == ["Ada", "bea", "CLEO"]
    assert names(client, "?sort=-name") == ["CLEO", "bea", "Ada"]


def test_leads_without_a_company_come_last_in_both_directions(client: Client) -> None:
    make_lead(name="One", company="Zenith")
    make_lead(name="Two", company="", domain="", email="two@mail.example")
    make_lead(name="Three", company="Atlas")
    Lead.objects.filter(contact__name="Two").update(company=None)

    assert names(client, "?sort=company") == ["Three", "One", "Two"]
    assert names(client, "?sort=-company") == ["One", "Three", "Two"]


@pytest.mark.parametrize("sort", [sign + name for name in SORTS for sign in ("", "-")])
def test_every_order_shows_each_lead_once(
    sort: str, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        make_lead(name=f"Lead {number}", company=f"Company {number % 2}")
    Lead.objects.filter(contact__name__in=["Lead 1", "Lead 4"]).update(company=None, source=None)
    monkeypatch.setattr("leads.saved_views.DEFAULT_SIZE", 2)

    listed = walk(client, f"?sort={sort}")

    assert sorted(listed) == [f"Lead {number}" for number in range(5)]


def test_heads_say_the_order_and_link_to_the_opposite(client: Client) -> None:
    make_lead()

    page = Page(client.get("/leads/?sort=company"))

    assert page.values("th[aria-sort]", "aria-sort") == ["ascending"]
    assert page.links("th[aria-sort] a") == ["?sort=-company"]
    assert page.links('thead a:lexbor-contains("Score")') == ["?sort=-score"]
    assert page.links('thead a:lexbor-contains("Opened")') == ["?"]


def test_orders_by_names_sort_the_newest_leads_of_a_long_list(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_lists(monkeypatch, 3)
    for name in ("Ann", "Dan", "Bob", "Cid"):
        make_lead(name=name)
    text = "More than 2 leads · Only the newest 3 are sorted by Lead"

    assert walk(client, "?sort=name") == ["Bob", "Cid", "Dan"]
    assert walk(client, "?sort=-name") == ["Dan", "Cid", "Bob"]
    assert walk(client, "") == ["Cid", "Bob", "Dan", "Ann"]
    assert Page(client.get("/leads/?sort=name")).text(".list-bar [role=status]") == text
    assert Page(client.get("/leads/")).text(".list-bar [role=status]") == "More than 2 leads"


def test_short_list_is_sorted_whole_and_says_nothing(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_lists(monkeypatch, 3)
    for name in ("Bob", "Ann"):
        make_lead(name=name)

    assert walk(client, "?sort=name") == ["Ann", "Bob"]
    assert Page(client.get("/leads/?sort=name")).text(".list-bar [role=status]") == "2 leads"


def test_only_the_newest_matches_of_a_frequent_word_are_sorted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_lists(monkeypatch, 9)
    monkeypatch.setattr("leads.search.MAX_LOOKED_UP", 2)
    monkeypatch.setattr("leads.list_queries.MAX_SORTED_OF_MANY", 2)
    make_lead(name="Bob Ray", email="bob@vega.example")
    for name in ("Ann Berg", "Ann Zorn", "Ann Lind"):
        make_lead(name=name)

    page = Page(client.get("/leads/?q=ann&sort=name"))

    assert walk(client, "?q=ann&sort=name") == ["Ann Lind", "Ann Zorn"]
    assert page.text(".list-bar [role=status]") == (
        "More than 1 leads with these filters · Only the newest 2 are sorted by Lead"
    )


def test_matches_of_a_frequent_word_that_fit_on_a_page_are_counted(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.search.MAX_LOOKED_UP", 1)
    for name in ("Ann Berg", "Ann Zorn"):
        make_lead(name=name)

    page = Page(client.get("/leads/?q=ann"))

    assert page.text(".list-bar [role=status]") == "2 leads with these filters"


def test_newest_matches_of_a_rare_word_are_sorted_among_newer_leads(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_lists(monkeypatch, 2)
    for name in ("Ann Zorn", "Ann Berg"):
        make_lead(name=name, email=f"{name[4:]}@vega.example")
    for number in range(3):
        make_lead(name=f"Bob {number}", email=f"bob{number}@vega.example")

    assert walk(client, "?q=ann&sort=name") == ["Ann Berg", "Ann Zorn"]


def test_file_of_a_long_list_is_sorted_whole(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    shorten_lists(monkeypatch, 1)
    for name in ("Cid", "Ann", "Bob"):
        make_lead(name=name)

    response: Any = client.get("/leads/export.csv?sort=name")
    rows = b"".join(response.streaming_content)

    assert rows.index(b"Ann") < rows.index(b"Bob") < rows.index(b"Cid")


def shorten_lists(monkeypatch: pytest.MonkeyPatch, max_sorted: int) -> None:
    """Make three leads a long list, and pages of one lead."""
    for module in ("leads.list_queries", "workspace.leads.listing"):
        monkeypatch.setattr(f"{module}.MAX_COUNT", 3)
    monkeypatch.setattr("leads.list_queries.MAX_SORTED", max_sorted)
    monkeypatch.setattr("leads.saved_views.DEFAULT_SIZE", 1)


@pytest.mark.parametrize(
    ("sort", "index"),
    [
        ("-opened", "lead_by_opened"),
        ("opened", "lead_by_opened"),
        ("-score", "lead_by_score"),
        ("score", "lead_by_score"),
        ("-stage", "lead_by_stage_entry"),
        ("stage", "lead_by_stage_entry"),
    ],
)
def test_orders_with_an_index_sort_nothing(sort: str, index: str) -> None:
    _, order = read_order(sort)
    start = (order.read("2026-11-02T09:00:00+00:00") if index != "lead_by_score" else 50, 7)
    leads = Lead.objects.filter(order.beyond(start, reverse=False))

    assert max_sorted(sort, has_many_matches=False) is None
    for rows in (Lead.objects.counted(), leads):
        plan = plan_of(rows.order_by(*order.columns()).values_list("pk", order.column)[:51])
        assert index in plan
        assert "Sort" not in plan


@pytest.mark.parametrize("sort", [name for name, entry in SORTS.items() if entry.text])
def test_orders_by_names_read_the_newest_leads_by_an_index(sort: str) -> None:
    _, order = read_order(sort)
    leads = with_sort_text(newest(Lead.objects.counted(), MAX_SORTED), sort)

    plan = plan_of(leads.order_by(*order.columns()).values_list("pk", order.column)[:51])

    assert "lead_by_opened" in plan
    assert '"Node Type": "Seq Scan", "Parent Relationship": "Outer"' not in plan


@pytest.mark.parametrize(
    ("name", "index"),
    [
        ("stage", "lead_by_stage"),
        ("owner", "lead_by_owner"),
        ("queue", "lead_in_queue"),
        ("source", "lead_by_source"),
        ("campaign", "lead_by_campaign"),
    ],
)
def test_filters_with_an_index_sort_nothing(name: str, index: str) -> None:
    _, order = read_order("-opened")
    leads = Lead.objects.counted().filter(**{name: "mql" if name == "stage" else 7})

    plan = plan_of(leads.order_by(*order.columns()).values_list("pk", order.column)[:51])

    assert name in INDEXED
    assert index in plan
    assert "Sort" not in plan


def test_previously_mine_reads_only_the_own_answers() -> None:
    make_pool(make_rep())
    make_handoff()
    pretend_large("leads_lead", "handoff_handoff")

    plan = answered_leads(Lead.objects.counted(), make_person(Role.REP)).explain()

    assert "_who_answered" in plan
    assert "Seq Scan on handoff_handoff" not in plan


def test_filters_without_an_index_say_so() -> None:
    _, order = read_order("-opened")
    values = {"lead_type": 7, "temperature": "hot", "score": 50}
    for name, value in values.items():
        leads = Lead.objects.counted().filter(**{name: value})
        plan = plan_of(leads.order_by(*order.columns()).values_list("pk", order.column)[:51])
        assert "lead_by_opened" in plan

    page = page_at("/leads/", make_person(Role.MARKETER))

    labels, _, words = page.text(".filters-note").partition(" filter ")
    assert labels == "Status, Lead type, Suppressed, Temperature, Score from and Score to"
    assert words.startswith("without an index.")


def plan_of(rows: Any) -> str:
    """Return the plan if tables are large: reading all of one and sorting it is the last resort."""
    if not Lead.objects.exists():
        make_lead()
    pretend_large("leads_lead")
    sql, params = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        ((plan,),) = cursor.fetchall()
    return json.dumps(plan)
