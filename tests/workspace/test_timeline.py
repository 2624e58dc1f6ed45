from datetime import UTC, datetime

import pytest

from leads.events import (
    PAYLOADS,
    AnswerUndone,
    ImportUndone,
    Payload,
    Rejected,
    StageChanged,
    Touched,
)
from leads.models import LeadEvent
from leads.stages import Stage
from tests.people.factories import MONDAY_9AM
from workspace.lead.timeline import (
    Activity,
    Description,
    Entry,
    Names,
    describe,
    entries_of,
    entry_of,
)


@pytest.mark.parametrize("payload", PAYLOADS.values())
def test_every_kind_of_event_has_a_description(payload: type[Payload]) -> None:
    assert describe.dispatch(payload) is not describe.dispatch(Payload)


@pytest.mark.parametrize(
    ("to", "reason", "text"),
    [
        (Stage.NURTURE, "no_budget", "No budget"),
        (Stage.DISQUALIFIED, "not_icp", "Outside our customer profile"),
        (Stage.LOST, "price", "Too expensive"),
        (Stage.NURTURE, "", "Imported."),
    ],
)
def test_imported_stage_shows_its_reason(to: Stage, reason: str, text: str) -> None:
    payload = StageChanged(why="import", reason=reason)
    event = LeadEvent(
        kind=payload.EVENT,
        to_stage=to,
        payload=payload.to_json(),
        occurred_at=datetime(2026, 11, 2, tzinfo=UTC),
    )
    names = Names(
        reasons={"no_budget": "No budget", "not_icp": "Outside our customer profile"},
        losses={"price": "Too expensive"},
    )

    description = entry_of(event, names).description

    assert (description.title, description.text) == (to.label, text)


def event_of(number: int, payload: Payload) -> LeadEvent:
    at = datetime(2026, 11, 2, 9, number, tzinfo=UTC)
    return LeadEvent(
        pk=number, kind=payload.EVENT, payload=payload.to_json(), occurred_at=at, to_stage=""
    )


def test_events_that_were_taken_back_are_marked_without_the_note() -> None:
    log = [
        event_of(3, AnswerUndone(taken_back=[2], handoff=7, answer="rejected", user=1)),
        event_of(2, Rejected(handoff=7, reason="not_icp", user=1)),
        event_of(1, Touched(touch=5, kind="form")),
    ]

    entries = entries_of(log, Names(notes={7: "The note of a later rejection."}))

    assert [(entry.is_taken_back, entry.description.title) for entry in entries] == [
        (False, "Rejection taken back"),
        (True, "Rejected: not_icp"),
        (False, "Form"),
    ]
    assert entries[1].description.text == ""


def test_touches_of_an_undone_import_are_marked_in_the_activity() -> None:
    log = [
        event_of(3, ImportUndone(run=1, touches=[5])),
        event_of(2, Touched(touch=5, kind="form")),
        event_of(1, Touched(touch=4, kind="form")),
    ]

    entries = entries_of(log, Names())

    assert [entry.is_taken_back for entry in entries] == [False, True, False]


def test_all_but_the_latest_events_are_folded() -> None:
    page = Activity([Entry(MONDAY_9AM, "", Description("plus", str(n))) for n in range(5)])

    titles = [
        [entry.description.title for _, entries in days for entry in entries]
        for days in (page.latest, page.earlier, page.days)
    ]
    assert titles == [["0", "1", "2"], ["3", "4"], ["0", "1", "2", "3", "4"]]
    assert page.earlier_count == 2
