"""The owner of a company, stated by touches and imports."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from api.models import ApiKey
from core.unit_of_work import UnitOfWork
from handoff.models import Handoff
from handoff.pipeline import receive
from leads.corrections import correct
from leads.models import Company, Lead
from people.models import User
from people.roles import Role
from tests.factories import make_person, make_rep, make_touch, route_everything_to
from tests.intake.factories import DEMO, WRITE, make_key, send
from tests.intake.files import make_file, run_import
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db

OWNERS = ApiKey.Scope.ACCOUNTS_WRITE
ANN: dict[str, Any] = {"email": "ann@kontor.example", "domain": "kontor.example"}
BOB: dict[str, Any] = {"email": "bob@kontor.example", "domain": "kontor.example"}
LATER = MONDAY_9AM + timedelta(days=1)
PLAN = """
name = "crm"
key = "mail"
[fields]
email = "mail"
account_owner = "owner"
"""


def send_owner(client: Client, email: object, *scopes: str) -> list[tuple[str, str]]:
    """Send a touch; return field and reason of each value that was set aside."""
    status, answer = send(client, make_key(*scopes), {**DEMO, "account_owner": email})
    assert status == 201
    return [(row["field"], row["reason"]) for row in answer.get("set_aside", [])]


def test_key_with_the_scope_sets_the_owner(client: Client) -> None:
    mia = make_rep("Mia")

    assert send_owner(client, f" {mia.email.upper()} ", WRITE, OWNERS) == []
    assert Company.objects.get().owner == mia


def test_key_without_the_scope_sets_no_owner(client: Client) -> None:
    reason = "This API key does not have the scope accounts:write."

    assert send_owner(client, make_rep("Mia").email, WRITE) == [("account_owner", reason)]
    assert Company.objects.get().owner is None


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        (None, "No user has the email “nobody@ours.example”."),
        ((Role.REP, {"is_active": False}), "Mia is not active."),
        ((Role.MARKETER, {}), "Mia does not have a role that answers leads."),
    ],
)
def test_owner_who_cannot_work_leads_is_set_aside(
    client: Client, person: tuple[Role, dict[str, Any]] | None, reason: str
) -> None:
    email = "nobody@ours.example"
    if person is not None:
        role, fields = person
        email = make_person(role, "Mia", **fields).email

    assert send_owner(client, email, WRITE, OWNERS) == [("account_owner", reason)]
    assert Company.objects.get().owner is None


def test_latest_statement_counts_and_an_edit_stays() -> None:
    mia, jon, eva = make_rep("Mia"), make_rep("Jon"), make_rep("Eva")
    for owner, occurred_at in ((mia, LATER), (jon, MONDAY_9AM)):
        touch = make_touch(**ANN, account_owner=owner.pk, occurred_at=occurred_at)
        receive(touch, at=LATER, via="test")
    company = Company.objects.get()
    assert company.owner == mia

    work = UnitOfWork()
    correct(work, company, {"owner_id": eva.pk}, by_id=mia.pk, at=LATER)
    work.write()
    much_later = LATER + timedelta(days=9)
    receive(
        make_touch(**ANN, account_owner=jon.pk, occurred_at=much_later), at=much_later, via="test"
    )

    company.refresh_from_db()
    assert company.owner == eva


def test_new_owner_gets_new_leads_and_open_ones_stay() -> None:
    mia, jon = make_rep("Mia"), make_rep("Jon")
    route_everything_to(make_team(mia, jon), target="account_owner")
    receive(make_touch(**ANN, account_owner=mia.pk), at=MONDAY_9AM, via="test")
    again = make_touch(**ANN, account_owner=jon.pk, kind="content_download", occurred_at=LATER)
    receive(again, at=LATER, via="test")

    assert Company.objects.get().owner == jon
    assert Handoff.objects.get().owner == mia

    receive(make_touch(**BOB, occurred_at=LATER), at=LATER, via="test")

    owners = Lead.objects.values_list("contact__email", "owner__name")
    assert sorted(owners) == [("ann@kontor.example", "Mia"), ("bob@kontor.example", "Jon")]


def test_import_sets_owners_and_a_corrected_line_another(tmp_path: Path) -> None:
    mia, jon = make_rep("Mia"), make_rep("Jon")
    line = "ann@kontor.example,{}\n"
    others = "bob@atelier.example,nobody@ours.example\neva@atelier.example,nobody@ours.example\n"

    def import_owner(rep: User) -> dict[str, Any]:
        file = make_file(tmp_path, f"mail,owner\n{line.format(rep.email)}{others}")
        return run_import(file, PLAN)[1]

    assert import_owner(mia)["incomplete"] == 2
    assert Company.objects.get(domain="kontor.example").owner == mia
    assert Company.objects.get(domain="atelier.example").owner is None
    assert Lead.objects.count() == 3

    counts = import_owner(jon)
    assert (counts["new"], counts["repeats"], counts["updated"]) == (0, 0, 1)
    assert Company.objects.get(domain="kontor.example").owner == jon
