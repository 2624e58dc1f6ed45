"""A won deal is reversed with a reason: an opportunity again, or lost. The log keeps both."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import ProgrammingError, transaction

from core.errors import Refused
from core.invariants import Check
from handoff.answers.accept import accept_handoff
from handoff.answers.advance import advance_lead
from handoff.answers.attempts import log_attempt
from handoff.invariants import CHECKS
from handoff.models import Attempt, Handoff, ReversalReason, SlaClock
from handoff.reversal import reverse_won
from leads.models import EventKind, Lead, LeadEvent
from leads.stages import Stage
from people.models import Team, User
from people.roles import Role
from tests.factories import make_handoff, make_lead, make_person, make_pool, make_rep
from tests.handoff.test_lost_leads import advance, call
from tests.pages import Page, messages_of, page_at, signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(minutes=5)
NEXT_DAY = MONDAY_9AM + timedelta(days=1)


@pytest.fixture
def mia() -> User:
    mia = make_rep("Mia Hoffmann")
    make_pool(mia)
    return mia


@pytest.fixture
def manager(mia: User) -> User:
    manager = make_person(Role.SALES_MANAGER, "Sam Berger")
    Team.objects.filter(memberships__user=mia).update(manager=manager)
    return manager


def won(rep: User, *, is_contacted: bool = True) -> Handoff:
    handoff = accept_handoff(handoff_id=make_handoff().pk, by=rep, at=LATER)
    if is_contacted:
        call(handoff, rep)
    advance(handoff, Stage.SQL, Stage.OPPORTUNITY, Stage.WON)
    return handoff


def reverse(handoff: Handoff, by: User, to: Stage = Stage.OPPORTUNITY, reason: str = "") -> None:
    reverse_won(
        lead_id=handoff.lead_id,
        to=to,
        reason_code=reason or "not_signed",
        by=by,
        at=NEXT_DAY,
    )


def violations() -> list[object]:
    checks: list[Check] = list(CHECKS.values())
    return [violation for check in checks for violation in check(NEXT_DAY)]


def test_reversed_deal_is_an_opportunity_of_its_rep_again(mia: User, manager: User) -> None:
    handoff = won(mia)

    reverse(handoff, manager)

    handoff = Handoff.objects.select_related("lead").get(pk=handoff.pk)
    assert (handoff.is_open, handoff.state, handoff.owner) == (True, "accepted", mia)
    lead = handoff.lead
    assert (lead.stage, lead.closed_at, lead.owner_id) == ("opportunity", None, mia.pk)
    event = LeadEvent.objects.filter(kind=EventKind.STAGE_CHANGED).latest("pk")
    assert (event.from_stage, event.to_stage, event.actor_id) == ("won", "opportunity", manager.pk)
    assert event.payload == {"why": "reversed", "reason": "not_signed"}
    assert violations() == []
    advance_lead(handoff_id=handoff.pk, to=Stage.WON, by=mia, at=NEXT_DAY)
    assert Lead.objects.get(pk=lead.pk).stage == "won"


def test_deal_reversed_as_lost_stays_closed(mia: User, manager: User) -> None:
    handoff = won(mia)

    reverse(handoff, manager, Stage.LOST, "withdrawn")

    handoff.refresh_from_db()
    lead = Lead.objects.get(pk=handoff.lead_id)
    assert (lead.stage, lead.closed_at, handoff.is_open) == ("lost", NEXT_DAY, False)
    assert violations() == []


def test_missed_first_contact_is_owed_again_and_stays_missed(mia: User, manager: User) -> None:
    handoff = won(mia, is_contacted=False)

    reverse(handoff, manager)

    assert violations() == []
    log_attempt(
        handoff_id=handoff.pk,
        by=mia,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=NEXT_DAY,
        at=NEXT_DAY,
    )
    clock = SlaClock.objects.get(handoff=handoff, kind="first_contact")
    assert (clock.is_met, clock.stopped_at) == (False, NEXT_DAY)


def test_deal_of_a_rep_who_left_goes_to_another(mia: User, manager: User) -> None:
    handoff = won(mia)
    colleague = make_rep("Ben Adler")
    Team.objects.get(memberships__user=mia).memberships.create(user=colleague)
    User.objects.filter(pk=mia.pk).update(is_active=False)

    reverse(handoff, manager)

    assert Lead.objects.get(pk=handoff.lead_id).owner == colleague
    assert violations() == []


def test_deal_with_a_newer_open_lead_is_reversed_as_lost_only(mia: User, manager: User) -> None:
    handoff = won(mia)
    contact = handoff.lead.contact
    make_lead(email=contact.email, at=LATER)

    with pytest.raises(Refused, match="newer open lead"):
        reverse(handoff, manager)

    assert Lead.objects.get(pk=handoff.lead_id).stage == "won"
    reverse(handoff, manager, Stage.LOST)
    assert Lead.objects.get(pk=handoff.lead_id).stage == "lost"


def test_imported_deal_is_reversed_as_lost_only() -> None:
    lead = make_lead()
    Lead.objects.filter(pk=lead.pk).update(stage="won", closed_at=LATER)
    Handoff.objects.filter(lead=lead).update(state="withdrawn", closed_at=LATER)
    operations = make_person(Role.OPERATIONS)

    with pytest.raises(Refused, match="No rep had this deal here"):
        reverse_won(
            lead_id=lead.pk,
            to=Stage.OPPORTUNITY,
            reason_code="not_signed",
            by=operations,
            at=NEXT_DAY,
        )

    assert Lead.objects.get(pk=lead.pk).stage == "won"


@pytest.mark.parametrize("reason", ["no_such_reason", "retired"])
def test_deal_is_not_reversed_without_an_active_reason(
    mia: User, manager: User, reason: str
) -> None:
    ReversalReason.objects.create(code="retired", label="Retired", is_active=False)
    handoff = won(mia)

    with pytest.raises(Refused, match="Choose the reason"):
        reverse(handoff, manager, reason=reason)

    assert Lead.objects.get(pk=handoff.lead_id).stage == "won"


def test_only_a_won_deal_is_reversed(mia: User, manager: User) -> None:
    handoff = won(mia)
    reverse(handoff, manager, Stage.LOST)
    events = LeadEvent.objects.count()

    with pytest.raises(Refused, match="Only a won deal"):
        reverse(handoff, manager)

    assert LeadEvent.objects.count() == events


def test_rep_and_other_manager_may_not_reverse(mia: User, manager: User) -> None:
    handoff = won(mia)

    for user in (mia, make_person(Role.SALES_MANAGER), make_person(Role.LEADER)):
        with pytest.raises(Refused, match="may not reverse"):
            reverse(handoff, user)

    assert not page_at(f"/leads/{handoff.lead_id}/", mia).has("[action$='/reverse/']")


def test_manager_reverses_a_deal_on_its_page(mia: User, manager: User) -> None:
    handoff = won(mia)
    client, address = signed_in_as(manager), f"/leads/{handoff.lead_id}/reverse/"

    refused = Page(client.post(address, {"to": "lost", "reason": ""}))
    done = client.post(address, {"to": "lost", "reason": "withdrawn"}, follow=True)

    assert refused.status == 422
    assert refused.texts(".field-error") == ["Choose the reason why the deal is reversed."]
    assert messages_of(done) == ["Deal reversed. It is lost now."]
    again = client.post(address, {"to": "lost", "reason": "withdrawn"}, follow=True)
    assert messages_of(again) == ["This deal is not won, so there is nothing to reverse."]
    assert "Won deal reversed as lost · Sam Berger The customer withdrew from the contract" in Page(
        done
    ).texts(".timeline-what")


def test_one_reversal_reason_stays_active_and_none_is_deleted() -> None:
    keep = ReversalReason.objects.order_by("pk")[0]
    ReversalReason.objects.exclude(pk=keep.pk).update(is_active=False)
    keep.is_active = False

    with pytest.raises(ValidationError, match="At least one reason must stay active"):
        keep.full_clean()
    with pytest.raises(ProgrammingError), transaction.atomic():
        keep.delete()
