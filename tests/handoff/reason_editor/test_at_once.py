"""Two users who change reasons at the same moment."""

import pytest
from django.test import Client
from django.urls import reverse

from handoff.admin.reason_editor import editing
from handoff.models import RejectionReason
from tests.handoff.reason_editor.test_editing import ADD, filled_in, keys, save
from tests.threads import queued_for

pytestmark = pytest.mark.django_db(transaction=True)


def test_five_reasons_stay_active_when_two_are_deactivated_at_once(client: Client) -> None:
    RejectionReason.objects.filter(code="bad_data").update(is_active=False)
    first, second = RejectionReason.objects.filter(is_active=True).order_by("position")[:2]

    answers = queued_for(
        RejectionReason.objects.all(),
        lambda: editing.switch(first, is_active=False),
        lambda: editing.switch(second, is_active=False),
        refusals=editing.ActiveCountRefused,
    )

    assert answers[0] == first
    assert str(answers[1]) == "At least 5 reasons must stay active. Activate another one first."
    assert len(keys()) == 5


def test_two_reasons_added_at_once_have_two_keys_and_codes(client: Client) -> None:
    sent = filled_in(client, reverse(ADD)) | {"route": "suppress", "label": "Region"}

    first, second = queued_for(
        RejectionReason.objects.all(), *[lambda: save(client, reverse(ADD), sent)] * 2
    )

    assert first.status_code == 302
    # The key that the page proposed is taken by now, so the second user sees the swap first.
    assert second.status_code == 422
    assert list(keys().items())[-1] == ("region", 8)
