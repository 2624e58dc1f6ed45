"""The report pages: every figure equals its list, costs few statements, and is open to readers."""

from __future__ import annotations

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from django.urls import reverse
from selectolax.lexbor import LexborNode

from leads.models import Company, Lead, Source
from leads.stages import Stage
from people.models import Membership
from people.roles import Role
from reporting.models import Restatement
from reporting.pages.context import restatement_label
from reporting.pages.drilldown import PAGE_SIZE
from reporting.queries.reports import REPORTS
from reporting.queries.rollup_queries import Restated
from reporting.queries.scope import Period
from reporting.registry.counters import Basis
from reporting.rollups.build import LEAD_ROLLUP
from reporting.rollups.prove import prove
from reporting.rollups.refresh import follow_log
from tests.pages import Page, text_of
from tests.people.factories import make_user, make_user_with
from tests.reporting.history import (
    DAY,
    HOUR,
    MONDAY,
    accept,
    attempt,
    breach_sla,
    cannot_evaluate,
    make_campaign,
    make_lead,
    make_lead_type,
    make_person,
    make_source,
    make_team,
    meet_sla,
    move,
    offer,
    reject,
)
from tests.reporting.pages import DAYS, NOON, PAGES
from tests.reporting.rollups import set_count
from tests.statements import exactly_statements

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("noon")]


def make_history() -> None:
    """Make eighteen leads with every outcome, over three sources and two teams."""
    sources = [make_source("Paid search"), make_source("Webinar"), None]
    teams = [make_team("North"), make_team("South")]
    people = [make_person("Robin Reed"), make_person("Kim Katz")]
    for number in range(18):
        opened = MONDAY + number * HOUR * 20
        lead = make_lead(
            opened=opened,
            source=sources[number % 3],
            campaign=make_campaign() if number % 2 else None,
            lead_type=make_lead_type() if number % 4 else None,
            owner=people[number % 2],
            temperature=("hot", "warm", "cold")[number % 3],
        )
        if number % 6 == 0:
            continue
        move(lead, Stage.MQL, opened + HOUR)
        rep = people[number % 2]
        handoff = offer(lead, opened + HOUR, user=rep, team=teams[number % 2])
        answered = opened + 2 * HOUR
        (breach_sla if number % 5 == 0 else meet_sla)(handoff, answered, "answer")
        if number % 6 == 1:
            reject(handoff, answered, rep, "not_icp" if number > 6 else "bad_data")
            move(lead, Stage.DISQUALIFIED, answered)
        elif number % 6 == 2:
            cannot_evaluate(handoff, answered, rep)
        else:
            accept(handoff, answered, rep)
            attempt(handoff, opened + HOUR + timedelta(minutes=number * 9))
            (breach_sla if number % 4 == 0 else meet_sla)(handoff, opened + 4 * HOUR)
            move(lead, (Stage.SQL, Stage.OPPORTUNITY, Stage.WON)[number % 3], opened + DAY)
    follow_log(at=NOON)


def page_at(client: Client, address: str) -> Page:
    page = Page(client.get(address))
    assert page.status == 200
    return page


def report(client: Client, name: str, query: str = DAYS) -> Page:
    return page_at(client, f"{reverse(f'reporting:{name}')}?{query}")


def figures_on(page: Page) -> dict[str, str]:
    """Return every address of a list on the page with the figure that leads there."""
    tiles = page.all(".tile:has(a[href])")
    rows = page.all("tr:has(th a[href^='/reports/leads/'])")
    cells = page.all("td:has(a[href])")
    return {
        **{href_of(tile): whole_or(tile, "strong", ".tile-note") for tile in tiles},
        **{href_of(row): text_of(part(row, "td.number")) for row in rows},
        **{href_of(cell): whole_or(cell, "a", ".rate-of, small") for cell in cells},
    }


def whole_or(node: LexborNode, figure: str, whole: str) -> str:
    """Return “3 of 7” where the figure is a rate of something, else the figure."""
    notes = [text for text in map(text_of, node.css(whole)) if " of " in text]
    # A median says of what its counts are.
    return (
        notes[0].removesuffix(" handoffs").removesuffix(" leads")
        if notes
        else text_of(part(node, figure))
    )


