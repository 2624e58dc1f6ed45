from datetime import timedelta

import pytest

from handoff.pipeline import receive, receive_many
from leads.models import ContextCard, Lead, LeadEvent, Touch
from leads.stages import Stage
from leads.touches import TouchIn
from tests.factories import make_touch
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

SECOND = timedelta(seconds=1)


def download(**fields: object) -> TouchIn:
    cold = {"title": "", "seniority": "", "employees": None, "industry": ""}
    return make_touch(
        **{
            "kind": "content_download",
            "lead_type": "download",
            "offer": "Guide",
            "email": "ann@kontor.example",
            "domain": "kontor.example",
            **cold,
            **fields,
        }
    )


@pytest.mark.parametrize("at_once", [False, True])
def test_double_click_counts_once(at_once: bool) -> None:
    touches = [download(), download(occurred_at=MONDAY_9AM + SECOND, stated_problem="Slow")]
    if at_once:
        receive_many(touches, at=MONDAY_9AM + SECOND, via="test")
    else:
        for touch in touches:
            receive(touch, at=touch.occurred_at, via="test")

    lead = Lead.objects.get()
    assert (lead.touch_count, lead.stage, lead.signals["content_download"]["count"]) == (
        1,
        Stage.NEW,
        1,
    )
    assert ContextCard.objects.get().content_engaged.count("\n") == 0
    assert list(Touch.objects.order_by("pk").values_list("is_repeat", flat=True)) == [False, True]
    assert not LeadEvent.objects.filter(kind="touched").exists()


def test_reloaded_pricing_page_is_not_a_second_visit() -> None:
    first = receive(download(kind="pricing_visit"), at=MONDAY_9AM, via="test")
    again = download(kind="pricing_visit", occurred_at=MONDAY_9AM + SECOND)

    second = receive(again, at=MONDAY_9AM + SECOND, via="test")

    assert second.score == first.score


@pytest.mark.parametrize(
    "fields",
    [
        {"offer": "Another guide"},
        {"kind": "pricing_visit"},
        {"lead_type": "demo"},
        {"occurred_at": MONDAY_9AM + timedelta(minutes=5)},
    ],
)
def test_another_action_counts(fields: dict[str, object]) -> None:
    receive(download(), at=MONDAY_9AM, via="test")

    receive(download(**fields), at=MONDAY_9AM + timedelta(minutes=5), via="test")

    assert Lead.objects.get().touch_count == 2


def test_lines_of_one_day_in_history_are_different_actions() -> None:
    receive_many([download(), download()], at=MONDAY_9AM, via="csv", as_stage=Stage.NURTURE)

    assert Lead.objects.get().touch_count == 2
