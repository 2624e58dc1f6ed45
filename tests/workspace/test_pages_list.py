import csv
from collections.abc import Iterator
from datetime import timedelta
from io import StringIO

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from leads.list_queries import counted_first
from leads.models import Campaign, Contact, Lead
from people.models import User
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep
from tests.pages import Page, htmx, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team, make_user
from tests.plans import pretend_large

pytestmark = pytest.mark.django_db


@pytest.fixture
def marketer() -> User:
    return make_person(Role.MARKETER)


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(MONDAY_9AM + timedelta(hours=3), tick=False):
        yield


def shown(user: User, query: str = "") -> list[str]:
    """Names on the page, in their order."""
    page = signed_in_as(user).get(f"/leads/{query}").content.decode()
    return [part.split("<")[0] for part in page.split("data-key-focus>")[1:]]


def test_the_newest_comes_first(marketer: User) -> None:
    make_lead(name="Old", at=MONDAY_9AM)
    make_lead(name="New", at=MONDAY_9AM + timedelta(hours=1))

    assert shown(marketer) == ["New", "Old"]
    assert shown(marketer, "?sort=opened") == ["Old", "New"]
    assert shown(marketer, "?sort=nonsense") == ["New", "Old"]


def test_the_highest_score_first(marketer: User) -> None:
    make_lead(name="Student", seniority="student", title="Student", employees=None)
    make_lead(name="Chief", seniority="c_level")

    assert shown(marketer, "?sort=-score") == ["Chief", "Student"]
    assert shown(marketer, "?sort=score") == ["Student", "Chief"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?stage=mql", ["Ready"]),
        ("?stage=new", ["Cold"]),
        ("?source=referral", ["Cold"]),
        ("?source=none", []),
        ("?campaign=spring", ["Ready"]),
        ("?campaign=none", ["Cold"]),
        ("?lead_type=low_intent", ["Cold"]),
        ("?temperature=hot", ["Ready"]),
        ("?score_from=75", ["Ready"]),
        ("?score_to=74", ["Cold"]),
        ("?opened_from=2026-11-02&opened_to=2026-11-02", ["Ready"]),
        ("?opened_to=2026-11-01", ["Cold"]),
        ("?open=yes", ["Ready", "Cold"]),
        ("?open=no", []),
        ("?owner=none", ["Cold"]),
        ("?queue=none", ["Ready"]),
        ("?stage=mql&source=referral", []),
    ],
)
def test_each_filter_narrows_the_list(query: str, names: list[str], marketer: User) -> None:
    make_pool(make_rep("Mia"))
    Campaign.objects.create(code="spring", name="Spring")
    make_lead(name="Ready", campaign="spring")
    make_lead(
        name="Cold",
        at=MONDAY_9AM - timedelta(days=1),
        lead_type="low_intent",
        kind="form",
        source="referral",
        seniority="student",
        title="Student",
    )

    assert shown(marketer, query) == names


def test_owner_filter_offers_own_leads() -> None:
    mia, jon = make_rep("Mia"), make_rep("Jon")
    make_pool(mia, jon)
    for name in ("One", "Two"):
        make_lead(name=name)
    theirs = {lead.contact.name: lead.owner for lead in Lead.objects.all()}

    assert shown(mia, "?owner=me") == [name for name, owner in theirs.items() if owner == mia]
    assert shown(mia, f"?owner={jon.pk}") == [n for n, owner in theirs.items() if owner == jon]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ("łukasik", ["Élodie Łukasik"]),
        ("Élo", ["Élodie Łukasik"]),
        ("élodie łu", ["Élodie Łukasik"]),
        ("łuk élodie", []),
        ("o'brien", ["Sean O'Brien"]),
        ("o'br", ["Sean O'Brien"]),
        ("sean@vega.example", ["Sean O'Brien"]),
        ("sean@ve", ["Sean O'Brien"]),
        ("vega hea", ["Sean O'Brien"]),
        ("hansen", ["Élodie Łukasik"]),
        ("nobody", []),
        ("!!! & | :*", []),
        ("' OR 1=1 --", []),
        ("\\", []),
        ("\u200bsean", ["Sean O'Brien"]),
        ("日本", []),
    ],
)
def test_search_covers_contact_and_company(words: str, names: list[str], marketer: User) -> None:
    make_lead(name="Élodie Łukasik", company="Hansen Logistics", email="elodie@hansen.example")
    make_lead(
        name="Sean O'Brien",
        company="Vega Health",
        email="sean@vega.example",
        domain="vega.example",
    )

    page = signed_in_as(marketer).get("/leads/", {"q": words}).content.decode()

    shown_names = [part.split("<")[0] for part in page.split("data-key-focus>")[1:]]
    assert shown_names == [name.replace("'", "&#39;") for name in names]


