from datetime import UTC, datetime

import pytest

from leads.events import PAYLOADS, Payload, StageChanged
from leads.models import LeadEvent
from leads.stages import Stage
from workspace.lead.timeline import Names, describe, entry_of


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
