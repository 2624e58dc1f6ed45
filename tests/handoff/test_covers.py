"""N-08: a colleague covers for a rep who is away: hears new requests, answers and logs attempts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from core.invariants import Violation
from handoff.answers.accept import accept_handoff
from handoff.answers.attempts import log_attempt
from handoff.clock_kinds import NEW_REQUEST
from handoff.departures import reassign_leads_of
from handoff.escalation.sweep import sweep
from handoff.invariants import CHECKS
from handoff.locking import HandoffNotFound
from handoff.models import Attempt, Handoff
from leads.models import EventKind, Lead, LeadEvent, LeadType
from people.models import Absence, Membership, Notice, User
from people.notices import recent_groups
from people.roles import Role
from tests.factories import (
    make_handoff,
    make_person,
    make_pool,
    make_receipt,
    make_rep,
    request_again,
)
from tests.handoff.factories import clock_of
from tests.pages import page_at
from tests.people.factories import FULL_DAY, MONDAY_9AM, make_calendar
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
AGAIN = MONDAY_9AM + 9 * DAY


@pytest.fixture
def manager() -> User:
    return make_person(Role.SALES_MANAGER, "Tom")


@pytest.fixture
def ana() -> User:
    return make_rep("Ana")


@pytest.fixture
def ben(ana: User, manager: User) -> User:
    """Return a rep who joins the pool of Ana after she got the lead."""
    return make_rep("Ben", calendar=make_calendar(FULL_DAY, days=range(7)))


@pytest.fixture
def offered(ana: User, ben: User, manager: User) -> Handoff:
    pool = make_pool(ana, manager=manager)
    handoff = make_handoff()
    Membership.objects.create(team=pool, user=ben)
    return handoff


@pytest.fixture
def worked(offered: Handoff, ana: User) -> Handoff:
    """Return a handoff that Ana accepted and called."""
    accept_handoff(handoff_id=offered.pk, by=ana, at=MONDAY_9AM)
    return call(offered, by=ana, at=MONDAY_9AM)


def call(handoff: Handoff, *, by: User, at: datetime) -> Handoff:
    return log_attempt(
        handoff_id=handoff.pk,
        by=by,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=at,
        at=at,
    )


def away(user: User, cover: User | None = None, *, reassigns_leads: bool = False) -> Absence:
    return Absence.objects.create(
        user=user,
        starts_at=AGAIN - DAY,
        ends_at=AGAIN + 3 * DAY,
        cover=cover,
        reassigns_leads=reassigns_leads,
    )


def heard(kind: str = "new_request") -> list[tuple[str, str]]:
    notices = Notice.objects.filter(kind=kind).order_by("pk")
    return [(str(notice.recipient), notice.subject) for notice in notices]


def violations() -> dict[str, list[Violation]]:
    checked = {name: list(check(AGAIN)) for name, check in CHECKS.items()}
    return {name: rows for name, rows in checked.items() if rows}


def test_cover_hears_the_request_in_place_of_the_manager(
    worked: Handoff, ana: User, ben: User
) -> None:
    away(ana, ben)

    request_again(worked.lead, at=AGAIN)

    assert heard() == [("Ben", "A lead of Ana sent a new request")]
    body = Notice.objects.get(kind="new_request").body
    assert body == "Demo request. You cover for Ana. Contact them and log the attempt."
    event = LeadEvent.objects.get(kind=EventKind.NEW_REQUEST)
    assert (event.payload["user"], event.payload["cover"]) == (ana.pk, ben.pk)
    assert Lead.objects.get().owner == ana
    assert violations() == {}


def test_clock_of_the_request_runs_in_the_hours_of_the_cover(
    worked: Handoff, ana: User, ben: User
) -> None:
    """Saturday evening: Ana works on weekdays, Ben every day around the clock."""
    saturday = MONDAY_9AM + 12 * DAY + 10 * HOUR
    Absence.objects.create(
        user=ana, starts_at=saturday - DAY, ends_at=saturday + 9 * DAY, cover=ben
    )

    request_again(worked.lead, at=saturday)

    clock = clock_of(worked, NEW_REQUEST.code)
    assert clock.calendar_id == ben.calendar.current_edition_id  # type: ignore[union-attr]


@pytest.mark.parametrize("why", ["no cover", "away, too", "not yet", "other team"])
def test_manager_hears_the_request_without_an_available_cover(
    why: str, worked: Handoff, ana: User, ben: User
) -> None:
    absence = away(ana, None if why == "no cover" else ben)
    if why == "away, too":
        away(ben)
    if why == "other team":
        Membership.objects.filter(user=ben).delete()
    at = absence.starts_at - HOUR if why == "not yet" else AGAIN

    request_again(worked.lead, at=at)

    expected = ("Ana", "One of your leads sent a new request")
    if why != "not yet":
        expected = ("Tom", "A lead of Ana sent a new request")
    assert heard() == [expected]
    assert "cover" not in LeadEvent.objects.get(kind=EventKind.NEW_REQUEST).payload


def test_attempt_of_the_cover_meets_the_clock_and_counts_for_the_cover(
    worked: Handoff, ana: User, ben: User
) -> None:
    away(ana, ben)
    request_again(worked.lead, at=AGAIN)

    call(worked, by=ben, at=AGAIN + 10 * MINUTE)

    clock = clock_of(worked, NEW_REQUEST.code)
    assert (clock.stopped_at, clock.breached_at) == (AGAIN + 10 * MINUTE, None)
    assert Attempt.objects.latest("pk").by == ben
    assert LeadEvent.objects.filter(kind=EventKind.ATTEMPTED).latest("pk").actor == ben
    assert Lead.objects.get().owner == ana


def test_cover_answers_what_was_offered_to_the_rep(offered: Handoff, ana: User, ben: User) -> None:
    away(ana, ben)

    accept_handoff(handoff_id=offered.pk, by=ben, at=AGAIN)

    offered.refresh_from_db()
    assert (offered.owner, offered.answered_by) == (ana, ben)
    assert offered.lead.owner == ana
    assert violations() == {}


@pytest.mark.parametrize("days", [-2, 3])
def test_cover_works_the_leads_only_during_the_time_off(
    days: int, worked: Handoff, ana: User, ben: User
) -> None:
    away(ana, ben)

    with pytest.raises(HandoffNotFound):
        call(worked, by=ben, at=AGAIN + days * DAY)
    assert worked.attempts.count() == 1


def test_cover_is_warned_of_a_deadline(worked: Handoff, ana: User, ben: User) -> None:
    away(ana, ben)
    request_again(worked.lead, at=AGAIN)
    clock = clock_of(worked, NEW_REQUEST.code)

    sweep(at=clock.warn_at)
    assert [name for name, _ in heard("clock_warned")] == ["Ben"]
    sweep(at=clock.due_at)
    assert sorted(name for name, _ in heard("clock_breached")) == ["Ana", "Ben", "Tom"]


def test_long_time_off_offers_the_leads_to_the_cover_first(
    worked: Handoff, ana: User, ben: User, manager: User
) -> None:
    make_pool(ana, ben, make_rep("Cleo"), manager=manager, name="Others")
    away(ana, ben, reassigns_leads=True)

    reassign_leads_of(ana, at=AGAIN)

    current = Handoff.objects.open().get()
    assert (current.owner, current.previous) == (ben, worked)
    assert current.decision is not None
    assert current.decision.because == "Ana is away. Assigned to Ben, who covers for them."
    assert heard("leads_reassigned") == [("Tom", "1 lead was reassigned: Ana is away")]
    assert violations() == {}


def test_cover_who_declined_the_lead_is_not_asked(worked: Handoff, ana: User, ben: User) -> None:
    away(ana, ben, reassigns_leads=True)
    Handoff.objects.create(
        lead=worked.lead,
        owner=ben,
        policy=worked.policy,
        state=Handoff.State.EXPIRED,
        offered_at=MONDAY_9AM,
        closed_at=MONDAY_9AM,
    )

    reassign_leads_of(ana, at=AGAIN)

    assert Handoff.objects.open().get().owner != ben


@pytest.mark.parametrize("name", ["Tom", "Ben"])
def test_cover_costs_no_statement_more_than_a_manager(
    name: str, worked: Handoff, ana: User, ben: User
) -> None:
    away(ana, ben)
    by = User.objects.get(name=name)

    with exactly_statements(7):
        request_again(worked.lead, at=AGAIN)
    with exactly_statements(7):
        call(worked, by=by, at=AGAIN + 10 * MINUTE)


def test_timeline_says_who_covered(worked: Handoff, ana: User, ben: User) -> None:
    away(ana, ben)
    request_again(worked.lead, at=AGAIN)

    page = page_at(worked.lead.get_absolute_url(), ben)

    assert "Demo request. Ben covers for Ana." in page.text("main")


def become_hot(lead: Lead, *, at: datetime) -> None:
    """Let a touch that is not a new request make the lead hot."""
    Lead.objects.filter(pk=lead.pk).update(temperature="warm")
    LeadType.objects.filter(code="download").update(temperature="hot")
    make_receipt(at=at, email=lead.contact.email, kind="content_download", lead_type="download")


@pytest.mark.parametrize("covers", [True, False])
def test_cover_hears_that_a_lead_became_hot(
    covers: bool, worked: Handoff, ana: User, ben: User
) -> None:
    away(ana, ben if covers else None)

    become_hot(worked.lead, at=AGAIN)

    assert heard("became_hot") == [
        ("Ben", "A lead of Ana became hot") if covers else ("Ana", "One of your leads became hot")
    ]
    assert ("You cover for Ana." in Notice.objects.get(kind="became_hot").body) is covers


@pytest.mark.parametrize("kind", ["became_hot", "clock_warned"])
def test_notice_to_the_cover_is_past_once_the_time_off_ends(
    kind: str, worked: Handoff, ana: User, ben: User
) -> None:
    absence = away(ana, ben)
    become_hot(worked.lead, at=AGAIN)
    request_again(worked.lead, at=AGAIN)
    clock = clock_of(worked, NEW_REQUEST.code)
    sweep(at=clock.warn_at)

    def is_current(at: datetime) -> bool:
        groups = recent_groups(ben, at=at)
        return any(notice.kind == kind for group in groups for notice in group.current)

    assert is_current(clock.warn_at)
    absence.ends_at = clock.warn_at
    absence.save()
    assert not is_current(clock.warn_at)
