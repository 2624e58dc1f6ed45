"""Decide which touches belong to one contact and one company."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from core.unit_of_work import UnitOfWork
from handoff.pipeline import receive, receive_many
from leads.corrections import correct
from leads.models import Company, Contact, Lead, LeadScore, Touch
from leads.normalization.identity import is_placeholder
from leads.touches import TouchIn
from tests.factories import make_lead, make_receipt, make_touch
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

Receiver = Callable[..., None]

SWITCHBOARD = "+4930901820"


def said(name: str = "", phone: str = SWITCHBOARD, **fields: object) -> TouchIn:
    return make_touch(**{"email": "", "domain": "", "name": name, "phone": phone, **fields})


def receive_each(*touches: TouchIn) -> None:
    for touch in touches:
        receive(touch, at=MONDAY_9AM, via="test")


def receive_at_once(*touches: TouchIn) -> None:
    receive_many(touches, at=MONDAY_9AM, via="test")


BOTH_WAYS = pytest.mark.parametrize("receive_all", [receive_each, receive_at_once])


@BOTH_WAYS
def test_people_with_one_switchboard_number_are_different_contacts(receive_all: Receiver) -> None:
    receive_all(
        said("Bo Berg", title="CEO", seniority="c_level"),
        said("Ana Lima", title="Buyer", seniority="staff", email="ana@kontor.example"),
        said("Cem Can"),
    )

    contacts = Contact.objects.order_by("pk").values_list("name", "title", "email")
    assert list(contacts) == [
        ("Bo Berg", "CEO", None),
        ("Ana Lima", "Buyer", "ana@kontor.example"),
        ("Cem Can", "Director of Operations", None),
    ]


@BOTH_WAYS
def test_extensions_of_one_number_are_different_contacts(receive_all: Receiver) -> None:
    number = "+13105550199"

    receive_all(
        said("Cem One", number, phone_extension="12", company="Firm One"),
        said("Dee Two", number, phone_extension="77", company="Firm Two"),
        said("", number, phone_extension="12"),
        said("", number, phone_extension="77"),
    )

    contacts = Contact.objects.order_by("pk")
    assert [(contact.name, contact.phone_text) for contact in contacts] == [
        ("Cem One", "+13105550199 ext. 12"),
        ("Dee Two", "+13105550199 ext. 77"),
        ("", "+13105550199 ext. 12"),
        ("", "+13105550199 ext. 77"),
    ]


@BOTH_WAYS
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (said("Bo Berg"), said("BERG, Bo")),
        (said("Zoë Müller"), said("Zoe Mu\N{COMBINING DIAERESIS}ller", email="zoe@kontor.example")),
        (said("Bo Berg"), said("Bo Berg", phone_extension="12")),
        (said("Bo Berg", external_id="7"), said("Bo Berg")),
        (said(), said()),
    ],
)
def test_phone_joins_contacts_whose_names_agree(
    receive_all: Receiver, first: TouchIn, second: TouchIn
) -> None:
    receive_all(first, second)

    assert Contact.objects.count() == 1


@BOTH_WAYS
@pytest.mark.parametrize(
    ("first", "second"),
    [
        (said("Bo Berg"), said()),
        (said("Bo Berg", email="a@kontor.example"), said("Bo Berg", email="b@kontor.example")),
        (said("Bo Berg", external_id="7"), said("Bo Berg", external_id="8")),
        (said("Bo Berg", phone_extension="1"), said("Bo Berg", phone_extension="2")),
        (said("Bo Berg", "+49300000000"), said("Bo Berg", "+49300000000")),
        (said("", "+49301234567"), said("", "+49301234567")),
    ],
)
def test_phone_joins_nobody_else(receive_all: Receiver, first: TouchIn, second: TouchIn) -> None:
    receive_all(first, second)

    assert Contact.objects.count() == 2


@pytest.mark.parametrize(
    ("number", "is_one"),
    [
        ("+49300000000", True),
        ("+12129999999", True),
        ("+49301234567", True),
        ("+4930987654", True),
        ("+4930901820", False),
        ("+13105550199", False),
    ],
)
def test_placeholder_is_a_repeated_or_counted_number(number: str, is_one: bool) -> None:
    assert is_placeholder(number) is is_one


KIM = {"email": "kim@gmail.com", "email_is_corporate": False, "phone": ""}


@BOTH_WAYS
def test_another_company_of_a_private_address_is_another_company(receive_all: Receiver) -> None:
    receive_all(
        make_touch(**KIM, company="Kontor Neun", domain="", employees=20),
        make_touch(
            **KIM, company="Speicher Neun AG", domain="speicher-neun.example", employees=400
        ),
        make_touch(email="leo@speicher-neun.example", company="", domain="speicher-neun.example"),
    )

    companies = Company.objects.order_by("pk").values_list("name", "domain", "employees")
    assert list(companies) == [
        ("Kontor Neun", None, 20),
        ("Speicher Neun AG", "speicher-neun.example", 250),
    ]
    names = Contact.objects.order_by("pk").values_list("email", "company__name")
    assert list(names) == [
        ("kim@gmail.com", "Speicher Neun AG"),
        ("leo@speicher-neun.example", "Speicher Neun AG"),
    ]
    assert {lead.company_id for lead in Lead.objects.all()} == {Company.objects.latest("pk").pk}


def test_new_statement_replaces_the_old_one_and_both_are_kept() -> None:
    analyst = make_touch(
        email="ann@kontor.example",
        domain="kontor.example",
        title="Analyst",
        seniority="staff",
        phone="+4930901821",
        employees=20,
    )
    much_later = MONDAY_9AM + timedelta(days=400)
    chief = make_touch(
        occurred_at=much_later,
        email="ann@kontor.example",
        domain="kontor.example",
        name="Ann Example Lima",
        title="Chief Operating Officer",
        seniority="c_level",
        phone="+491711234567",
        employees=400,
    )

    receive(analyst, at=MONDAY_9AM, via="test")
    receive(chief, at=much_later, via="test")

    contact = Contact.objects.get()
    assert (contact.name, contact.title, contact.seniority, contact.phone) == (
        "Ann Example Lima",
        "Chief Operating Officer",
        "c_level",
        "+491711234567",
    )
    assert contact.name_key == "ann example lima"
    assert Company.objects.get().employees == 400
    labels = [line["label"] for line in LeadScore.objects.get().ledger]
    assert "C-level" in labels
    assert "50 to 500 employees" in labels
    first, second = Touch.objects.order_by("pk")
    assert (first.stated["title"], first.stated["phone"]) == ("Analyst", "+4930901821")
    assert (second.stated["title"], second.stated["employees"]) == ("Chief Operating Officer", 400)


@BOTH_WAYS
def test_late_delivery_of_an_older_statement_changes_nothing(receive_all: Receiver) -> None:
    old = MONDAY_9AM - timedelta(days=400)

    receive_all(
        make_touch(email="ann@kontor.example", domain="kontor.example", employees=400),
        make_touch(
            email="ann@kontor.example",
            domain="kontor.example",
            title="Analyst",
            employees=20,
            occurred_at=old,
        ),
    )

    assert Contact.objects.get().title == "Director of Operations"
    assert Company.objects.get().employees == 400


def test_blank_never_blanks_and_fills_from_an_older_statement() -> None:
    old = MONDAY_9AM - timedelta(days=400)
    ann = {"email": "ann@kontor.example", "domain": "kontor.example"}
    receive_each(
        make_touch(**ann, title="", seniority=""),
        make_touch(**ann, title="Analyst", seniority="staff", occurred_at=old),
        TouchIn(occurred_at=MONDAY_9AM, email="ann@kontor.example"),
    )

    contact = Contact.objects.get()
    assert (contact.title, contact.country) == ("Analyst", "DE")
    assert contact.company is not None
    assert contact.company.employees == 250


@BOTH_WAYS
def test_consent_is_withdrawn_and_given_again(receive_all: Receiver) -> None:
    ivo = {"email": "ivo@firm.example", "domain": "firm.example"}
    days = [MONDAY_9AM - timedelta(days=days) for days in (3, 2, 1)]
    answers = [True, False, True]
    seen = []

    for number in (1, 2, 3):
        receive_all(make_touch(**ivo, consent=answers[number - 1], occurred_at=days[number - 1]))
        seen.append(Contact.objects.get().consent)

    assert seen == [True, False, True]
    assert Contact.objects.get().origins["consent"] == {"at": days[2].isoformat()}
    kept = Touch.objects.order_by("pk")
    assert [(touch.occurred_at, touch.stated["consent"]) for touch in kept] == list(
        zip(days, answers, strict=True)
    )


@BOTH_WAYS
def test_late_withdrawal_does_not_replace_consent_that_was_given_again(
    receive_all: Receiver,
) -> None:
    """The same consent twice within an hour, and between them a withdrawal that arrives last."""
    ivo = {"email": "ivo@firm.example", "domain": "firm.example"}
    first, again = MONDAY_9AM - timedelta(minutes=30), MONDAY_9AM
    for consent, at in ((True, first), (True, again), (False, again - timedelta(minutes=10))):
        receive_all(make_touch(**ivo, consent=consent, occurred_at=at))

    contact = Contact.objects.get()
    assert contact.consent is True
    assert contact.consent_at == again


def test_older_statement_does_not_replace_consent_that_a_person_made_unknown() -> None:
    contact = make_lead(consent=True, email="ivo@firm.example").contact
    work = UnitOfWork()
    correct(work, contact, {"consent": None}, by_id=None, at=MONDAY_9AM + timedelta(hours=2))
    work.write()

    make_receipt(email="ivo@firm.example", consent=True, at=MONDAY_9AM + timedelta(hours=1))

    assert Contact.objects.get().consent is None
