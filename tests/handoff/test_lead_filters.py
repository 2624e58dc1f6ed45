import pytest
from django.http import QueryDict

from handoff.lead_filters import LeadFilter, read_filter_choices
from leads.models import Lead
from people.roles import Role
from tests.factories import make_lead, make_person
from tests.plans import pretend_large

pytestmark = pytest.mark.django_db


def lead_filter(query: str) -> LeadFilter:
    return LeadFilter(
        QueryDict(query),
        Lead.objects.all(),
        user=make_person(Role.MARKETER),
        choices=read_filter_choices(),
    )


def test_only_filters_in_use_are_validated() -> None:
    assert list(lead_filter("").form.fields) == []
    assert list(lead_filter("owner=none&stage=&score_from=x").form.fields) == [
        "owner",
        "score_from",
    ]


def test_every_filter_has_an_input_with_its_value_and_error() -> None:
    inputs = lead_filter("owner=none&score_from=x").inputs

    assert list(inputs) == list(LeadFilter.base_filters)
    assert {name: entry.value for name, entry in inputs.items() if entry.value} == {
        "owner": "none",
        "score_from": "x",
    }
    assert [name for name, entry in inputs.items() if entry.is_invalid] == ["score_from"]
    assert ("none", "No owner") in inputs["owner"].choices
    assert ("no", "Closed") in inputs["open"].choices


def test_returned_leads_are_read_from_their_own_index() -> None:
    make_lead()
    pretend_large("leads_lead")
    leads = lead_filter("returned=yes").qs

    for rows in (leads.order_by("-opened_at", "-pk")[:51], leads[:1001]):
        plan = rows.explain()
        assert "lead_kept_by_marketing" in plan
        assert "lead_by_opened" not in plan
        assert "Seq Scan" not in plan


@pytest.mark.parametrize("query", ["score_from=88", "score_to=20"])
def test_leads_with_a_score_are_counted_in_its_order(query: str) -> None:
    make_lead()
    pretend_large("leads_lead")

    plan = lead_filter(query).to_count.values("pk")[:1001].explain()

    assert "using lead_by_score" in plan
    assert "Sort" not in plan


@pytest.mark.parametrize("query", ["temperature=hot", "score_from=8&temperature=hot"])
def test_leads_without_an_index_are_counted_from_the_newest(query: str) -> None:
    make_lead()
    pretend_large("leads_lead")

    plan = lead_filter(query).to_count.values("pk")[:501].explain()

    assert "using lead_by_opened" in plan
    assert "Sort" not in plan