def test_active_filter_has_a_chip_that_removes_it(marketer: User) -> None:
    make_lead()

    page = signed_in_as(marketer).get("/leads/?stage=mql&score_from=10").content.decode()

    assert 'href="?score_from=10"' in page
    assert "Stage: Marketing qualified" in page
    assert 'href="?stage=mql"' in page
    assert 'class="chip chip-clear" href="?"' in page


def test_invalid_filter_is_reported_and_ignored(marketer: User) -> None:
    make_lead(name="Ann")

    query = "?score_from=lots&stage=gone&opened_from=31.2.2026"
    page = signed_in_as(marketer).get(f"/leads/{query}").content.decode()

    assert "Score from: Enter a number. The filter was ignored." in page
    assert "Stage: Select a valid choice." in page
    assert "Opened from: Enter a valid date." in page
    assert shown(marketer, query) == ["Ann"]


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("?sorce=web", "Ignored: “sorce” is not a filter here. Did you mean “source”?"),
        ("?stage=mql&stage=sal", "Ignored: “stage” is given more than once."),
        ("?sort=luck", "Ignored: “luck” is not an order here."),
        (
            "?score_from=101",
            "Score from: Enter a number between 0 and 100. The filter was ignored.",
        ),
        ("?score_to=-1", "Score to: Enter a number between 0 and 100. The filter was ignored."),
    ],
)
def test_unknown_filter_is_named_and_exports_nothing(
    marketer: User, query: str, words: str
) -> None:
    make_lead(name="Ann")
    client = signed_in_as(marketer)

    page = Page(client.get(f"/leads/{query}"))
    export = client.get(f"/leads/export.csv{query}")

    assert page.texts("main p[role=alert]") == [words]
    assert not any("sorce" in link or "luck" in link for link in page.links())
    assert export.status_code == 400
    assert not getattr(export, "streaming", False)


def test_empty_list_shows_the_next_step(marketer: User) -> None:
    assert "No leads yet" in signed_in_as(marketer).get("/leads/").content.decode()
    assert "No matching leads" in signed_in_as(marketer).get("/leads/?q=x").content.decode()


