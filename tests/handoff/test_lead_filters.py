import pytest
from django.http import QueryDict

from handoff.lead_filters import LeadFilter, read_filter_choices
from leads.models import Lead
from people.roles import Role
from tests.factories import make_person

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
