import pytest
from django.test import Client
from django.urls import reverse

from config.bootstrap import bootstrap
from leads.definitions import copy_definition
from leads.models import LeadType, StageDefinition
from people.roles import Role
from tests.admin_pages import errors_of, open_page
from tests.factories import make_person
from tests.pages import signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    bootstrap(at=MONDAY_9AM)
    return signed_in_as(make_person(Role.OPERATIONS, "Olga"))


def test_definition_is_published_with_one_post(client: Client) -> None:
    definition = copy_definition(StageDefinition.objects.get(stage="mql"))

    url = reverse("admin:leads_stagedefinition_publish", args=[definition.pk])
    assert client.post(url).status_code == 302

    assert StageDefinition.objects.get(stage="mql", status="published") == definition


def test_required_context_offers_the_field_catalog(client: Client) -> None:
    download = LeadType.objects.get(code="download")
    url, sent = open_page(client, download)

    answer = client.post(url, sent | {"required_context": ["company.shoe_size"]})
    assert "company.shoe_size is not one of the available choices" in errors_of(answer)

    assert client.post(url, sent | {"required_context": ["company.region"]}).status_code == 302
    download.refresh_from_db()
    assert download.required_context == ["company.region"]
    assert download.code == "download"
