"""External ids belong to a source system, and an id never makes one contact of two."""

from collections.abc import Callable

import pytest
from django.urls import reverse

from handoff.pipeline import receive, receive_many
from leads.duplicates import possible_duplicates
from leads.external_ids import with_external_id
from leads.invariants import CHECKS
from leads.models import Contact, Correction, ExternalId, Lead, SourceSystem
from leads.touches import TouchIn
from people.roles import Role
from tests.admin_pages import open_page
from tests.factories import make_person, make_touch
from tests.pages import Page, card, signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

Receiver = Callable[..., None]


@pytest.fixture(autouse=True)
def _systems() -> None:
    SourceSystem.objects.bulk_create([SourceSystem(name="crm"), SourceSystem(name="shop")])


def said(system: str = "crm", external_id: str = "42", **fields: object) -> TouchIn:
    bare = {"email": "", "domain": "", "phone": "", "name": "", "title": ""}
    return make_touch(**{**bare, "system": system, "external_id": external_id, **fields})


def receive_each(*touches: TouchIn) -> None:
    for touch in touches:
        receive(touch, at=MONDAY_9AM, via="test")


def receive_at_once(*touches: TouchIn) -> None:
    receive_many(touches, at=MONDAY_9AM, via="test")


BOTH_WAYS = pytest.mark.parametrize("receive_all", [receive_each, receive_at_once])


def ids() -> list[tuple[int, str, bool]]:
    """Return place of the contact, id and conflict of each row."""
    places = {
        pk: place
        for place, pk in enumerate(Contact.objects.order_by("pk").values_list("pk", flat=True))
    }
    return [
        (places[row.contact_id], str(row), row.is_conflict)
        for row in ExternalId.objects.order_by("pk")
    ]


@BOTH_WAYS
def test_two_systems_with_one_number_are_two_contacts(receive_all: Receiver) -> None:
    receive_all(said("crm"), said("shop"), said("crm"), said("unnamed"))

    assert ids() == [(0, "crm:42", False), (1, "shop:42", False), (2, "unnamed:42", False)]


@BOTH_WAYS
def test_contact_has_ids_in_several_systems(receive_all: Receiver) -> None:
    receive_all(
        said("crm", "42", email="ann@kontor.example"),
        said("shop", "7", email="ann@kontor.example"),
        said("crm", "43", email="ann@kontor.example"),
        said("shop", "7"),
        said("crm", "43"),
    )

    assert ids() == [(0, "crm:42", False), (0, "shop:7", False), (0, "crm:43", False)]


@BOTH_WAYS
def test_id_that_meets_another_email_is_a_conflict(receive_all: Receiver) -> None:
    receive_all(
        said(email="ann@kontor.example", name="Ann"),
        said(email="bo@kontor.example", name="Bo"),
        said(email="bo@kontor.example", name="Bo"),
        said(),
    )

    ann, bo = Contact.objects.order_by("pk")
    assert ids() == [(0, "crm:42", False), (1, "crm:42", True)]
    assert [contact.touches.count() for contact in (ann, bo)] == [2, 2]
    assert list(possible_duplicates(ann)) == [bo]
    assert list(possible_duplicates(bo)) == [ann]


@BOTH_WAYS
def test_id_of_another_known_contact_is_a_conflict(receive_all: Receiver) -> None:
    receive_all(
        said("crm", "", email="bo@kontor.example"),
        said(email="ann@kontor.example"),
        said(email="bo@kontor.example"),
    )

    assert ids() == [(1, "crm:42", False), (0, "crm:42", True)]


@BOTH_WAYS
def test_id_completes_a_contact_without_email(receive_all: Receiver) -> None:
    receive_all(said(), said(email="ann@kontor.example"), said(email="bo@kontor.example"))

    emails = Contact.objects.order_by("pk").values_list("email", flat=True)
    assert list(emails) == ["ann@kontor.example", "bo@kontor.example"]
    assert ids() == [(0, "crm:42", False), (1, "crm:42", True)]


@BOTH_WAYS
@pytest.mark.parametrize(
    ("second", "contacts"), [(("crm", "43"), 2), (("shop", "42"), 1), (("crm", ""), 1)]
)
def test_phone_and_name_join_unless_ids_of_one_system_differ(
    receive_all: Receiver, second: tuple[str, str], contacts: int
) -> None:
    who = {"name": "Bo Berg", "phone": "+4930901820"}

    receive_all(said(**who), said(*second, **who))

    assert Contact.objects.count() == contacts


def test_merged_contact_is_found_by_its_id() -> None:
    receive_each(said(name="Ann"), said("shop", name="Ann Lee"))
    merged, survivor = Contact.objects.order_by("pk")
    merged.merged_into = survivor
    merged.save()

    receive_each(said())

    assert survivor.touches.count() == 2
    assert ids() == [(0, "crm:42", False), (1, "shop:42", False)]