def href_of(node: LexborNode) -> str:
    return part(node, "a").attributes["href"] or ""


def part(node: LexborNode, selector: str) -> LexborNode:
    first = node.css_first(selector)
    assert first is not None
    return first


def rows_behind(reader: Client, href: str) -> int:
    response = reader.get(f"{href}&format=csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return len(list(csv.reader(StringIO(text)))) - 1


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "query", "number"),
    [
        ("overview", "", 15),
        ("overview", "&source=none", 13),
        ("funnel", "", 46),
        ("funnel", "&by=owner", 46),
        ("sources", "", 44),
        ("sources", "&by=campaign&temperature=", 33),
        ("sources", "&by=team", 44),
        ("rejections", "", 9),
        ("rejections", "&by=lead_type", 9),
        ("rejections", "&view=rate", 9),
        ("speed", "", 40),
        ("speed", "&by=user", 40),
        ("speed", "&by=temperature", 45),
    ],
)
def test_every_figure_equals_the_list_behind_it(
    reader: Client, name: str, query: str, number: int
) -> None:
    make_history()

    figures = figures_on(report(reader, name, f"{DAYS}{query}"))

    assert len(figures) == number
    for href, text in figures.items():
        figure, _, whole = text.partition(" of ")
        assert rows_behind(reader, href) == int(figure.replace(",", "")), href
        if whole:
            denominator = f"{href}&part=denominator"
            assert rows_behind(reader, denominator) == int(whole.replace(",", "")), denominator


@pytest.mark.parametrize(
    ("name", "query", "statements"),
    [
        ("overview", "", 4),
        ("overview", "&team=none", 4),
        ("funnel", "", 3),
        ("funnel", "&by=owner", 4),
        ("sources", "", 4),
        ("sources", "&by=owner", 5),
        ("rejections", "", 4),
        ("rejections", "&reason=not_icp", 3),
        ("rejections", "&view=rate", 4),
        ("speed", "", 5),
        ("speed", "&by=user", 6),
        ("leads", "&metric=leads", 5),
        ("leads", "&metric=leads&owner={rep}", 5),
        ("leads", "&metric=leads&owner=999999", 5),
    ],
)
def test_page_costs_the_same_statements_for_any_number_of_leads(
    reader: Client, name: str, query: str, statements: int
) -> None:
    make_history()
    rep = make_person("Robin Reed").pk
    address = f"{reverse(f'reporting:{name}')}?{DAYS}{query.format(rep=rep)}"
    reader.get(address)

    # On marketing's home one statement counts the returned leads.
    with exactly_statements(statements):
        assert reader.get(address).status_code == 200


def test_visitor_is_redirected_to_sign_in(client: Client) -> None:
    for page in [*PAGES, "leads"]:
        response = client.get(reverse(f"reporting:{page}"))

        assert response.status_code == 302, page
        assert response["Location"].startswith(reverse("people:sign_in")), page


@pytest.mark.parametrize("role", list(Role))
def test_every_role_can_read_all_reports(client: Client, role: Role) -> None:
    client.force_login(make_user_with(role))

    for page in [*PAGES, "leads"]:
        assert client.get(reverse(f"reporting:{page}")).status_code == 200, page


def test_user_without_a_role_is_refused(client: Client) -> None:
    client.force_login(make_user())

    for page in [*PAGES, "leads"]:
        assert client.get(reverse(f"reporting:{page}")).status_code == 403, page


def test_rep_sees_all_counts_but_only_their_own_contacts(client: Client) -> None:
    rep = make_user_with(Role.REP)
    own, other = make_lead(owner=rep), make_lead(owner=make_person())
    Lead.objects.filter(pk=other.pk).update(queue=None)
    for lead, name in ((own, "Ann Own"), (other, "Otto Other")):
        lead.contact.name = name
        lead.contact.save()
    follow_log(at=NOON)
    client.force_login(rep)

    page = report(client, "leads", f"{DAYS}&metric=leads")

    assert "2 leads" in page.text("main")
    assert page.texts(f'a[href="{own.get_absolute_url()}"]') == ["Ann Own"]
    assert f"Lead {other.pk}" in page.text("main")
    assert "Otto Other" not in page.html
    assert other.get_absolute_url() not in page.html


