"""Write notes on a few leads that sales works, and correct one of their contacts."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import cycle
from typing import Final

from handoff.notes import add_note
from intake.contact_edits import edit_contact
from leads.models import Lead
from leads.stages import Stage
from people.models import User

WRITTEN: Final = timedelta(hours=2)
NOTED_LEADS: Final = 6
TO_OWNER: Final = (
    "@{owner}, they asked at our booth whether a second site costs extra.",
    "@{owner}, their last demo was with another vendor. They told us on the phone.",
)
BY_OWNER: Final = (
    "Prefers calls after 4 PM.",
    "The budget is decided in March. Their controller joins the next call.",
)


def write_notes(marketer: User, at: datetime) -> None:
    """Let a marketer mention the owners of some leads, and owners write down what they heard."""
    leads = Lead.objects.open().filter(stage=Stage.SAL).exclude(owner=None)
    to_owner, by_owner = cycle(TO_OWNER), cycle(BY_OWNER)
    for number, lead in enumerate(leads.order_by("-opened_at", "pk")[:NOTED_LEADS]):
        assert lead.owner is not None
        if not number:
            edit_contact(lead_id=lead.pk, values={"phone_extension": "204"}, by=lead.owner, at=at)
        if number % 2:
            add_note(lead=lead, text=next(by_owner), by=lead.owner, at=at)
        else:
            text = next(to_owner).format(owner=lead.owner)
            add_note(lead=lead, text=text, by=marketer, at=at)
