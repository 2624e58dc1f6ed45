import pytest

from leads.events import PAYLOADS, Payload
from workspace.lead.timeline import describe


@pytest.mark.parametrize("payload", PAYLOADS.values())
def test_every_kind_of_event_has_a_description(payload: type[Payload]) -> None:
    assert describe.dispatch(payload) is not describe.dispatch(Payload)