def test_list_links_companies_of_own_leads_and_all_owners(client: Client) -> None:
    rep, colleague = make_user_with(Role.REP), make_person()
    kestrel, gone = (
        Company.objects.create(name=name, domain=domain, created_at=MONDAY, updated_at=MONDAY)
        for name, domain in (("Kestrel", "kestrel.example"), ("Gone", "gone.example"))
    )
    own, other = make_lead(owner=rep), make_lead(owner=colleague)
    Lead.objects.filter(pk=own.pk).update(company=kestrel)
    Lead.objects.filter(pk=other.pk).update(company=gone, queue=None)
    follow_log(at=NOON)
    client.force_login(rep)

    page = report(client, "leads", f"{DAYS}&metric=leads")

    assert page.links("tbody th .table-sub a") == [f"/companies/{kestrel.pk}/"]
    owners = {f"/people/{person.pk}/" for person in (rep, colleague)}
    assert set(page.links("tbody [data-label=Owner] a")) == owners


def test_manager_can_open_leads_of_their_team(client: Client) -> None:
    manager, rep = make_user_with(Role.SALES_MANAGER), make_person()
    team = make_team("North")
    team.manager = manager
    team.save()
    Membership.objects.create(team=team, user=rep)
    lead = make_lead(owner=rep)
    follow_log(at=NOON)
    client.force_login(manager)

    page = report(client, "leads")

    assert lead.get_absolute_url() in page.links()


def test_next_page_of_a_list_continues_after_the_last_row(reader: Client) -> None:
    leads = [make_lead(opened=MONDAY + number * HOUR / 4) for number in range(PAGE_SIZE + 3)]
    follow_log(at=NOON)

    first = reader.get(f"{reverse('reporting:leads')}?{DAYS}")
    second = reader.get(first.context["older_href"])

    shown = [row.name for page in (first, second) for row in page.context["rows"]]
    assert shown == [str(lead.contact) for lead in reversed(leads)]
    assert second.context["older_href"] == ""
    assert "Newest first" in first.content.decode()


def test_list_of_one_lead_says_lead(reader: Client) -> None:
    make_lead(source=make_source())
    follow_log(at=NOON)

    page = page_at(reader, f"{reverse('reporting:leads')}?{DAYS}&metric=leads")

    assert "1 lead," in page.text("main")


def test_csv_has_metric_versions_and_times(reader: Client) -> None:
    make_history()

    response = reader.get(f"{reverse('reporting:sources')}?{DAYS}&format=csv")

    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    rows = list(csv.DictReader(StringIO(text)))
    assert sum(int(row["leads"]) for row in rows) == 18
    assert {row["counted_up_to"] for row in rows} == {NOON.isoformat()}
    assert {row["asked_at"] for row in rows} == {NOON.isoformat()}
    assert "source_to_sql:1" in rows[0]["metric_versions"]
    assert response["Content-Type"] == "text/csv; charset=utf-8"


def test_csv_escapes_formulas(reader: Client) -> None:
    make_lead(source=make_source("=1+1"))
    follow_log(at=NOON)

    response = reader.get(f"{reverse('reporting:sources')}?{DAYS}&format=csv")

    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    assert next(csv.DictReader(StringIO(text)))["source"] == "'=1+1"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("from=soon", "“soon”, is not a date"),
        ("from=2026-03-05&to=2026-03-01", "is before the first"),
        ("source=paid", "“paid” is not the number of a source"),
        ("temperature=tepid", "There is no temperature “tepid”"),
        ("by=moon", "has no rows by “moon”"),
        ("owner=1&temperature=hot", "not counted by"),
        ("to=0001-01-01", "The last day, 0001-01-01, is not between 1970 and 2200."),
        ("from=1013-06-01", "The first day, 1013-06-01, is not between 1970 and 2200."),
        ("from=0206-11-01&to=2026-11-22", "The first day, 0206-11-01, is not between"),
        ("to=9999-12-31", "The last day, 9999-12-31, is not between 1970 and 2200."),
        ("reason=%00", "is not the code of a reason"),
        ("sorce=1", "“sorce” is not a filter here. Did you mean “source”?"),
        ("team=1&team=2", "“team” is given more than once."),
        ("source=987654", "There is no source “987654”."),
        ("format=xlsx", "There is no format “xlsx”, only “csv”."),
        ("view=rate", "“view” is not a filter here."),
    ],
)
def test_invalid_report_address_is_refused(reader: Client, query: str, words: str) -> None:
    make_history()
    follow_log(at=NOON)

    response = reader.get(f"{reverse('reporting:sources')}?{query}")
    page = Page(response)

    assert response.status_code == 400
    assert words in page.text("main p[role=alert]")
    assert not page.has("tbody")
    assert page.links("a:lexbor-contains('Clear')")


