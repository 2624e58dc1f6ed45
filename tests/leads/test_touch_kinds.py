"""The kind of a touch decides its lead type when none is stated."""

from __future__ import annotations

import pytest

from handoff.models import Handoff
from leads.models import Lead, LeadType, Touch, TouchKindRule
from tests.factories import make_lead, make_pool

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("kind", "lead_type", "temperature"),
    [
        ("demo_request", "demo", "hot"),
        ("quote_request", "demo", "hot"),
        ("consultation_request", "consultation", "hot"),
        ("content_download", "download", "warm"),
    ],
)
def test_kind_decides_without_a_lead_type(kind: str, lead_type: str, temperature: str) -> None:
    make_pool()

    lead = make_lead(kind=kind, lead_type="")

    assert lead.lead_type is not None
    assert (lead.lead_type.code, lead.temperature) == (lead_type, temperature)
    assert Touch.objects.get().lead_type is None


def test_demo_request_is_offered_at_any_score() -> None:
    make_pool()

    lead = make_lead(lead_type="", seniority="", title="", employees=None, industry="")

    assert lead.score < 75
    assert Handoff.objects.get().lead == lead


def test_later_request_raises_the_type_of_an_open_lead() -> None:
    make_pool()
    make_lead(kind="site_visit", lead_type="low_intent", email="ann@e.example")

    lead = make_lead(lead_type="", email="ann@e.example")

    assert lead.lead_type == LeadType.objects.get(code="demo")


def test_stated_lead_type_counts_more_than_the_kind() -> None:
    make_pool()

    lead = make_lead(kind="demo_request", lead_type="download")

    assert lead.lead_type == LeadType.objects.get(code="download")


def test_operations_decide_what_a_kind_means() -> None:
    make_pool()
    consultation = LeadType.objects.get(code="consultation")
    TouchKindRule.objects.create(kind="webinar_attended", lead_type=consultation)
    TouchKindRule.objects.filter(kind="demo_request").update(lead_type=None)

    make_lead(kind="webinar_attended", lead_type="")
    make_lead(kind="demo_request", lead_type="")

    types = Lead.objects.order_by("pk").values_list("lead_type", flat=True)
    assert list(types) == [consultation.pk, None]
