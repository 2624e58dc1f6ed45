"""The pages of scoring models: live versions are read, drafts say how they differ."""

from __future__ import annotations

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from leads import scoring_models
from leads.models import ScoringCriterion, ScoringModel
from people.models import User
from people.roles import Role
from tests.admin_pages import url_of
from tests.factories import make_lead, make_person
from tests.pages import Page, inline_code_of, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

BANNER = ".version-banner"
LIST = "admin:leads_scoringmodel_changelist"


def page_of(client: Client, model: ScoringModel, query: str = "") -> Page:
    return Page(client.get(url_of(model) + query))


def make_recent_leads(number: int) -> None:
    for _ in range(number):
        make_lead(at=timezone.now() - timedelta(hours=2))


def test_criteria_read_as_sentences(client: Client, live: ScoringModel) -> None:
    page = page_of(client, live)

    assert page.texts(".scoring-group h2") == [
        *("Title match", "Company size and fit", "Intent", "Contact verified"),
    ]
    assert page.texts(".scoring-group-head p")[0] == "at most 30 of 100 points"
    assert page.texts(".scoring-criterion .rule-words")[0] == (
        "+30 points when Seniority is C-level"
    )
    assert "+25 points when Number of demo requests is at least 1, half after 60 days" in (
        page.texts(".scoring-criterion .rule-words")
    )
    assert inline_code_of(page) == []


def test_caps_and_threshold_are_drawn_to_scale(client: Client, live: ScoringModel) -> None:
    page = page_of(client, live)

    assert page.text("#scale h2") == "MQL from 75 of 100 points"
    assert page.values(".scale .scale-part", "width") == ["30.0%", "25.0%", "35.0%", "10.0%"]
    assert page.values(".scale .scale-part", "x") == ["0.0%", "30.0%", "55.0%", "90.0%"]
    assert page.values(".scale line", "x1") == ["75.0%"]
    assert page.texts(".scoring-most p.soft")[0] == (
        "The criteria can give 35 points, of which 30 count."
    )
    assert page.values(".scoring-counts", "width")[0] == "85.7%"


def test_live_version_says_so_and_how_to_change_it(client: Client, live: ScoringModel) -> None:
    page = page_of(client, live)

    assert "Live since" in page.text(BANNER)
    assert "Leads are scored by it. Select Edit to change them in a draft." in page.text(BANNER)
    assert not page.has("#scoring-form")


def test_edit_makes_a_draft_once(client: Client, live: ScoringModel) -> None:
    copy_url = reverse("admin:leads_scoringmodel_copy", args=[live.pk])

    first, second = client.post(copy_url), client.post(copy_url)

    draft = ScoringModel.objects.get(status="draft")
    assert [first.url, second.url] == [url_of(draft)] * 2  # type: ignore[attr-defined]
    assert "Draft: no changes yet" in page_of(client, draft).text(BANNER)


def test_criterion_opens_with_its_controls(client: Client, draft: ScoringModel) -> None:
    demo = ScoringCriterion.objects.get(group__model=draft, label="Requested a demo")
    vp = ScoringCriterion.objects.get(group__model=draft, label="Vice president")

    page = page_of(client, draft, f"?criterion={demo.pk}")

    assert page.text(".rule-open .scoring-open") == "Requested a demo"
    assert page.values(f"[name=criterion-{demo.pk}-half_life_days]") == ["60 days"]
    assert page.values("[name=c0-value]") == ["1"]
    assert len(page.all(".condition optgroup")) == 4
    without = page_of(client, draft, f"?criterion={vp.pk}")
    assert not without.has("[name$=half_life_days]")
    assert page_of(client, draft, "?criterion=99999").status == 200


def test_draft_says_in_words_what_it_changes(client: Client, draft: ScoringModel) -> None:
    ScoringCriterion.objects.filter(group__model=draft, label="Director").update(points=25)
    draft.groups.filter(code="company").update(cap=30)

    page = page_of(client, draft)

    assert "Draft: 2 changes, not live" in page.text(BANNER)
    assert page.texts(".version-notes li")[:2] == [
        "Company size and fit: Cap from 25 points to 30 points",
        "+25 instead of +20 when Seniority is Director",
    ]
    assert page.texts(".scoring-criterion .badge") == ["Changed"]
    assert page.texts(".scoring-group-head .badge") == ["Changed", "Intent score"]


