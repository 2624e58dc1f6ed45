from functools import partial

import pytest
from django.test import Client
from django.urls import reverse

from core.admin_base import Admin, FirstRows
from handoff.pipeline import receive
from leads.models import Company, Contact, Correction, Lead
from people.roles import Role
from tests.admin_pages import errors_of, open_page
from tests.factories import make_lead, make_person, make_rep, make_touch
from tests.pages import Page, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.plans import plans_of, pretend_large
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

ANN = {"email": "ann@kontor.example", "domain": "kontor.example", "title": "Analyst"}


@pytest.fixture
def operations() -> Client:
    return signed_in_as(make_person(Role.OPERATIONS, "Ops"))


def test_operations_set_owner_target_account_and_customer(operations: Client) -> None:
    company, mia = make_lead(company="Kontor").company, make_rep("Mia")
    url, sent = open_page(operations, company)

    sent |= {"owner": mia.pk, "is_target_account": "true", "is_customer": "false"}
    assert operations.post(url, sent).status_code == 302

    stored = Company.objects.get()
    assert (stored.owner, stored.is_target_account, stored.is_customer) == (mia, True, False)
    history = Page(operations.get(reverse("admin:leads_company_history", args=[stored.pk])))
    assert "owner: – → " in history.text(".ops-list")
    assert "by Ops" in history.text(".ops-list")


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Muller", ["Jörg Müller"]),
        ("müller jorg", ["Jörg Müller"]),
        ("SAO", ["Ana Lopes"]),
        ("sao paulo tur", ["Ana Lopes"]),
        ("ana@turismo.ex", ["Ana Lopes"]),
        ("Mueller", []),
        ("\N{COMBINING ACUTE ACCENT}", ["Ana Lopes", "Jörg Müller"]),
    ],
)
def test_contacts_are_found_as_in_the_search_of_the_product(
    operations: Client, text: str, names: list[str]
) -> None:
    make_lead(name="Jörg Müller", email="jm@werk.example", company="Werk")
    make_lead(name="Ana Lopes", email="ana@turismo.example", company="São Paulo Turismo")

    page = Page(operations.get(reverse("admin:leads_contact_changelist"), {"q": text}))

    assert page.texts("#result_list .field-name") == names


@pytest.mark.parametrize(
    ("text", "names"),
    [("sao", ["São Paulo Turismo"]), ("turismo.ex", ["São Paulo Turismo"]), ("paul x", [])],
)
def test_companies_are_found_without_accents(
    operations: Client, text: str, names: list[str]
) -> None:
    make_lead(company="São Paulo Turismo", domain="turismo.example")
    suggest = {"app_label": "leads", "model_name": "contact", "field_name": "company"}

    page = Page(operations.get(reverse("admin:leads_company_changelist"), {"q": text}))
    suggested = operations.get(reverse("admin:autocomplete"), {"term": text, **suggest}).json()

    assert page.texts("#result_list .field-name") == names
    assert [row["text"] for row in suggested["results"]] == names


def test_corrected_contact_outlives_the_next_touch(operations: Client) -> None:
    receive(make_touch(**ANN), at=MONDAY_9AM, via="test")
    other = Company.objects.create(name="Speicher", created_at=MONDAY_9AM, updated_at=MONDAY_9AM)
    url, sent = open_page(operations, Contact.objects.get())

    sent |= {
        "title": "Chief Analyst",
        "email": "Ann@GMAIL.com",
        "phone": "030 901820",
        "company": other.pk,
    }
    assert operations.post(url, sent).status_code == 302
    receive(make_touch(**{**ANN, "email": "ann@gmail.com"}), at=MONDAY_9AM, via="test")

    contact = Contact.objects.get()
    assert (contact.title, contact.email, contact.email_is_corporate) == (
        "Chief Analyst",
        "ann@gmail.com",
        False,
    )
    assert (contact.phone, contact.company, Lead.objects.get().company) == (
        "+4930901820",
        other,
        other,
    )
    assert Correction.objects.get().changes["title"] == ["Analyst", "Chief Analyst"]


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("phone", "123", "“123” is not a phone number of its country."),
        ("country", "XX", "Unknown country “XX”. Use its two-letter code, such as DE."),
        ("email", "taken@kontor.example", "Contact with this Email already exists."),
    ],
)
def test_wrong_value_is_refused(field: str, value: str, message: str, operations: Client) -> None:
    make_lead(email="taken@kontor.example")
    contact = make_lead().contact
    url, sent = open_page(operations, contact)

    assert message in errors_of(operations.post(url, {**sent, field: value}))
    assert not Correction.objects.exists()


@pytest.mark.parametrize(
    ("view_name", "table", "columns"),
    [
        ("admin:leads_contact_changelist", "leads_contact", 3),
        ("admin:leads_company_changelist", "leads_company", 2),
    ],
)
def test_every_order_of_a_large_table_is_that_of_an_index(
    operations: Client, view_name: str, table: str, columns: int
) -> None:
    # A list of one page has no limit.
    for number in range(Admin.list_per_page + 1):
        make_lead(company=f"Werk {number}")
    pretend_large("leads_contact", "leads_company")
    address = reverse(view_name)
    orders = Page(operations.get(address)).links("thead .text a")
    assert len(orders) == columns

    for order in ("", *orders):
        plans = plans_of(partial(operations.get, address + order))

        (rows,) = (plan for plan in plans if f"on {table} " in plan and "Aggregate" not in plan)
        assert rows.startswith("Limit ")
        assert "Seq Scan on leads_contact " not in rows
        assert "Seq Scan on leads_company " not in rows


def test_rows_of_a_large_table_are_counted_to_a_limit(
    operations: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        make_lead(name=f"Ann {number}", email=f"ann{number}@werk.example", company="Werk")
    monkeypatch.setattr(FirstRows, "most", 1)

    with exactly_statements(4):
        page = Page(operations.get(reverse("admin:leads_contact_changelist")))
    search = Page(operations.get(reverse("admin:leads_contact_changelist"), {"q": "ann"}))

    assert page.text("main").endswith("1+ contacts")
    assert "1+ results" in search.text("h1")
    assert "results" not in page.text("h1")