def test_operations_name_a_system_whose_name_stays() -> None:
    operations = signed_in_as(make_person(Role.OPERATIONS, "Ops"))
    add = reverse("admin:leads_sourcesystem_add")

    assert operations.post(add, {"name": "CRM", "note": ""}).status_code == 200
    assert operations.post(add, {"name": "a:b", "note": ""}).status_code == 200
    assert operations.post(add, {"name": "erp", "note": "Ours"}).status_code == 302

    url, sent = open_page(operations, SourceSystem.objects.get(name="erp"))
    operations.post(url, sent | {"name": "other", "note": "Theirs"})
    assert list(SourceSystem.objects.order_by("name").values_list("name", "note")) == [
        ("crm", ""),
        ("erp", "Theirs"),
        ("shop", ""),
        ("unnamed", ""),
    ]


@pytest.mark.parametrize(("most", "text"), [(1, "1+"), (2, "2")])
def test_ids_of_a_system_are_counted_to_a_limit(
    most: int, text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leads.admin.systems.MAX_COUNT", most)
    receive_each(said(external_id="1"), said(external_id="2"))
    operations = signed_in_as(make_person(Role.OPERATIONS, "Ops"))

    page = Page(operations.get(reverse("admin:leads_sourcesystem_changelist")))

    rows = dict(zip(page.texts(".field-name"), page.texts(".field-contacts"), strict=True))
    assert (rows["crm"], rows["shop"]) == (text, "0")


def test_operations_move_an_id_to_the_contact_that_claimed_it() -> None:
    receive_each(said(email="ann@kontor.example"), said(email="bo@kontor.example"))
    operations = signed_in_as(make_person(Role.OPERATIONS, "Ops"))
    ann, bo = Contact.objects.order_by("pk")
    url, sent = open_page(operations, ann)

    assert operations.post(url, sent | {"external_ids-0-DELETE": "on"}).status_code == 302

    assert ids() == [(1, "crm:42", False)]
    changes = Correction.objects.values_list("contact", "changes", "by__name")
    assert list(changes.order_by("pk")) == [
        (ann.pk, {"external_ids": ["crm:42", ""]}, "Ops"),
        (bo.pk, {"external_ids": ["", "crm:42"]}, "Ops"),
    ]
    ann.refresh_from_db()
    assert ann.updated_at > MONDAY_9AM
    page = Page(operations.get(f"/leads/{Lead.objects.get(contact=ann).pk}/"))
    assert "External IDs crm:42" in page.text(card("Earlier values"))
    receive_each(said())
    assert bo.touches.count() == 2


def test_lead_page_shows_ids_and_the_possible_duplicate() -> None:
    receive_each(said("shop", "7", email="ann@kontor.example", name="Ann"))
    receive_each(said(email="ann@kontor.example"), said(email="bo@kontor.example", name="Bo"))
    lead = Lead.objects.get(contact__email="ann@kontor.example")
    marketer = signed_in_as(make_person(Role.MARKETER))

    page = Page(marketer.get(f"/leads/{lead.pk}/"))

    assert "External IDscrm:42, shop:7" in page.text()
    assert "Possible duplicates BoMarketing" in page.text()


@pytest.mark.parametrize(
    ("text", "system", "emails"),
    [
        ("crm:42", "", ["ann@kontor.example"]),
        ("CRM:42", "", ["ann@kontor.example"]),
        ("42", "crm", ["ann@kontor.example"]),
        ("42", "", ["ann@kontor.example", "cem@kontor.example"]),
        ("4", "crm", []),
        ("42", "erp", []),
    ],
)
def test_leads_are_found_by_exactly_one_id(text: str, system: str, emails: list[str]) -> None:
    receive_each(
        said(email="ann@kontor.example"),
        said(email="bo@kontor.example"),
        said("shop", email="cem@kontor.example"),
    )

    leads = with_external_id(Lead.objects.all(), text, system=system)

    assert list(leads.order_by("pk").values_list("contact__email", flat=True)) == emails


def test_invariants_name_ids_that_joined_or_lost_a_contact() -> None:
    receive_each(said(email="ann@kontor.example"), said(email="bo@kontor.example"))
    ann, bo = Contact.objects.order_by("pk")
    assert violations() == []

    ExternalId.objects.filter(contact=ann).delete()
    Contact.objects.filter(pk=ann.pk).update(email="cem@kontor.example")
    Contact.objects.filter(pk=bo.pk).update(email="ann@kontor.example")

    assert violations() == [
        f"contact {bo.pk}: the id crm:42 is a conflict with no other contact",
        f"touch {ann.touches.get().pk}: states the address of another contact than {ann.pk}",
    ]


def violations() -> list[str]:
    return [f"{row.subject}: {row.says}" for check in CHECKS.values() for row in check(MONDAY_9AM)]
