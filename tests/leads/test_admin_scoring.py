import pytest
from django.test import Client
from django.urls import reverse

from config.bootstrap import bootstrap
from leads import scoring_models
from leads.definitions import copy_definition
from leads.models import LeadType, ScoringCriterion, ScoringModel, StageDefinition
from people.roles import Role
from tests.admin_pages import errors_of, open_page, url_of
from tests.factories import make_person
from tests.pages import Page, signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    bootstrap(at=MONDAY_9AM)
    return signed_in_as(make_person(Role.OPERATIONS, "Olga"))


@pytest.fixture
def draft(client: Client) -> ScoringModel:
    return scoring_models.copy_to_draft(ScoringModel.objects.get())


def test_scoring_model_is_edited_on_one_page(client: Client, draft: ScoringModel) -> None:
    url, sent = open_page(client, draft)
    assert sent["groups-1-criteria-0-value"] == "50, 500"
    sent |= {
        "mql_threshold": "70",
        "groups-1-cap": "30",
        "groups-1-criteria-0-value": "40, 400",
        "groups-1-criteria-0-points": "22",
        "groups-3-criteria-TOTAL_FORMS": "4",
        "groups-3-criteria-3-label": "Email given",
        "groups-3-criteria-3-field": "contact.has_email",
        "groups-3-criteria-3-operator": "is",
        "groups-3-criteria-3-value": "yes",
        "groups-3-criteria-3-points": "2",
    }

    assert client.post(url, sent).status_code == 302

    draft.refresh_from_db()
    assert draft.mql_threshold == 70
    company = draft.groups.get(code="company")
    assert company.cap == 30
    size = company.criteria.order_by("position")[0]
    assert (size.value, size.points) == ([40, 400], 22)
    added = draft.groups.get(code="contact").criteria.order_by("position").last()
    assert added is not None
    assert (added.label, added.value, added.points, added.position) == ("Email given", True, 2, 3)
    assert ScoringModel.objects.get(version=1).mql_threshold == 75


def test_invalid_criterion_is_refused_at_its_row(client: Client, draft: ScoringModel) -> None:
    url, sent = open_page(client, draft)

    answer = client.post(url, sent | {"groups-1-criteria-0-value": "50"})

    assert "Company size: two values are needed" in errors_of(answer)
    row = ScoringCriterion.objects.get(group__model=draft, label="50 to 500 employees")
    assert row.value == [50, 500]


def test_concurrent_edits_do_not_overwrite_each_other(client: Client, draft: ScoringModel) -> None:
    url, sent = open_page(client, draft)
    ScoringCriterion.objects.filter(group__model=draft, label="Director").update(points=15)

    answer = client.post(url, sent | {"mql_threshold": "1"})

    assert "Another user changed this" in errors_of(answer)
    draft.refresh_from_db()
    assert draft.mql_threshold == 75


def test_published_model_shows_conditions_in_words(client: Client) -> None:
    page = Page(client.get(url_of(ScoringModel.objects.get())))

    assert "Company size is between 50 and 500 employees" in page.text()
    assert any("Copy to draft" in button for button in page.texts("a, button"))
    assert "criteria-0-value" not in page.html


def test_model_and_definition_are_published_with_one_post(
    client: Client, draft: ScoringModel
) -> None:
    definition = copy_definition(StageDefinition.objects.get(stage="mql"))

    for row, name in ((draft, "leads_scoringmodel"), (definition, "leads_stagedefinition")):
        assert client.post(reverse(f"admin:{name}_publish", args=[row.pk])).status_code == 302

    assert ScoringModel.objects.get(status="published") == draft
    assert StageDefinition.objects.get(stage="mql", status="published") == definition


def test_setting_that_nothing_reads_is_not_shown(client: Client, draft: ScoringModel) -> None:
    _, sent = open_page(client, draft)

    assert "mql_threshold" in sent
    assert "auto_accept_intent" not in sent


def test_required_context_offers_the_field_catalog(client: Client) -> None:
    download = LeadType.objects.get(code="download")
    url, sent = open_page(client, download)

    answer = client.post(url, sent | {"required_context": ["company.shoe_size"]})
    assert "company.shoe_size is not one of the available choices" in errors_of(answer)

    assert client.post(url, sent | {"required_context": ["company.region"]}).status_code == 302
    download.refresh_from_db()
    assert download.required_context == ["company.region"]
    assert download.code == "download"