def test_paging_keeps_the_filters(marketer: User) -> None:
    for number in range(53):
        make_lead(name=f"Lead {number:02}", at=MONDAY_9AM + timedelta(minutes=number))
    client = signed_in_as(marketer)

    first = client.get("/leads/?open=yes").content.decode()
    assert first.count("data-key-item") == 50
    assert "53 leads" in first
    after = first.split('rel="next"')[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    second = client.get(f"/leads/{after}").content.decode()
    assert [name in second for name in ("Lead 03", "Lead 02", "Lead 00")] == [False, True, True]
    before = second.split('rel="prev"')[0].rsplit('href="', 1)[1].split('"')[0]
    again = client.get(f"/leads/{before.replace('&amp;', '&')}").content.decode()

    assert "open=yes" in after
    assert again.count("data-key-item") == 50
    assert "Lead 52" in again
    assert 'rel="prev"' not in again


def test_count_stops_at_its_limit(marketer: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("leads.list_queries.MAX_COUNT", 3)
    monkeypatch.setattr("workspace.leads.listing.MAX_COUNT", 3)
    for _ in range(2):
        make_lead()
    assert "2 leads" in signed_in_as(marketer).get("/leads/").content.decode()

    make_lead()
    assert "More than 2 leads" in signed_in_as(marketer).get("/leads/").content.decode()


@pytest.mark.parametrize(("leads", "statements"), [(1, 5), (20, 5), (51, 6)])
def test_count_statement_runs_only_for_several_pages(
    leads: int, statements: int, marketer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(leads):
        make_lead()
    client = signed_in_as(marketer)

    with django_assert_num_queries(statements):
        client.get("/leads/?stage=mql&q=ann&owner=none")


@pytest.mark.parametrize("leads", [1, 51])
def test_leads_are_counted_first_if_no_index_serves_a_filter(
    leads: int, marketer: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(leads):
        make_lead()
    client = signed_in_as(marketer)

    with django_assert_num_queries(5):
        page = client.get("/leads/?open=yes&sort=score").content.decode()

    assert f"{leads} lead" in page
    assert page.count("data-key-item") == min(leads, 50)


def test_few_leads_are_listed_by_their_ids(monkeypatch: pytest.MonkeyPatch) -> None:
    lead_ids = {make_lead().pk for _ in range(2)}
    monkeypatch.setattr("leads.list_queries.MAX_SCANNED", 3)
    few, count = counted_first(Lead.objects.open())
    monkeypatch.setattr("leads.list_queries.MAX_SCANNED", 2)
    many, limit = counted_first(Lead.objects.open())
    pretend_large("leads_lead")

    assert (count, {lead.pk for lead in few}) == (2, lead_ids)
    assert (limit, {lead.pk for lead in many}) == (2, lead_ids)
    assert "lead_by_opened" not in few.order_by("-opened_at", "-pk")[:51].explain()
    assert "lead_by_opened" in many.order_by("-opened_at", "-pk")[:51].explain()


def test_frequent_word_is_listed_but_not_counted(
    marketer: User,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    monkeypatch.setattr("leads.search.MAX_LOOKED_UP", 0)
    for _ in range(51):
        make_lead(name="Ann Lee")
    client = signed_in_as(marketer)

    with django_assert_num_queries(5):
        page = client.get("/leads/?q=ann").content.decode()

    assert "More than 50 leads with these filters" in page
    assert page.count("data-key-item") == 50


def test_htmx_request_returns_the_list_part(marketer: User) -> None:
    part = signed_in_as(marketer).get("/leads/", **htmx("leads")).content.decode()

    assert part.lstrip().startswith('<div class="stack" id="leads">')


def test_export_matches_the_list_and_escapes_formulas(
    marketer: User,
) -> None:
    make_lead(
        name="=SUM(A1)", company="Vega", email="ann@vega.example", country="NL", external_id="7"
    )
    make_lead(name="Left out", lead_type="low_intent", kind="form", seniority="student")

    response = signed_in_as(marketer).get("/leads/export.csv?stage=mql")

    assert response.headers["Content-Disposition"] == 'attachment; filename="leads-2026-11-02.csv"'
    rows = list(csv.DictReader(StringIO(response.getvalue().decode("utf-8-sig"))))
    assert [row["contact"] for row in rows] == ["'=SUM(A1)"]
    assert (rows[0]["email"], rows[0]["opened_at"], rows[0]["country"]) == (
        "ann@vega.example",
        "2026-11-02T09:00:00+00:00",
        "NL",
    )
    assert rows[0]["external_ids"] == "unnamed:7"


def test_list_and_export_hide_leads_of_other_teams() -> None:
    mia = make_rep("Mia")
    make_pool(mia)
    make_handoff(name="Ann")
    other = make_rep()
    make_team(other)

    assert shown(mia) == ["Ann"]
    assert shown(other) == []
    rows = signed_in_as(other).get("/leads/export.csv").getvalue().decode("utf-8-sig").splitlines()
    assert len(rows) == 1
    without_role = make_user()
    for path in ("/leads/", "/leads/export.csv"):
        assert Client().get(path)["Location"] == f"/sign-in/?next={path}"
        assert signed_in_as(make_rep()).post(path).status_code == 405
        assert signed_in_as(without_role).get(path).status_code == 403


@pytest.mark.parametrize("query", ["opened_from=0001-01-01", "opened_to=9999-12-31"])
def test_out_of_range_day_is_reported_and_ignored(marketer: User, query: str) -> None:
    make_lead(name="Ready")

    page = signed_in_as(marketer).get(f"/leads/?{query}").content.decode()

    assert "Choose a day between 1970 and 2200. The filter was ignored." in page
    assert "Ready" in page


def test_export_with_an_invalid_filter_is_refused(marketer: User) -> None:
    answer = signed_in_as(marketer).get("/leads/export.csv?score_from=x")

    assert answer.status_code == 400
    assert "Score from: Enter a number." in answer.content.decode()


def test_links_drop_invalid_filters(marketer: User) -> None:
    make_lead()

    page = signed_in_as(marketer).get("/leads/?score_from=x&stage=mql&sort=-score").content.decode()

    assert "The filter was ignored." in page
    assert 'href="/leads/export.csv?stage=mql&amp;sort=-score"' in page
    assert 'href="?sort=-score"' in page
    assert "score_from=x" not in page


def test_list_of_500_leads_shows_one_page_at_the_same_cost() -> None:
    manager = make_person(Role.SALES_MANAGER)
    make_pool(rep := make_rep("Mia"), manager=manager)
    copies_of(make_handoff(name="Ada").lead, number=59)
    client = signed_in_as(manager)
    statements = []

    for number in (0, 440):
        copies_of(Lead.objects.order_by("pk")[0], number=number)
        with CaptureQueriesContext(connection) as captured:
            page = Page(client.get(f"/leads/?owner={rep.pk}&sort=name"))
        statements.append(len(captured))

    assert "500 leads with these filters" in page.texts("[role=status]")
    assert len(page.texts("tbody tr")) == 50
    assert statements[0] == statements[1]
    everything = {"action": "reassign", "all": "yes", "query": f"owner={rep.pk}"}
    preview = Page(client.post("/leads/act/preview/", everything))
    assert "500 selected. Nothing has changed yet." in preview.text(".page-head")


def copies_of(lead: Lead, *, number: int) -> None:
    at = lead.opened_at
    contacts = Contact.objects.bulk_create(
        Contact(name=f"Copy {n}", created_at=at, updated_at=at) for n in range(number)
    )
    Lead.objects.bulk_create(
        Lead(
            contact=contact,
            owner_id=lead.owner_id,
            stage=lead.stage,
            stage_entered_at=lead.stage_entered_at,
            opened_at=lead.opened_at,
            latest_touch_at=lead.latest_touch_at,
            first_touch_id=lead.first_touch_id,
        )
        for contact in contacts
    )