@pytest.mark.parametrize(
    ("query", "kept", "is_open"),
    [
        ("from=2026-03-05&to=2026-03-01", ("2026-03-05", "2026-03-01"), True),
        ("from=0206-11-01&to=2026-03-01", ("0206-11-01", "2026-03-01"), True),
        ("to=soon", ("", "soon"), True),
        ("from=2026-03-01&to=2026-03-05&team=x", ("2026-03-01", "2026-03-05"), False),
        ("owner=1&temperature=hot", ("2025-12-21", "2026-03-20"), False),
    ],
)
def test_refused_report_keeps_the_typed_values(
    reader: Client, query: str, kept: tuple[str, str], is_open: bool
) -> None:
    source = make_source()

    address = f"{reverse('reporting:sources')}?{query}&source={source.pk}&by=team"
    page = Page(reader.get(address))

    assert tuple(page.values("input[type=date]")) == kept
    assert page.values("[name=source] option[selected]") == [str(source.pk)]
    assert page.values("input[type=hidden][name=by]") == ["team", "team"]
    assert page.has("details.answer[open]") is is_open


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("metric=luck", "There is no metric “luck”"),
        ("metric=leads&part=denominator", "Leads has no “denominator”"),
        ("metric=leads&reason=x", "Leads is not counted by reason"),
        ("metric=leads&after=here", "does not exist"),
        ("metric=leads&sorce=1", "“sorce” is not a filter here."),
        ("metric=leads&team=987654", "There is no team “987654”."),
        ("metric=leads&format=xlsx", "There is no format “xlsx”"),
        ("metric=rejections&reason=%00", "is not the code of a reason"),
        ("to=0001-01-01", "The last day, 0001-01-01, is not between 1970 and 2200."),
    ],
)
def test_invalid_list_address_is_refused(reader: Client, query: str, words: str) -> None:
    follow_log(at=NOON)

    response = reader.get(f"{reverse('reporting:leads')}?{query}")

    assert response.status_code == 400
    assert words in response.content.decode()


@pytest.mark.parametrize("name", [*PAGES, "leads"])
def test_tabs_keep_period_and_filters(reader: Client, name: str) -> None:
    source = make_source()
    follow_log(at=NOON)
    kept = f"from=2026-03-01&to=2026-03-20&source={source.pk}"

    tabs = Page(reader.get(f"{reverse(f'reporting:{name}')}?{kept}&team=")).links(".sub-bar a")

    assert tabs == [f"{reverse(f'reporting:{page}')}?{kept}" for page in PAGES]
    assert {reader.get(tab).status_code for tab in tabs} == {200}


def test_page_names_the_filter_that_it_does_not_have(reader: Client) -> None:
    make_history()
    follow_log(at=NOON)
    speed = Page(reader.get(f"{reverse('reporting:speed')}?{DAYS}&temperature=hot"))
    overview, funnel = speed.links(".sub-bar a")[:2]

    for tab in (overview, funnel):
        page = Page(reader.get(tab))

        assert page.status == 400
        assert page.text("main p[role=alert]") == "These figures are not counted by temperature."
        assert not page.has("tbody")
        assert Page(reader.get(page.links("a:lexbor-contains('Clear')")[0])).status == 200


