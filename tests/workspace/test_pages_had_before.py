"""Former owners can read their leads, and cannot answer them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.urls import reverse

from handoff.answers.accept import accept_handoff
from handoff.answers.advance import advance_lead
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.escalation.sweep import sweep
from handoff.models import Handoff
from handoff.reassignment import reassign
from leads.models import Lead, LeadEvent
from leads.stages import Stage
from people.models import Membership, Team, User
from people.roles import Role
from reporting.rollups.refresh import follow_log
from tests.factories import make_handoff, make_person, make_pool, make_rep, owner_of
from tests.pages import Page, htmx, messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)
NEXT_WEEK = MONDAY_9AM + timedelta(days=7)


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER, "Ines Kaya")


@pytest.fixture
def mia() -> User:
    return make_rep("Mia Hoffmann", time_zone="Europe/Berlin")


@pytest.fixture
def jon() -> User:
    return make_rep("Jon Bell")


@pytest.fixture
def team(manager: User, mia: User) -> Team:
    return make_pool(mia, manager=manager)


@pytest.fixture
def handoff(team: Team) -> Handoff:
    return make_handoff(name="Ann Example")


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


def status_of(user: User, handoff: Handoff) -> int:
    return signed_in_as(user).get(f"/leads/{handoff.lead_id}/").status_code


def page_of(user: User, handoff: Handoff, **request: Any) -> Page:
    return page_at(f"/leads/{handoff.lead_id}/", user, **request)


def read_only_reason(user: User, handoff: Handoff, **request: Any) -> str:
    return page_of(user, handoff, **request).text(".answers.soft")


def reject(handoff: Handoff, by: User, reason: str = "bad_timing") -> None:
    reject_handoff(handoff_id=handoff.pk, reason_code=reason, by=by, at=LATER)


def reassign_to(handoff: Handoff, to: User, by: User) -> Handoff:
    return Handoff.objects.get(pk=reassign(handoff_id=handoff.pk, to=to, by=by, at=LATER))


def join(team: Team, user: User) -> None:
    Membership.objects.create(team=team, user=user)


def leave(user: User) -> None:
    """To a team that has nothing to do with it."""
    Membership.objects.filter(user=user).delete()
    make_team(user)


def return_lead(handoff: Handoff, by: User) -> None:
    missing = ["contact.has_phone"]
    mark_cannot_evaluate(handoff_id=handoff.pk, missing_fields=missing, by=by, at=LATER)


def expire(handoff: Handoff, by: User) -> None:
    sweep(at=NEXT_WEEK)
    assert Handoff.objects.get(pk=handoff.pk).state == "expired"


def lose(handoff: Handoff, by: User) -> None:
    accept_handoff(handoff_id=handoff.pk, by=by, at=LATER)
    for stage in (Stage.SQL, Stage.OPPORTUNITY, Stage.LOST):
        advance_lead(
            handoff_id=handoff.pk, to=stage, by=by, at=LATER, loss_reason_code="competitor"
        )


@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        (reject, "You had this lead until Nov 2, 2026. It is with Marketing now."),
        (return_lead, "You had this lead until Nov 2, 2026. It is with Marketing now."),
        (expire, "You had this lead until Nov 9, 2026. It is in the Qualification queue now."),
        (lose, "You had this lead until Nov 2, 2026. It is closed as lost."),
    ],
)
def test_former_owner_sees_the_lead_and_its_current_holder(
    end: Callable[[Handoff, User], None], sentence: str, mia: User, handoff: Handoff
) -> None:
    end(handoff, mia)

    page = page_of(mia, handoff)

    assert page.text(".answers.soft") == f"{sentence} You can view it but not answer it."
    late_entry = [f"/handoffs/{handoff.pk}/attempt/"] if end is expire else []
    assert page.values("form[action^='/handoffs/']", "action") == late_entry


def test_former_owner_sees_the_lead_after_changing_teams(
    manager: User, mia: User, jon: User, team: Team, handoff: Handoff
) -> None:
    join(team, jon)
    reassign_to(handoff, jon, by=manager)
    leave(mia)

    page = page_of(mia, handoff)

    assert page.text(".answers.soft") == (
        "You had this lead until Nov 2, 2026. It is with Jon Bell now. "
        "You can view it but not answer it."
    )
    assert page.values("form[action^='/handoffs/']", "action") == [
        f"/handoffs/{handoff.pk}/attempt/"
    ]


def test_teammate_sees_why_a_lead_is_read_only(jon: User, team: Team, handoff: Handoff) -> None:
    join(team, jon)

    assert (
        read_only_reason(jon, handoff)
        == "It is with Mia Hoffmann now. You can view it but not answer it."
    )


def test_read_only_reason_is_shown_only_to_reps_who_cannot_answer(
    mia: User, handoff: Handoff
) -> None:
    assert "You can view it" not in page_of(mia, handoff).html
    assert "You can view it" not in page_of(make_person(Role.LEADER), handoff).html


def test_day_is_in_the_readers_time_zone(mia: User, handoff: Handoff) -> None:
    before_midnight = MONDAY_9AM + timedelta(hours=14, minutes=30)
    reject_handoff(handoff_id=handoff.pk, reason_code="bad_timing", by=mia, at=before_midnight)

    assert read_only_reason(mia, handoff).startswith("You had this lead until Nov 3, 2026.")


def test_inbox_pane_shows_the_read_only_reason(mia: User, handoff: Handoff) -> None:
    reject(handoff, mia)

    assert read_only_reason(mia, handoff, **htmx("work")) == read_only_reason(mia, handoff)


def test_former_lead_is_hidden_from_teammates(
    jon: User, mia: User, team: Team, handoff: Handoff
) -> None:
    join(team, jon)
    reject(handoff, mia)

    assert status_of(jon, handoff) == 404


def test_manager_sees_former_leads_of_the_team(manager: User, mia: User, handoff: Handoff) -> None:
    reject(handoff, mia)
    leave(mia)
    other = make_person(Role.SALES_MANAGER)
    make_team(make_rep(), manager=other)

    assert (
        read_only_reason(manager, handoff)
        == "It is with Marketing now. You can view it but not answer it."
    )
    assert status_of(other, handoff) == 404


def test_former_manager_sees_leads_they_answered(
    manager: User, mia: User, team: Team, handoff: Handoff
) -> None:
    reject(handoff, manager)
    other = make_person(Role.SALES_MANAGER)
    Team.objects.filter(pk=team.pk).update(manager=other)

    assert status_of(manager, handoff) == 200
    assert status_of(other, handoff) == 200


def test_user_without_role_or_inactive_sees_nothing(mia: User, handoff: Handoff) -> None:
    reject(handoff, mia)
    mia.groups.clear()
    assert status_of(mia, handoff) == 404

    client = signed_in_as(mia)
    User.objects.filter(pk=mia.pk).update(is_active=False)
    assert client.get(f"/leads/{handoff.lead_id}/")["Location"].startswith("/sign-in/")


ANSWERS = {
    "accept": {},
    "reject": {"reason": "bad_timing"},
    "cannot-evaluate": {"missing": "contact.has_phone"},
    "attempt": {"channel": "call", "outcome": "reached", "occurred_at": "2026-11-02T10:06"},
    "advance": {"to": "sql"},
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_former_owner_cannot_answer(
    answer: str, manager: User, mia: User, jon: User, team: Team, handoff: Handoff
) -> None:
    join(team, jon)
    reassigned = reassign_to(handoff, jon, by=manager)
    before = state_of(handoff)

    theirs = answered(mia, reassigned, answer)
    own = answered(mia, handoff, answer)

    assert messages_of(theirs) == ["It is with Jon Bell now. You can view it but not answer it."]
    assert messages_of(own) == [
        "This lead was already withdrawn on Nov 2, 2026, 10:05 AM. It is with Jon Bell now."
    ]
    assert state_of(handoff) == before


def test_former_owner_logs_an_attempt_made_before(
    manager: User, mia: User, jon: User, team: Team, handoff: Handoff
) -> None:
    join(team, jon)
    reassign_to(handoff, jon, by=manager)

    response = signed_in_as(mia).post(
        f"/handoffs/{handoff.pk}/attempt/",
        {"channel": "call", "outcome": "reached", "occurred_at": "2026-11-02T10:03"},
        follow=True,
    )

    assert messages_of(response) == ["Attempt logged."]
    handoff.refresh_from_db()
    assert handoff.first_contact_at == LATER - timedelta(minutes=2)


def answered(user: User, handoff: Handoff, answer: str) -> Any:
    return signed_in_as(user).post(
        f"/handoffs/{handoff.pk}/{answer}/", ANSWERS[answer], follow=True
    )


def test_stale_page_of_a_returned_lead_shows_the_current_holder(
    manager: User, mia: User, jon: User, team: Team, handoff: Handoff
) -> None:
    join(team, jon)
    reassigned = reassign_to(handoff, jon, by=manager)
    reassign(handoff_id=reassigned.pk, to=mia, by=manager, at=LATER, although_had_it=True)

    response = answered(mia, handoff, "advance")

    assert messages_of(response) == [
        "This lead was already withdrawn on Nov 2, 2026, 10:05 AM. It is assigned to you."
    ]


def test_holder_is_hidden_from_readers_without_access(
    manager: User, mia: User, jon: User, handoff: Handoff
) -> None:
    join(make_team(jon, manager=make_person(Role.SALES_MANAGER)), mia)
    other_team = jon.teams.get()
    Handoff.objects.filter(pk=handoff.pk).update(team=other_team)
    assert other_team.manager is not None
    reassign_to(handoff, jon, by=other_team.manager)

    response = answered(manager, handoff, "accept")

    assert messages_of(response) == ["This lead was already withdrawn on Nov 2, 2026, 9:05 AM."]


def state_of(handoff: Handoff) -> tuple[list[str], int]:
    states = Handoff.objects.filter(lead=handoff.lead_id).order_by("pk").values_list("state")
    return [state for (state,) in states], LeadEvent.objects.count()


def test_lead_page_after_a_rejection_shows_what_happened_next(mia: User, handoff: Handoff) -> None:
    response = answered(mia, handoff, "reject")

    assert response.redirect_chain == [(f"/leads/{handoff.lead_id}/", 302)]
    assert messages_of(response) == [f"Rejected {handoff.lead.contact} (Bad timing)."]


def test_list_shows_current_leads_and_search_finds_former_ones(
    mia: User, jon: User, team: Team, handoff: Handoff
) -> None:
    kept = make_handoff(name="Ann Kept")
    reject(handoff, mia)
    leave(jon)

    assert listed(mia) == ["Ann Kept"]
    assert listed(mia, "ann") == ["Ann Kept", "Ann Example"]
    assert listed(mia, " ") == ["Ann Kept"]
    assert listed(jon, "ann") == []
    assert owner_of(kept) == mia


def test_previously_mine_lists_answered_leads_of_others(
    mia: User, jon: User, team: Team, handoff: Handoff
) -> None:
    accepted, returned = make_handoff(name="Ann Kept"), make_handoff(name="Ann Sent")
    accept_handoff(handoff_id=accepted.pk, by=mia, at=LATER)
    return_lead(returned, mia)
    reject(handoff, mia)

    assert listed(mia, owner="before") == ["Ann Sent", "Ann Example"]
    assert listed(mia, "sent", owner="before") == ["Ann Sent"]
    assert listed(mia, owner="before", stage="engaged") == ["Ann Sent"]
    assert listed(jon, owner="before") == []


def listed(user: User, words: str = "", **filters: str) -> list[str]:
    sent = {"q": words} if words else {}
    page = page_at("/leads/", user, data={**sent, **filters})
    return page.texts("[data-key-focus]")


def test_export_of_a_search_matches_the_list(mia: User, handoff: Handoff) -> None:
    reject(handoff, mia)
    client = signed_in_as(mia)

    matching = client.get("/leads/export.csv?q=ann").getvalue().decode("utf-8-sig")
    everything = client.get("/leads/export.csv").getvalue().decode("utf-8-sig")

    assert "Ann Example" in matching
    assert "Ann Example" not in everything


def test_drilldown_links_former_leads(mia: User, jon: User, handoff: Handoff) -> None:
    reject(handoff, mia)
    leave(jon)
    follow_log(at=LATER)
    path = reverse("reporting:leads") + "?metric=leads&from=2026-11-01&to=2026-11-03"

    theirs, others = page_at(path, mia), page_at(path, jon)

    link = f'main [href="/leads/{handoff.lead_id}/"]'
    assert theirs.texts(link) == ["Ann Example"]
    assert others.texts("main tbody th") == [f"Lead {handoff.lead_id}"]
    assert not others.has(link)
    assert "Ann Example" not in others.html


def test_other_leads_of_a_contact_are_linked_for_former_owners(
    mia: User, jon: User, team: Team
) -> None:
    first = make_handoff(email="ann@company.example")
    reject(first, mia, reason="duplicate")
    join(team, jon)
    second = make_handoff(email="ann@company.example", at=LATER)
    again = Lead.objects.get(pk=second.lead_id)
    assert again.pk != first.lead_id

    assert page_of(mia, second).links(".other-leads a") == [f"/leads/{first.lead_id}/"]
    assert not page_of(jon, second).has(".other-leads")
