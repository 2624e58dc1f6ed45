"""Selects of people: who can do it now, the present value, and in filters whoever did it before."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.test import Client, RequestFactory

from handoff.admin.rule_editor.forms import assign_choices
from handoff.models import RoutingRule
from leads.models import Campaign, Company, Lead
from people.choices import PersonField
from people.models import Membership, User
from people.roles import Role
from tests.admin_pages import errors_of, open_page, url_of
from tests.factories import make_handoff, make_handoff_to, make_person, make_pool, make_rep
from tests.pages import Page, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db

ROLES = {
    "owner of a campaign": Role.MARKETER,
    "owner of a company": Role.REP,
    "manager": Role.SALES_MANAGER,
    "member": Role.REP,
}


@pytest.fixture
def operations() -> Client:
    return signed_in_as(make_person(Role.OPERATIONS, "Olga"))


def rows(present: dict[str, User]) -> dict[str, tuple[Model, str]]:
    """Return what points at people, with the name of its input in the admin."""
    team = make_team(manager=present["manager"], name="Europe")
    Membership.objects.create(team=team, user=present["member"])
    campaign = Campaign.objects.create(
        code="spring", name="Spring", owner=present["owner of a campaign"]
    )
    company = Company.objects.create(
        name="Acme",
        owner=present["owner of a company"],
        created_at=MONDAY_9AM,
        updated_at=MONDAY_9AM,
    )
    return {
        "owner of a campaign": (campaign, "owner"),
        "owner of a company": (company, "owner"),
        "manager": (team, "manager"),
        "member": (team, "memberships-0-user"),
    }


def person_fields(request: HttpRequest) -> Iterator[tuple[str, Any]]:
    """Return every input of the admin that sets a person."""
    for model, page in admin.site._registry.items():
        forms: list[Any] = [page.get_form(request)]
        forms += [rows.get_formset(request).form for rows in page.get_inline_instances(request)]
        for form in forms:
            for column in form._meta.model._meta.fields:
                if column.related_model is User and column.name in form.base_fields:
                    yield f"{model.__name__}: {column}", form.base_fields[column.name]


def test_every_admin_field_of_a_person_offers_people_by_their_roles(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = make_person(Role.OPERATIONS, is_superuser=True, is_staff=True)
    fields = dict(person_fields(request))

    assert len(fields) >= 5
    assert [name for name, field in fields.items() if not isinstance(field, PersonField)] == []


@pytest.mark.parametrize("place", ROLES)
def test_admin_form_offers_able_people_and_the_present_value(
    operations: Client, place: str
) -> None:
    present = {name: make_person(role, f"Present {name}") for name, role in ROLES.items()}
    others = {name: make_person(role, f"Former {name}") for name, role in ROLES.items()}
    able = make_person(ROLES[place], "Able")
    row, name = rows(present)[place]
    users = User.objects.filter(pk__in=[user.pk for user in (*present.values(), *others.values())])
    users.update(is_active=False)

    path, form = open_page(operations, row)
    select = f'select[name="{name}"]'
    offered = Page(operations.get(path)).texts(f"{select} option[selected]")
    assert offered == [f"Present {place} (left)"]
    assert operations.post(path, form).status_code == 302  # kept

    refused = operations.post(path, open_page(operations, row)[1] | {name: others[place].pk})
    assert "Select a valid choice" in errors_of(refused)
    assert operations.post(path, open_page(operations, row)[1] | {name: able.pk}).status_code == 302
    assert "Able" in Page(operations.get(url_of(row))).text(f"{select} option[selected]")


def test_rule_offers_able_people_and_whoever_it_names() -> None:
    left = make_rep("Lena", is_active=False)
    make_rep("Former", is_active=False)
    make_person(Role.MARKETER)
    make_rep("Able")

    choices = dict(assign_choices(RoutingRule(target="person", person=left), []))

    assert [name for _, name in choices["Person"]] == ["Able", "Lena (no longer available)"]


@pytest.mark.parametrize(
    ("model", "field", "role"),
    [
        ("leads.campaign", "owner", Role.MARKETER),
        ("leads.company", "owner", Role.REP),
        ("people.team", "manager", Role.SALES_MANAGER),
        ("people.membership", "user", Role.REP),
        ("people.absence", "user", Role.REP),
        ("people.absence", "cover", Role.REP),
    ],
)
def test_suggestions_are_people_who_can_be_set(
    operations: Client, model: str, field: str, role: Role
) -> None:
    app_label, model_name = model.split(".")
    make_person(role, "Here Now")
    make_person(role, "Here Before", is_active=False)
    make_person(role, "Here Without A Role").groups.clear()
    make_person(Role.LEADER, "Here As A Leader")

    asked_by = {"app_label": app_label, "model_name": model_name, "field_name": field}
    answer = operations.get("/admin/autocomplete/", {"term": "here", **asked_by})

    assert [row["text"] for row in answer.json()["results"]] == ["Here Now"]


def test_team_page_offers_members_with_the_role() -> None:
    manager = make_person(Role.SALES_MANAGER)
    make_pool(mia := make_rep("Mia"), make_rep("Jon"), make_rep("Eva"), manager=manager)
    lead = make_handoff_to(mia).lead
    mia.groups.clear()
    User.objects.filter(name="Eva").update(is_active=False)

    page = page_at("/team/", manager)
    sent = {"action": "reassign", "lead": lead.pk}
    preview = Page(signed_in_as(manager).post("/leads/act/preview/", sent))

    assert preview.texts("button[name=to]") == ["Reassign 1 to Jon"]
    assert page.texts(".answer-panel [name=member] option") == ["Jon"]


@pytest.mark.parametrize("leaves", ["is inactive", "has no role"])
def test_leads_of_former_owners_are_found_in_a_group(leaves: str) -> None:
    mia, jon = make_rep("Mia"), make_rep("Jon")
    make_team(mia, jon, make_rep("Eva", is_active=False))
    make_handoff()
    lead = Lead.objects.get()
    Lead.objects.update(owner=mia, queue=None)
    mia.memberships.all().delete()
    if leaves == "is inactive":
        User.objects.filter(pk=mia.pk).update(is_active=False)
    else:
        mia.groups.clear()

    page = page_at(f"/leads/?owner={mia.pk}", make_person(Role.MARKETER))

    assert page.texts("[name=owner] > option")[-1] == "Jon"
    assert page.values("[name=owner] optgroup", "label") == ["Former"]
    assert page.texts("[name=owner] optgroup option[selected]") == ["Mia"]
    assert lead.contact.name in page.text("#leads")
    assert "Owner: Mia" in page.text()
