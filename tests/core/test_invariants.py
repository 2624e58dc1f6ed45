"""Checks of large tables read them in slices and report how far they are."""

from __future__ import annotations

import pytest

from core import invariants
from core.invariants import in_slices, progress_to
from leads.models import Contact
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(invariants, "MAX_ROWS", 2)


@pytest.mark.parametrize(("number", "slices"), [(0, []), (1, [1]), (2, [2]), (5, [2, 2, 1])])
def test_slices_have_every_row_once(number: int, slices: list[int]) -> None:
    contacts = [
        Contact.objects.create(created_at=MONDAY_9AM, updated_at=MONDAY_9AM) for _ in range(number)
    ]
    shares: list[float] = []

    with progress_to(shares.append):
        rows = [list(part.order_by("pk")) for part in in_slices(Contact.objects.all())]

    assert [len(part) for part in rows] == slices
    assert [contact for part in rows for contact in part] == contacts
    assert shares == sorted(shares)
    assert shares[-1:] == [1] * bool(number)