@pytest.mark.parametrize("name", PAGES)
def test_report_has_a_page_for_each_of_its_groups(reader: Client, name: str) -> None:
    make_history()

    for group in REPORTS[name].groups:
        response = reader.get(f"{reverse(f'reporting:{name}')}?{DAYS}&by={group}")

        assert response.status_code == 200, group


@pytest.mark.parametrize("name", PAGES)
def test_report_accepts_the_first_and_the_last_year(reader: Client, name: str) -> None:
    for days in ("from=1970-01-01&to=2200-12-31", "to=1970-01-01"):
        assert reader.get(f"{reverse(f'reporting:{name}')}?{days}").status_code == 200, days


def test_restatements_of_other_days_and_figures_are_left_out(reader: Client) -> None:
    follow_log(at=NOON)
    Restatement.objects.bulk_create(
        Restatement(
            found_at=NOON + number * HOUR,
            rollup=rollup,
            day=(NOON + number * DAY).date(),
            last_day=(NOON + number * DAY).date(),
            cause="proof",
            was={"leads": 9} if rollup == "leads" else {"handoffs": 9},
            now={},
            rows=1,
        )
        for rollup, numbers in (("leads", range(41)), ("handoffs", range(1, 41)))
        for number in numbers
    )

    page = report(reader, "sources")

    assert "Mar 20, 2026: leads of Mar 20, 2026, Leads from 9 to 0" in page.text("main")


@pytest.mark.parametrize(
    ("was", "words"),
    [
        ({}, "same totals, counted in other rows"),
        ({"mql_in_7_days": 1}, "figures of the first days of leads"),
    ],
)
def test_restatement_without_a_changed_total_is_worded(was: dict[str, int], words: str) -> None:
    days = Period(MONDAY.date(), MONDAY.date())

    label = restatement_label(Restated(NOON, Basis.LEADS, days, "of a proof", was, {}))

    assert f"leads of Mar 2, 2026, {words}, because of a proof" in label


def test_restated_figures_are_listed_on_their_report(reader: Client) -> None:
    make_history()
    set_count(LEAD_ROLLUP, "mql", 9, MONDAY.date())
    prove(at=NOON)
    words = "Mar 20, 2026: leads of Mar 2, 2026, Marketing qualified from 9 to 0"

    sources, rejections, later = (
        report(reader, name, days).text()
        for name, days in (
            ("sources", DAYS),
            ("rejections", DAYS),
            ("sources", "from=2026-03-03&to=2026-03-20"),
        )
    )

    assert words in sources
    assert "Restatements" not in rejections
    assert "Restatements" not in later


@pytest.mark.parametrize("name", PAGES)
def test_forms_turn_autocomplete_off(reader: Client, name: str) -> None:
    page = report(reader, name)

    assert page.values("form[method=get]", "autocomplete") == ["off", "off"]


def test_report_shows_definitions_versions_and_freshness(reader: Client) -> None:
    make_history()

    page = report(reader, "sources")
    text = page.text("main")

    assert "Source to SQL v1" in text
    assert "Leads that sales ever qualified, of all leads opened." in text
    assert "Leads count on the day they were opened." in text
    assert NOON.isoformat(timespec="seconds") in page.values("time", "datetime")


def page_for(role: Role, *, time_zone: str = "UTC") -> str:
    client = Client()
    person = make_user_with(role)
    person.time_zone = time_zone
    person.save(update_fields=["time_zone"])
    client.force_login(person)
    (main,) = report(client, "sources").all("main.page")
    return main.html or ""


def test_report_shows_new_names_figures_and_times_at_once() -> None:
    make_history()
    before = page_for(Role.LEADER)

    Source.objects.filter(name="Webinar").update(name="Seminar")
    renamed = page_for(Role.LEADER)
    make_lead(opened=MONDAY, source=Source.objects.get(name="Seminar"))
    follow_log(at=NOON + HOUR)
    counted = page_for(Role.LEADER)
    elsewhere = page_for(Role.LEADER, time_zone="America/Sao_Paulo")

    assert ["Seminar" in page for page in (before, renamed)] == [False, True]
    assert len({before, renamed, counted, elsewhere}) == 4
    assert (NOON + HOUR).isoformat(timespec="seconds") in counted
