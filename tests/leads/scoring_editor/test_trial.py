"""Testing a lead: its score under the draft and under the live version."""

from __future__ import annotations

from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from leads.models import Lead, LeadScore, ScoringCriterion, ScoringModel
from people.roles import Role
from tests.factories import make_lead, make_person
from tests.pages import Page, htmx, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

pytestmark = pytest.mark.usefixtures("olga")


@pytest.fixture(autouse=True)
def _monday() -> Any:
    with time_machine.travel(MONDAY_9AM, tick=False):
        yield


def trial(client: Client, version: ScoringModel, lead: str | int, **request: Any) -> Page:
    url = reverse("admin:leads_scoringmodel_try_lead", args=[version.pk])
    return Page(client.get(url, {"lead": lead}, **request))


def rows(page: Page) -> dict[str, list[str]]:
    cells = {}
    for row in page.all("#trial .score-line"):
        [name] = row.css("th")
        cells[name.text().split("(")[0].strip()] = [cell.text().strip() for cell in row.css("td")]
    return cells


def test_result_equals_the_stored_breakdown(client: Client, live: ScoringModel) -> None:
    lead = make_lead(name="Elsa Jansen")
    stored = LeadScore.objects.get(lead=lead)

    page = trial(client, live, "Elsa")

    assert page.text(".trial-holder strong") == f"{stored.total} points"
    points = {line["label"]: line["points"] for line in stored.ledger}
    shown = {label: int(cell.replace("−", "-")) for label, [cell] in rows(page).items()}
    assert shown == {label: number for label, number in points.items() if number}
    assert page.text(".trial-rules summary") == f"{len(stored.missed)} criteria not met"
    lead.refresh_from_db()
    assert (lead.score, LeadScore.objects.count()) == (stored.total, 1)


def test_draft_is_compared_with_the_live_version_line_by_line(
    client: Client, draft: ScoringModel
) -> None:
    lead = make_lead()
    same = trial(client, draft, lead.pk)
    ScoringCriterion.objects.filter(group__model=draft, label="Director").update(points=5)
    ScoringCriterion.objects.filter(group__model=draft, label="Industry known").delete()

    page = trial(client, draft, lead.pk)

    assert same.text(".trial-compared") == "Same"
    assert page.text(".trial-compared") == "Differs"
    shown = rows(page)
    assert shown["Director"] == ["+5", "+20"]
    assert shown["Industry known"] == ["–", "+5"]
    assert shown["Requested a demo"] == ["+25", "+25"]
    assert len(page.all(".scoring-differs")) == 2


def test_lead_says_whether_it_is_an_mql(client: Client, draft: ScoringModel) -> None:
    lead = make_lead()
    draft.mql_threshold = 99
    draft.save()

    text = trial(client, draft, lead.pk).text(".trial-holder")

    assert text == (
        "85 points Not an MQL MQL from 99 points. Live version: 85 points, an MQL from 75. Differs"
    )


def test_hand_raiser_is_said_to_go_to_sales_at_any_score(
    client: Client, live: ScoringModel
) -> None:
    demo = make_lead()
    download = make_lead(kind="content_download", lead_type="download")

    assert "hand-raisers go to sales at any score" in trial(client, live, demo.pk).text("#trial")
    assert "hand-raisers" not in trial(client, live, download.pk).text("#trial")


def test_several_matches_are_offered(client: Client, live: ScoringModel) -> None:
    make_lead(name="Elsa Jansen")
    make_lead(name="Elsa Moreau")

    page = trial(client, live, "Elsa", **htmx("trial"))

    assert page.texts(".trial-found a") == ["Elsa Moreau", "Elsa Jansen"]
    assert not page.has("h1")


def test_unknown_name_says_what_to_try(client: Client, live: ScoringModel) -> None:
    assert "No lead found for “Zoe”" in trial(client, live, "Zoe").text("#trial")


def test_trial_takes_the_same_statements_for_any_model(client: Client, draft: ScoringModel) -> None:
    lead = make_lead()
    trial(client, draft, lead.pk)

    with exactly_statements(10):
        trial(client, draft, lead.pk)


def test_lead_that_the_reader_may_not_see_is_not_found(live: ScoringModel) -> None:
    lead = make_lead(name="Elsa Jansen")
    owner = make_person(Role.HANDOFF_OWNER)
    assert "Elsa" in trial(signed_in_as(owner), live, lead.pk).text("#trial")

    rep = signed_in_as(make_person(Role.REP))
    url = reverse("admin:leads_scoringmodel_try_lead", args=[live.pk])

    assert rep.get(url, {"lead": lead.pk}).status_code in {302, 403}
    assert Lead.objects.count() == 1


def test_nameless_contact_is_called_by_its_id(client: Client, live: ScoringModel) -> None:
    make_lead(name="", email="", phone="+493012345678", external_id="C-7", company="Vega")
    make_lead(name="Ann Gray", company="Vega")

    page = trial(client, live, "Vega")

    assert sorted(page.texts(".trial-found a"))[0] == "Ann Gray"
    assert "C-7" in sorted(page.texts(".trial-found a"))[1]
