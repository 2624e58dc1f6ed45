"""Who is who: which touches belong to one contact."""

from collections.abc import Callable

import pytest

from handoff.pipeline import receive, receive_many
from leads.models import Contact
from leads.normalization.identity import is_placeholder
from leads.touches import TouchIn
from tests.factories import make_touch
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
