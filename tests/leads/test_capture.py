from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from django.db import ProgrammingError, transaction

from handoff.history import entered
from handoff.pipeline import receive, receive_many
from leads.invariants import stages_match_the_log
from leads.models import ContextCard, Lead, LeadEvent, Touch
from leads.stages import Stage
from leads.touches import TouchIn
from reporting.models import LeadMilestones
from reporting.rollups.refresh import follow_log
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
    receive_many(
        [download(), download()],
        at=MONDAY_9AM,
        via="csv",
        histories=[entered(Stage.NURTURE)] * 2,
    )

    assert Lead.objects.get().touch_count == 2


WEBINAR = {"source": "webinar", "occurred_at": datetime(2026, 6, 10, tzinfo=UTC)}
PAID_SEARCH = {"source": "paid-search", "occurred_at": datetime(2026, 1, 15, tzinfo=UTC)}


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize("stage", [None, Stage.NURTURE])
@pytest.mark.parametrize("order", [(WEBINAR, PAID_SEARCH), (PAID_SEARCH, WEBINAR)])
def test_first_touch_is_the_oldest_whatever_order_touches_arrive_in(
    order: Sequence[dict[str, object]], stage: Stage | None, at_once: bool
) -> None:
    touches = [download(**fields) for fields in order]
    for batch in [touches] if at_once else [[touch] for touch in touches]:
        histories = None if stage is None else [entered(stage)] * len(batch)
        receive_many(batch, at=MONDAY_9AM, via="csv", histories=histories)

    lead = Lead.objects.select_related("source", "first_touch").get()
    january = PAID_SEARCH["occurred_at"]
    assert lead.source is not None
    assert (lead.opened_at, lead.source.code) == (january, "paid-search")
    assert (lead.first_touch.occurred_at, lead.touch_count) == (january, 2)
    assert lead.latest_touch_at == WEBINAR["occurred_at"]
    if stage is not None:
        assert (lead.stage, lead.stage_entered_at) == (stage, january)
    assert not list(stages_match_the_log(MONDAY_9AM))


@pytest.mark.parametrize("order", [(WEBINAR, PAID_SEARCH), (PAID_SEARCH, WEBINAR)])
def test_reports_count_the_lead_by_its_first_touch(order: Sequence[dict[str, object]]) -> None:
    for fields in order:
        receive_many(
            [download(**fields)], at=MONDAY_9AM, via="csv", histories=[entered(Stage.NURTURE)]
        )

    follow_log(at=MONDAY_9AM)

    counted = LeadMilestones.objects.select_related("source").get()
    assert counted.source is not None
    assert (counted.opened_at, counted.source.code) == (PAID_SEARCH["occurred_at"], "paid-search")


@pytest.mark.parametrize("order", [(WEBINAR, PAID_SEARCH), (PAID_SEARCH, WEBINAR)])
def test_latest_interest_counts_whatever_order_touches_arrive_in(
    order: Sequence[dict[str, object]],
) -> None:
    interests = {"webinar": "Routing", "paid-search": "Scoring"}
    for fields in order:
        touch = download(**fields, product_interest=interests[str(fields["source"])])
        receive(touch, at=MONDAY_9AM, via="webhook")

    assert Lead.objects.get().product_interest == "Routing"


def test_first_touch_never_moves_forward() -> None:
    receive(download(), at=MONDAY_9AM, via="test")
    receive(download(offer="Prices"), at=MONDAY_9AM, via="test")

    with pytest.raises(ProgrammingError), transaction.atomic():
        Lead.objects.update(first_touch=Touch.objects.latest("pk"))


def test_lead_does_not_follow_one_that_was_opened_later() -> None:
    for fields in (WEBINAR, PAID_SEARCH):
        receive_many([download(**fields)], at=MONDAY_9AM, via="csv", histories=[entered(Stage.WON)])

    june, january = Lead.objects.order_by("pk")
    assert (june.predecessor, january.predecessor) == (None, None)