def test_reach_of_a_criterion_is_recounted(client: Client, live: ScoringModel) -> None:
    make_recent_leads(2)
    make_lead(at=timezone.now() - timedelta(hours=2), seniority="vp")

    page = page_of(client, live)

    reach = dict(zip(page.texts(".scoring-criterion h3"), page.texts(".rule-reach p"), strict=True))
    assert reach["Director"] == "2 of 3 leads"
    assert reach["Vice president"] == "1 of 3 leads"
    assert reach["C-level"] == "0 of 3 leads"
    assert page.text(".scoring-count dd") == "3"
    assert "3 leads opened in the last 30 days, scored with the attributes and touches" in (
        page.text("aside")
    )


def test_leads_that_change_sides_are_listed_and_open(client: Client, draft: ScoringModel) -> None:
    make_recent_leads(6)
    draft.mql_threshold = 90
    draft.save()

    page = page_of(client, draft)
    moved = Page(client.get(reverse("admin:leads_scoringmodel_moved_leads", args=[draft.pk])))

    assert page.texts(".scoring-count dd") == ["0", "6"]
    assert "0 become an MQL, 6 no longer are." in page.text("aside")
    assert len(page.all(".scoring-moved li")) == 5
    assert "Show all 6" in page.texts("aside a")
    assert len(moved.all(".scoring-moved li")) == 6
    [href, *_] = moved.links(".scoring-moved a")
    assert client.get(href).status_code == 200


def test_page_without_leads_says_what_will_be_there(client: Client, draft: ScoringModel) -> None:
    page = page_of(client, draft)
    moved = Page(client.get(reverse("admin:leads_scoringmodel_moved_leads", args=[draft.pk])))

    assert "No lead opened in the last 30 days." in page.text("aside")
    assert moved.has(".empty")


def test_page_takes_the_same_statements_for_more_rows(client: Client, draft: ScoringModel) -> None:
    make_recent_leads(1)
    draft.mql_threshold = 90
    draft.save()
    page_of(client, draft)
    with exactly_statements(14):
        page_of(client, draft)
    make_recent_leads(3)
    ScoringCriterion.objects.filter(group__model=draft).exclude(points__gt=9).delete()

    with exactly_statements(14):
        page_of(client, draft)


def test_list_has_the_live_version_in_sentences_and_what_changed(
    client: Client, draft: ScoringModel
) -> None:
    ScoringCriterion.objects.filter(group__model=draft, label="Director").update(points=25)
    scoring_models.publish(model=draft, by=None, at=MONDAY_9AM, note="Directors decide.")

    page = Page(client.get(reverse(LIST)))

    assert page.texts(".card h2")[:3] == [
        "Fit and intent Live version 2",
        "Version 2 Live",
        "Version 1",
    ]
    assert "+25 when Seniority is Director" in page.texts(".scoring-sentences li")
    assert page.texts(".scoring-sentences h3")[0] == "Title match at most 30 points"
    assert page.texts(".change") == ["Changed +25 instead of +20 when Seniority is Director"]
    assert "Directors decide." in page.texts(".card-head p")


def test_list_takes_the_same_statements_for_more_versions(
    client: Client, draft: ScoringModel
) -> None:
    client.get(reverse(LIST))
    with exactly_statements(7):
        client.get(reverse(LIST))
    scoring_models.publish(model=draft, by=None, at=MONDAY_9AM)

    with exactly_statements(7):
        client.get(reverse(LIST))


def test_rep_cannot_open_scoring_models(olga: User, live: ScoringModel) -> None:
    rep = signed_in_as(make_person(Role.REP))

    assert rep.get(url_of(live)).status_code in {302, 403}
    assert rep.get(reverse(LIST)).status_code in {302, 403}
