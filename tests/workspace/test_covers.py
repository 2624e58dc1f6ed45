"""A rep who covers works the leads from the inbox, and the pages say who covers for whom."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import product
from typing import Any

import pytest
import time_machine
from django.db import connection

from core.raw_sql import fetch_rows
from handoff.models import Handoff
from people.covers import COVERED_SQL, covered_by
from people.models import Absence, Membership, User
from people.roles import Role
from tests.factories import make_handoff, make_person, make_pool, make_rep
from tests.pages import messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team
from tests.plans import pretend_large
from tests.statements import exactly_statements
from workspace.inbox.queries import INBOX_SQL, MAX_READ, Part, inbox_rows
from workspace.lead.page import load_lead_page

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def _now() -> Iterator[None]:
    with time_machine.travel(MONDAY_9AM, tick=False):
        yield


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER, "Tom")


@pytest.fixture
def ana() -> User:
    return make_rep("Ana")


@pytest.fixture
def ben() -> User:
    return make_rep("Ben")


@pytest.fixture
def handoff(ana: User, ben: User, manager: User) -> Handoff:
    pool = make_pool(ana, manager=manager)
    handoff = make_handoff(name="Katrin Kaiser")
    Membership.objects.create(team=pool, user=ben)
    return handoff


@pytest.fixture
def absence(handoff: Handoff, ana: User, ben: User) -> Absence:
    return Absence.objects.create(
        user=ana, starts_at=MONDAY_9AM - DAY, ends_at=MONDAY_9AM + 3 * DAY, cover=ben
    )


def save_cover(absence: Absence, cover: User | None, by: User) -> list[str]:
    path = f"/team/absences/{absence.pk}/cover/"
    sent = {"cover": str(cover.pk) if cover else ""}
    return messages_of(signed_in_as(by).post(path, sent, follow=True))


def test_inbox_of_the_cover_has_a_part_for_the_leads(absence: Absence, ben: User) -> None:
    make_handoff(name="Own Lead")

    page = page_at("/inbox/", ben)

    assert page.texts(".offer-part h2") == ["To answer 1", "Covered 1"]
    assert page.texts(".offer-who") == ["Own Lead", "Katrin Kaiser"]
    assert page.texts(".offer .badge")[-1] == "Covering for Ana"
    assert page.text("title").startswith("(1) Inbox")


def test_cover_accepts_from_the_inbox(absence: Absence, handoff: Handoff, ben: User) -> None:
    signed_in_as(ben).post(f"/handoffs/{handoff.pk}/accept/", {"then": "inbox"})

    handoff.refresh_from_db()
    assert (handoff.state, handoff.answered_by, handoff.owner) == ("accepted", ben, absence.user)
    assert page_at("/inbox/", ben).texts(".offer-part h2") == ["Covered 1"]


def test_covered_leads_leave_the_inbox_with_the_absence(absence: Absence, ben: User) -> None:
    def rows_at(days: int) -> int:
        return len(inbox_rows(ben, 10, at=MONDAY_9AM + days * DAY))

    assert [rows_at(days) for days in (-2, -1, 0, 2, 3)] == [0, 1, 1, 1, 0]


def test_inbox_with_covered_leads_costs_one_statement(absence: Absence, ben: User) -> None:
    with exactly_statements(1):
        assert len(inbox_rows(ben, 10, at=MONDAY_9AM)) == 1


def test_leads_of_the_inbox_are_found_by_owner(absence: Absence, ben: User) -> None:
    params: dict[str, Any] = {"user": ben.pk, "at": MONDAY_9AM, "limit": 10}
    params |= {"parts": list(Part), "most": MAX_READ}
    pretend_large("handoff_handoff", "leads_lead")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {INBOX_SQL}", params)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert " handoff_open_by_owner " in plan
    assert "using leads_lead_pkey" in plan
    assert "Seq Scan on handoff_handoff" not in plan


def test_both_spellings_of_whom_one_covers_agree(absence: Absence, ana: User, ben: User) -> None:
    for user, at in product((ana, ben), (MONDAY_9AM - 2 * DAY, MONDAY_9AM, MONDAY_9AM + 3 * DAY)):
        rows = fetch_rows(COVERED_SQL, {"user": user.pk, "at": at})

        assert rows == [*covered_by(user, at=at).values_list("user")]
    Membership.objects.filter(user=ben).delete()
    assert fetch_rows(COVERED_SQL, {"user": ben.pk, "at": MONDAY_9AM}) == []


def test_lead_says_who_covers_until_when(
    absence: Absence, handoff: Handoff, ana: User, ben: User
) -> None:
    step = "Ana accepts or rejects it."
    path = handoff.lead.get_absolute_url()

    assert f"{step} You cover for Ana until Nov 5, 2026." in page_at(path, ben).text("main")
    page = load_lead_page(handoff.lead_id, user=ana, at=MONDAY_9AM)
    assert page is not None
    assert page.next_step == "Accept or reject it. Ben covers for Ana until Nov 5, 2026."
    later = load_lead_page(handoff.lead_id, user=ben, at=MONDAY_9AM + 3 * DAY)
    assert later is not None
    assert later.next_step == step
    assert not later.is_answerable


def test_manager_adds_time_off_with_a_cover(handoff: Handoff, ana: User, manager: User) -> None:
    ben = User.objects.get(name="Ben")
    sent = {
        "member": ana.pk,
        "first_day": "2026-11-09",
        "last_day": "2026-11-10",
        "cover": ben.pk,
    }

    answer = signed_in_as(manager).post("/team/absences/", sent, follow=True)

    assert messages_of(answer) == [
        "Time off added. Ana gets no new leads during that time. Ben covers for them."
    ]
    assert Absence.objects.get().cover == ben
    page = page_at("/team/", manager)
    assert page.texts(".time-off-when") == ["Ana Nov 9, 2026 to Nov 10, 2026 Ben covers"]
    assert page.values(".time-off select option[selected]") == [str(ben.pk)]


def test_impossible_cover_is_refused_beside_the_field(
    handoff: Handoff, ana: User, manager: User
) -> None:
    sent = {
        "member": ana.pk,
        "first_day": "2026-11-09",
        "last_day": "2026-11-10",
        "cover": ana.pk,
    }

    answer = signed_in_as(manager).post("/team/absences/", sent)

    assert answer.status_code == 422
    assert "Ana cannot cover for themselves. Choose a colleague." in answer.content.decode()
    assert not Absence.objects.exists()


def test_manager_changes_the_cover(absence: Absence, manager: User, ana: User) -> None:
    sent = {"first_day": "2026-11-01", "last_day": "2026-11-04", "cover": ""}

    signed_in_as(manager).post(f"/team/absences/{absence.pk}/edit/", sent)

    assert Absence.objects.get().cover is None


def test_rep_names_the_cover_on_their_page(absence: Absence, ana: User, ben: User) -> None:
    path = f"/people/{ana.pk}/"
    assert page_at(path, ana).values("select[name=cover] option[selected]") == [str(ben.pk)]
    assert not page_at(path, ben).has("select[name=cover]")
    assert "Ben covers" in page_at(path, ben).text(".lead-marks")

    assert save_cover(absence, None, ana) == ["No one covers. Your manager hears new requests."]
    assert Absence.objects.get().cover is None
    assert save_cover(absence, ben, ana) == ["Ben covers for Ana until Nov 5, 2026."]
    assert Absence.objects.get().cover == ben


def test_only_the_rep_and_the_manager_name_a_cover(
    absence: Absence, ben: User, manager: User
) -> None:
    other = make_person(Role.SALES_MANAGER)
    make_team(make_rep(), manager=other)
    path = f"/team/absences/{absence.pk}/cover/"

    for user in (ben, other, make_person(Role.LEADER)):
        assert signed_in_as(user).post(path, {"cover": ""}).status_code == 403
    assert save_cover(absence, None, manager)
    assert Absence.objects.get().cover is None


def test_refused_cover_is_said_on_the_page(absence: Absence, ana: User) -> None:
    cleo = make_rep("Cleo")

    assert save_cover(absence, cleo, ana) == ["Cleo is not in a team with Ana. Choose a teammate."]
    assert Absence.objects.get().cover != cleo
