import pytest
from django.test import Client
from django.urls import reverse

from handoff.pipeline import receive
from intake.normalize import Vocabulary, normalize
from leads.configuration import configuration
from leads.models import Contact, MailDomain, TitlePhrases
from people.roles import Role
from tests.admin_pages import errors_of, open_page
from tests.factories import make_person
from tests.pages import Page, signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db


@pytest.fixture
def operations() -> Client:
    return signed_in_as(make_person(Role.OPERATIONS))


def tried(client: Client, model: str, value: str) -> str:
    page = Page(client.get(reverse(f"admin:leads_{model}_changelist"), {"try": value}))
    return page.text("output")


def receive_raw(**values: object) -> Contact:
    vocabulary = Vocabulary.of(configuration.now())
    touch = normalize({"email": "ann@gmail.com", **values}, vocabulary, at=MONDAY_9AM)
    receipt = receive(touch, at=MONDAY_9AM, via="test")
    return Contact.objects.get(pk=receipt.contact_id)


def test_operations_try_a_title_and_change_how_it_is_read(operations: Client) -> None:
    assert tried(operations, "titlephrases", "VP of Student Affairs") == (
        "Vice president, because of “vp”"
    )
    assert tried(operations, "titlephrases", "Rock star") == "No seniority"
    row = TitlePhrases.objects.get(seniority="student")

    url, sent = open_page(operations, row)
    operations.post(url, {**sent, "phrases": f"{row.phrases}\nRock star"})

    assert tried(operations, "titlephrases", "Rock star") == "Student, because of “rock star”"
    assert receive_raw(title="Rock  Star").seniority == "student"


def test_operations_add_a_mail_domain(operations: Client) -> None:
    assert tried(operations, "maildomain", "ann@isp.example") == "The company isp.example"

    add = reverse("admin:leads_maildomain_add")
    operations.post(add, {"domain": " ISP.Example "})

    assert MailDomain.objects.filter(domain="isp.example", is_corporate=False).exists()
    assert tried(operations, "maildomain", "ann@isp.example") == "No company"
    contact = receive_raw(email="ann@isp.example")
    assert (contact.email_is_corporate, contact.company) == (False, None)
    assert "Enter a domain such as mail.example." in errors_of(
        operations.post(add, {"domain": "nothing"})
    )


def test_strangers_at_a_consumer_provider_share_no_company() -> None:
    contacts = [receive_raw(email=f"{name}@hotmail.nl") for name in ("gil", "hana")]

    assert [(row.email_is_corporate, row.company) for row in contacts] == [(False, None)] * 2


def test_website_on_a_shared_host_is_kept_and_names_no_company() -> None:
    contact = receive_raw(website="linkedin.com/in/ann")

    assert contact.company is None
    assert contact.touches.get().stated["website"] == "linkedin.com"


def test_target_account_and_customer_are_set_and_withdrawn_by_touches() -> None:
    ann = {"email": "ann@kontor.example"}

    company = receive_raw(**ann, is_target_account=True, is_customer=True).company
    receive_raw(**ann, is_customer=False)

    assert company is not None
    company.refresh_from_db()
    assert (company.is_target_account, company.is_customer) == (True, False)
