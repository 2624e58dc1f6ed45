"""The output of `manage.py report`, and its errors."""

from __future__ import annotations

import csv
import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client

from leads.models import Campaign
from leads.stages import Stage
from reporting.models import LogCursor
from tests.reporting.history import (
    DAY,
    HOUR,
    MONDAY,
    accept,
    attempt,
    breach_sla,
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
from tests.reporting.pages import DAYS, PAGES
from tests.reporting.test_pages import make_history

pytestmark = pytest.mark.django_db

PATHS = {"overview": ""} | {name: f"{name}/" for name in PAGES if name != "overview"}

MARCH = ("--from", "2026-03-01", "--to", "2026-03-31")


def printed(*arguments: str) -> str:
    out = StringIO()
    call_command("report", *arguments, stdout=out)
    return out.getvalue()


def rows_of(*arguments: str) -> list[dict[str, Any]]:
    report = json.loads(printed(*arguments, "--json"))
    assert set(report) == {"metric_versions", "fresh_as_of", "rows"}
    rows: list[dict[str, Any]] = report["rows"]
    return rows


def test_sources_count_skipped_stages_and_leads_without_source() -> None:
    paid = make_source("Paid search")
    for source in (paid, paid, None):
        move(make_lead(source=source), Stage.MQL, MONDAY + HOUR)
    won = make_lead(source=paid)
    move(won, Stage.MQL, MONDAY + HOUR)
    move(won, Stage.WON, MONDAY + 200 * DAY)

    report = json.loads(printed("sources", *MARCH, "--json"))

    stages = ("source", "leads", "mql", "sal", "sql", "opportunity", "won")
    assert [tuple(row[name] for name in stages) for row in report["rows"]] == [
        ("Paid search", 3, 3, 1, 1, 1, 1),
        (None, 1, 1, 0, 0, 0, 0),
    ]
    assert report["metric_versions"]["source_to_sql"] == 1
    assert report["fresh_as_of"] == LogCursor.objects.get().counted_at.isoformat()


def test_period_includes_its_first_and_last_day() -> None:
    for days in (-1, 0, 1, 2):
        make_lead(opened=MONDAY + days * DAY)

    (row,) = rows_of("sources", "--from", "2026-03-02", "--to", "2026-03-03")

    assert row["leads"] == 2


def test_sources_can_be_grouped_by_campaign_team_and_owner() -> None:
    rep = make_person("Robin Reed")
    lead = make_lead(campaign=make_campaign("Spring"), owner=rep)
    offer(lead, MONDAY, user=rep, team=make_team("North"))

    assert rows_of("sources", *MARCH, "--by", "campaign")[0]["campaign"] == "Spring"
    assert rows_of("sources", *MARCH, "--by", "team")[0]["team"] == "North"
    assert rows_of("sources", *MARCH, "--by", "owner")[0]["owner"] == "Robin Reed"


def test_name_of_two_campaigns_is_refused() -> None:
    first = make_campaign("Spring")
    second = Campaign.objects.create(code="s26", name="spring")

    with pytest.raises(CommandError, match=f"Use one of the numbers {first.pk}, {second.pk}"):
        rows_of("funnel", *MARCH, "--campaign", "SPRING")

    assert rows_of("funnel", *MARCH, "--campaign", str(second.pk))[0]["leads"] == 0


def test_funnel_lists_stages_and_then_exits() -> None:
    move(make_lead(), Stage.SAL, MONDAY + HOUR)
    move(make_lead(), Stage.NURTURE, MONDAY + HOUR)

    rows = rows_of("funnel", *MARCH)

    assert [(row["stage"], row["leads"]) for row in rows] == [
        ("Leads", 2),
        ("Engaged", 1),
        ("Marketing qualified", 1),
        ("Sales accepted", 1),
        ("Sales qualified", 0),
        ("Opportunities", 0),
        ("Won", 0),
        ("Sent to nurture", 1),
        ("Disqualified", 0),
        ("Lost", 0),
    ]


def test_rejections_are_grouped_by_source_and_reason() -> None:
    rep, paid = make_person(), make_source("Paid search")
    for source, reason in ((paid, "not_icp"), (paid, "not_icp"), (None, "bad_data")):
        reject(offer(make_lead(source=source), MONDAY, user=rep), MONDAY + HOUR, rep, reason)
    accept(offer(make_lead(source=paid), MONDAY, user=rep), MONDAY + HOUR, rep)

    rows = rows_of("rejections", *MARCH)

    assert [(row["source"], row["rejections"]) for row in rows] == [("Paid search", 2), (None, 1)]
    assert rows[0]["reason"] != rows[1]["reason"]


def test_speed_by_rep_counts_each_handoff_for_its_rep() -> None:
    lou, quinn = make_person("Lou Lind"), make_person("Quinn Quist")
    lead = make_lead()
    breach_sla(offer(lead, MONDAY, user=lou), MONDAY + HOUR)
    second = offer(lead, MONDAY + HOUR, user=quinn)
    attempt(second, MONDAY + HOUR + HOUR / 4)
    meet_sla(second, MONDAY + HOUR + HOUR / 4)

    rows = {row["user"]: row for row in rows_of("speed", *MARCH, "--by", "user")}

    late, quick = rows["Lou Lind"], rows["Quinn Quist"]
    assert (late["contact_sla_met"], late["contact_sla_ended"]) == (0, 1)
    assert late["median_minutes"] is None
    assert (quick["contact_sla_met"], quick["contact_sla_ended"]) == (1, 1)
    assert quick["median_minutes"] == 15


def test_overview_compares_with_the_previous_period() -> None:
    move(make_lead(opened=MONDAY), Stage.SQL, MONDAY + HOUR)
    make_lead(opened=MONDAY)
    make_lead(opened=MONDAY - 2 * DAY)

    rows = rows_of("overview", "--from", "2026-03-02", "--to", "2026-03-03")

    by_metric = {row["metric"]: row for row in rows}
    assert len(rows) == 7
    assert by_metric["leads"]["value"] == 2
    assert by_metric["leads"]["previous_value"] == 1
    assert by_metric["source_to_sql"]["value"] == 50.0
    assert by_metric["source_to_sql"]["previous_value"] == 0.0
    assert by_metric["sales_acceptance"]["value"] is None


def test_report_prints_a_table() -> None:
    make_lead(source=make_source("Paid search"))
    make_lead(source=None)

    lines = printed("sources", *MARCH).splitlines()

    assert lines[0].split()[:3] == ["source", "leads", "engaged"]
    assert lines[2].split()[:3] == ["Paid", "search", "1"]
    assert lines[3].split()[:2] == ["(none)", "1"]


def test_empty_period_prints_a_message() -> None:
    assert printed("sources", *MARCH) == "No data in this period.\n"
    assert rows_of("sources", *MARCH) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--from", "soon", "--to", "2026-03-31"), "“soon”, is not a date"),
        (("--from", "2026-03-31", "--to", "2026-03-01"), "is before the first"),
        (("--from", "0206-11-01", "--to", "2026-03-31"), "is not between 1970 and 2200"),
        ((*MARCH, "--by", "temperature"), "no rows by temperature; choose among: source, "),
    ],
)
def test_invalid_arguments_are_refused(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words) as refusal:
        printed("sources", *arguments)

    assert refusal.value.returncode == 2


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("overview", {"source": "Webinar"}),
        ("funnel", {"by": "team", "source": "Webinar", "campaign": "none"}),
        ("sources", {"by": "campaign", "team": "North"}),
        ("rejections", {"by": "team", "reason": "not_icp"}),
        ("speed", {"by": "user", "team": "North"}),
        ("speed", {"by": "source", "lead_type": "demo request", "team": "South"}),
    ],
)
def test_command_and_page_have_the_same_figures_under_filters(
    reader: Client, name: str, options: dict[str, str]
) -> None:
    make_history()
    arguments = [text for name, value in options.items() for text in (f"--{name}", value)]

    rows = rows_of(name, "--from", "2026-03-01", "--to", "2026-03-20", *arguments)

    numbers = {
        "Webinar": make_source("Webinar").pk,
        "North": make_team("North").pk,
        "South": make_team("South").pk,
        "demo request": make_lead_type().pk,
    }
    query = "&".join(f"{name}={numbers.get(value, value)}" for name, value in options.items())
    response = reader.get(f"/reports/{PATHS[name]}?{DAYS}&{query}&format=csv")
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    extra = ("counted_up_to", "asked_at", "metric_versions")
    lines = [
        {head: cell for head, cell in line.items() if head not in extra}
        for line in csv.DictReader(StringIO(text))
    ]
    assert lines
    assert [
        {head: "" if value is None else str(value) for head, value in row.items()} for row in rows
    ] == lines
    everything = rows_of(name, "--from", "2026-03-01", "--to", "2026-03-20", *arguments[:2])
    assert name == "overview" or rows != everything


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("sources", "--source", "Moon"), "“Moon” is not the number of a source."),
        (("sources", "--team", "987654"), "There is no team “987654”."),
        (("sources", "--temperature", "hot"), "These figures are not counted by temperature."),
        (("speed", "--temperature", "tepid"), "There is no temperature “tepid”."),
    ],
)
def test_wrong_filter_is_an_error(arguments: tuple[str, ...], words: str) -> None:
    with pytest.raises(CommandError, match=words) as error:
        printed(*arguments, *MARCH)

    assert error.value.returncode == 2
