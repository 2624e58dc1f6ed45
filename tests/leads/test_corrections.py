from datetime import timedelta
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from core.unit_of_work import UnitOfWork
from handoff.pipeline import receive
from leads.corrections import correct
from leads.models import Company, Contact, Correction
from tests.factories import make_lead, make_rep, make_touch
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(days=1)


def test_edited_value_outlives_later_statements() -> None:
    ann: dict[str, Any] = {"email": "ann@kontor.example", "domain": "kontor.example"}
    make_lead(**ann, title="Analyst", seniority="staff", employees=20)
    contact, company, mia = Contact.objects.get(), Company.objects.get(), make_rep("Mia")
    work = UnitOfWork()
    correct(work, contact, {"seniority": "c_level", "name": "Ann Lima"}, by_id=mia.pk, at=LATER)
    correct(work, company, {"employees": 400}, by_id=mia.pk, at=LATER)
    work.write()

    much_later = LATER + timedelta(days=400)
    touch = make_touch(
        **ann, name="A. L.", title="Buyer", seniority="staff", employees=50, occurred_at=much_later
    )
    receive(touch, at=much_later, via="test")

    contact.refresh_from_db()
    company.refresh_from_db()
    assert (contact.name, contact.title, contact.seniority) == ("Ann Lima", "Buyer", "c_level")
    assert contact.name_key == "ann lima"
    assert company.employees == 400


def test_correction_is_kept_and_cannot_be_changed() -> None:
    make_lead(title="Analyst")
    contact, mia, work = Contact.objects.get(), make_rep("Mia"), UnitOfWork()

    correct(work, contact, {"title": "Buyer", "country": "DE"}, by_id=mia.pk, at=LATER)
    work.write()

    kept = Correction.objects.get()
    assert (kept.contact, kept.company, kept.by, kept.at) == (contact, None, mia, LATER)
    assert kept.changes == {"title": ["Analyst", "Buyer"]}
    with pytest.raises(ProgrammingError), transaction.atomic():
        Correction.objects.update(at=MONDAY_9AM)


def test_correcting_nothing_leaves_no_correction() -> None:
    make_lead(title="Analyst")
    work = UnitOfWork()

    correct(work, Contact.objects.get(), {"title": "Analyst"}, by_id=None, at=LATER)
    work.write()

    assert not Correction.objects.exists()
    assert Contact.objects.get().origins["title"] == {"at": LATER.isoformat()}
