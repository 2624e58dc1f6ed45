"""`check_invariants` finds each kind of violation."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

import core.invariants
from core.invariants import Check, Violation, progress_to
from core.unit_of_work import UnitOfWork, reserve_ids
from handoff.answers.accept import accept_handoff
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.invariants.notices import sent_notices_were_true
from handoff.invariants.returned_leads import returned_leads_are_offered_for_a_reason
from handoff.marketing_actions import send_to_sales, set_wake_date
from handoff.models import Handoff, SlaClock, SlaTarget
from handoff.notice_kinds import RETURNED
from handoff.offers import Offer, offer
from handoff.pipeline import receive
from handoff.resurfacing import resurface_leads
from handoff.sla.policy import policy_of
from intake.normalize import Vocabulary, normalize
from intake.repairs import repair_values
from leads.configuration import configuration
from leads.corrections import correct
from leads.invariants import (
    consent_is_the_latest_statement,
    phone_numbers_join_only_equal_names,
    scores_add_up,
    stages_match_the_log,
)
from leads.models import Campaign, Contact, Lead, LeadScore, Touch
from people.models import Absence, Membership, Notice, Team
from people.notices import deliver_notices
from people.roles import Role
from reporting.facts import lead_sets
from reporting.invariants import figures_equal_a_recount, frozen_dimensions_do_not_move
from reporting.management.commands.check_invariants import CLEAR
from reporting.models import HandoffMilestones, LeadMilestones
from reporting.rollups import prove
from reporting.rollups.build import LEAD_ROLLUP
from reporting.rollups.refresh import follow_log
from tests.factories import (
    make_handoff,
    make_handoff_to,
    make_lead,
    make_person,
    make_pool,
    make_receipt,
    make_rep,
    make_touch,
    owner_of,
    route_everything_to,
)
from tests.people.factories import MONDAY_9AM, make_team
from tests.reporting.rollups import counts_of, set_count

pytestmark = pytest.mark.django_db


def checked() -> tuple[int, dict[str, Any]]:
    out = StringIO()
    code: Any = 0
    try:
        call_command("check_invariants", "--json", stdout=out)
    except SystemExit as ended:
        code = ended.code
    return code, json.loads(out.getvalue())


def violations() -> list[str]:
    code, report = checked()
    assert code == (1 if report["violations"] else 0)
    assert report["holds"] == (code == 0)
    return [f"{violation['subject']}: {violation['says']}" for violation in report["violations"]]


def test_offer_and_answer_violate_nothing() -> None:
    rep = make_rep()
    make_pool(rep)
    assert violations() == []

    first, _ = make_handoff(), make_handoff()
    assert violations() == []

    accept_handoff(handoff_id=first.pk, by=rep, at=MONDAY_9AM + timedelta(hours=1))
    assert violations() == []


def test_all_checks_are_listed() -> None:
    _, report = checked()

    assert len(report["checks"]) == 30
    assert "every SLA target that is owed has a running clock" in report["checks"]


def test_terminal_shows_what_is_being_checked() -> None:
    make_pool(make_rep())
    make_handoff()
    terminal = StringIO()
    terminal.isatty = lambda: True  # type: ignore[method-assign]

    call_command("check_invariants", stdout=StringIO(), stderr=terminal)

    steps = [text.removeprefix(CLEAR) for text in terminal.getvalue().split("\r")]
    assert "every figure is what a recount gives: 50%" in steps
    assert "every figure is what a recount gives: 100%" in steps
    assert steps[-1] == ""


def test_inactive_owner_is_found() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()
    rep.is_active = False
    rep.save()

    assert violations() == []
    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        later = violations()
    assert later == [
        f"lead {handoff.lead_id}: it is with user {rep.pk}, who has left",
        f"handoff {handoff.pk}: it is with user {rep.pk}, who left",
    ]


def test_owner_without_the_role_is_found() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()
    rep.groups.clear()

    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        later = violations()
    assert later == [
        f"lead {handoff.lead_id}: it is with user {rep.pk}, who has left",
        f"handoff {handoff.pk}: it is with user {rep.pk}, who left",
    ]


def test_queue_without_members_is_found() -> None:
    rep = make_rep()
    team = make_pool(rep)
    handoff = make_handoff()
    Lead.objects.filter(pk=handoff.lead_id).update(owner=None, queue=team)
    type(handoff).objects.filter(pk=handoff.pk).update(owner=None, queue=team)
    assert violations() == []

    Membership.objects.filter(team=team).delete()

    assert violations() == [
        f"team {team.pk}: 1 lead waits there, but no one works in it",
        f"team {team.pk}: 1 offer waits there, but no one may answer them",
    ]


def test_queue_whose_members_may_not_answer_is_found() -> None:
    rep = make_rep()
    team = make_pool(rep)
    handoff = make_handoff()
    Lead.objects.filter(pk=handoff.lead_id).update(owner=None, queue=team)
    type(handoff).objects.filter(pk=handoff.pk).update(owner=None, queue=team)

    rep.groups.set([Group.objects.get(name=Role.MARKETER.label)])

    assert violations() == [
        f"team {team.pk}: 1 lead waits there, but no one works in it",
        f"team {team.pk}: 1 offer waits there, but no one may answer them",
    ]


def test_unqualified_lead_may_wait_with_marketing() -> None:
    lead = make_lead(kind="site_visit", lead_type="low_intent", seniority="staff", employees=3)
    marketing = Team.objects.get(name="Marketing")
    assert lead.queue == marketing
    assert violations() == [f"team {marketing.pk}: 1 lead waits there, but no one works in it"]

    Membership.objects.create(team=marketing, user=make_person(Role.MARKETER))

    assert violations() == []


def test_handoff_and_lead_with_different_owners_are_found() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    Lead.objects.filter(pk=handoff.lead_id).update(owner=make_rep())

    assert violations() == [
        f"handoff {handoff.pk}: it and lead {handoff.lead_id} have different owners"
    ]


def test_open_handoff_of_a_closed_lead_is_found() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    Lead.objects.update(stage="won", closed_at=MONDAY_9AM)

    assert f"handoff {handoff.pk}: it is open, and lead {handoff.lead_id} is closed" in violations()


def test_waiting_lead_while_a_rep_is_free_is_found() -> None:
    rep = make_rep()
    pool, queue = make_team(rep), make_team(make_rep())
    Membership.objects.filter(user=rep).update(capacity=0)
    route_everything_to(pool, when_nobody="queue", fallback_queue=queue)
    handoff = make_handoff()
    assert violations() == []

    Membership.objects.filter(user=rep).update(capacity=1)
    assert violations() == []  # The job has a minute to see it.

    with time_machine.travel(timezone.now() + timedelta(minutes=2)):
        assert violations() == [
            f"lead {handoff.lead_id}: it waits in a queue, and user {rep.pk} is free"
        ]


def test_sla_without_a_running_clock_is_found() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    clock = SlaClock.objects.filter(handoff=handoff, kind="answer")
    clock.update(stopped_at=MONDAY_9AM, next_action_at=None)

    assert f"handoff {handoff.pk}: its response SLA has no running clock" in violations()


def test_handoff_that_is_due_at_another_time_than_its_clocks_is_found() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    assert violations() == []

    for due_at in (MONDAY_9AM, None):
        Handoff.objects.update(due_at=due_at)
        assert violations() == [f"handoff {handoff.pk}: it is not due with the first of its clocks"]


def test_unbalanced_round_robin_is_found() -> None:
    team = make_pool(make_rep(), make_rep())
    make_handoff()
    assert violations() == []
    balance = Membership.objects.filter(team=team)
    balance.filter(pk=balance.order_by("pk")[0].pk).update(balance=5)
    sum_ = sum(balance.values_list("balance", flat=True))

    assert violations() == [
        f"team {team.pk}: its round robin balances add up to {sum_}, not to zero"
    ]


def test_score_unlike_its_breakdown_is_found() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    points = LeadScore.objects.get(lead=handoff.lead_id).total
    Lead.objects.filter(pk=handoff.lead_id).update(score=1)

    assert violations() == [
        f"lead {handoff.lead_id}: the score is 1, but its breakdown adds up to {points}"
    ]


def test_stage_unlike_the_log_is_found() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    Lead.objects.filter(pk=handoff.lead_id).update(stage="sql")

    assert violations() == [f"lead {handoff.lead_id}: the stage is sql, but the log says mql"]


def test_wrong_figure_is_found_and_not_changed() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    follow_log(at=MONDAY_9AM)
    set_count(LEAD_ROLLUP, "mql", 9)

    assert violations() == ["figures of leads, 2026-11-02: 1 rows differ"]

    assert counts_of(LEAD_ROLLUP)["mql"] == 9
    assert LeadMilestones.objects.get().lead_id == handoff.lead_id


def returned(*, at: datetime = MONDAY_9AM, reason: str = "bad_timing", **fields: Any) -> Handoff:
    """Make a lead that sales rejects for half a year."""
    rep = make_rep()
    make_pool(rep, make_rep())
    handoff = make_handoff_to(rep, at=at, **fields)
    reject_handoff(handoff_id=handoff.pk, reason_code=reason, by=rep, at=at + timedelta(hours=1))
    return handoff


def offer_again(lead: Lead, *, at: datetime) -> int:
    work, handoff_id = UnitOfWork(), reserve_ids(Handoff, 1)[0]
    policy_id = Handoff.objects.values_list("policy", flat=True)[0]
    to = Offer(handoff_id=handoff_id, owner_id=make_rep().pk, team_id=None, edition_id=None)
    offer(work, Lead.objects.get(pk=lead.pk), to, policy_of(policy_id), at=at)
    work.write()
    return handoff_id


def test_returned_lead_that_was_offered_for_no_reason_is_found() -> None:
    lead = returned(email="ann@first.example").lead
    at = MONDAY_9AM + timedelta(days=1)
    receive(make_touch(email="ann@first.example", kind="site_visit", lead_type=""), at=at, via="t")
    assert not list(returned_leads_are_offered_for_a_reason(at))

    handoff_id = offer_again(lead, at=at)

    assert list(returned_leads_are_offered_for_a_reason(at)) == [
        Violation(
            f"lead {lead.pk}",
            f"sales returned it, and handoff {handoff_id} was opened without a signal, "
            "complete data, its date or an act of marketing",
        )
    ]


def test_date_set_by_marketing_replaces_that_of_the_rejection() -> None:
    lead, marketer = returned().lead, make_person(Role.MARKETER)
    set_wake_date(
        lead_id=lead.pk, day=date(2027, 6, 1), by=marketer, at=MONDAY_9AM + timedelta(days=1)
    )

    offer_again(lead, at=datetime(2027, 5, 31, 9, tzinfo=UTC))

    assert len(list(returned_leads_are_offered_for_a_reason(MONDAY_9AM))) == 1


def test_offers_of_returned_leads_with_a_reason_are_none() -> None:
    marketer, tuesday = make_person(Role.MARKETER), MONDAY_9AM + timedelta(days=1)
    signaled, sent, due = returned(email="ann@first.example"), returned(), returned()
    receive(make_touch(email="ann@first.example", occurred_at=tuesday), at=tuesday, via="test")
    send_to_sales(lead_id=sent.lead_id, why="They called.", by=marketer, at=tuesday)
    missing = make_handoff(industry="", email="eva@second.example")
    mark_cannot_evaluate(
        handoff_id=missing.pk, missing_fields=["company.industry"], by=owner_of(missing), at=tuesday
    )
    again = make_touch(email="eva@second.example", kind="site_visit", lead_type="")
    receive(again, at=tuesday + timedelta(hours=1), via="test")
    resurface_leads(at=datetime(2027, 5, 1, tzinfo=UTC))

    for handoff in (signaled, sent, due, missing):
        assert Handoff.objects.filter(lead=handoff.lead_id).count() == 2
    assert not list(returned_leads_are_offered_for_a_reason(MONDAY_9AM))


def test_person_on_time_off_with_leads_is_found() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()
    at = timezone.now()
    absence = Absence.objects.create(
        user=rep, starts_at=at, ends_at=at + timedelta(days=20), reassigns_leads=True
    )

    with time_machine.travel(at + timedelta(minutes=2)):
        later = violations()
        Absence.objects.filter(pk=absence.pk).update(reassigns_leads=False)
        unless_chosen = violations()

    assert later == [f"lead {handoff.lead_id}: it is with user {rep.pk}, who is away"]
    assert unless_chosen == []


def test_clock_of_another_policy_is_found() -> None:
    make_pool(make_rep())
    handoff = make_handoff()
    other = SlaTarget.objects.exclude(policy=handoff.policy_id).filter(clock="answer")[0]
    SlaClock.objects.filter(handoff=handoff, kind="answer").update(target=other)

    assert violations() == [f"handoff {handoff.pk}: a timer has the target of another policy"]


def test_answer_that_counts_for_someone_else_is_found() -> None:
    rep, other = make_rep(), make_rep()
    make_pool(rep)
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM + timedelta(hours=1))
    Handoff.objects.filter(pk=handoff.pk).update(answered_by=other)

    assert violations() == [
        f"handoff {handoff.pk}: it counts for user {other.pk}, but user {rep.pk} answered it",
        f"user {rep.pk}: answered and rejected are 0 and 0 by the handoffs, "
        "but 1 and 0 in the reports",
        f"user {other.pk}: answered and rejected are 1 and 0 by the handoffs, "
        "but 0 and 0 in the reports",
    ]


FAR_DAY = datetime(2099, 1, 5, 9, tzinfo=UTC)


def test_notice_that_was_sent_too_late_is_found() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff(at=FAR_DAY)
    accept_handoff(handoff_id=handoff.pk, by=rep, at=FAR_DAY + timedelta(hours=1))
    later = FAR_DAY + timedelta(hours=2)
    deliver_notices(at=later)
    assert not list(sent_notices_were_true(later))

    notice = Notice.objects.get(kind="offered")
    Notice.objects.filter(pk=notice.pk).update(read_at=None)

    assert list(sent_notices_were_true(later)) == [
        Violation(f"notice {notice.pk}", "“A hot lead is offered to you” was not true when sent")
    ]


def test_notice_of_a_return_sent_after_the_next_offer_is_found() -> None:
    marketer = make_person(Role.MARKETER)
    Membership.objects.create(team=Team.objects.get(name="Marketing"), user=marketer)
    lead, later = returned(at=FAR_DAY, reason="bad_data").lead, FAR_DAY + timedelta(days=2)
    deliver_notices(at=later)
    assert not list(sent_notices_were_true(later))
    assert Notice.objects.get(kind=RETURNED.code).delivered_at == later

    offer_again(lead, at=FAR_DAY + timedelta(days=1))

    assert len(list(sent_notices_were_true(later))) == 1


def test_consent_unlike_the_latest_statement_is_found() -> None:
    statement: dict[str, Any] = {"email": "ann@first.example", "consent": True}
    make_receipt(at=MONDAY_9AM, **statement)
    make_receipt(at=MONDAY_9AM - timedelta(days=1), **{**statement, "consent": False})
    Contact.objects.update(phone=None)
    assert not list(consent_is_the_latest_statement(MONDAY_9AM))
    contact = Contact.objects.get()

    Contact.objects.update(consent=None)

    assert list(consent_is_the_latest_statement(MONDAY_9AM)) == [
        Violation(f"contact {contact.pk}", "consent is None, but the latest statement is True")
    ]


def test_consent_that_a_person_edited_later_holds() -> None:
    lead = make_lead(at=MONDAY_9AM, consent=True)
    work = UnitOfWork()
    correct(work, lead.contact, {"consent": False}, by_id=None, at=MONDAY_9AM + timedelta(hours=1))
    work.write()

    assert not list(consent_is_the_latest_statement(MONDAY_9AM))


def test_consent_that_a_person_confirmed_later_holds() -> None:
    """A statement from before the confirmation arrives after it."""
    ann: dict[str, Any] = {"email": "ann@first.example"}
    contact = make_lead(at=MONDAY_9AM - timedelta(days=2), **ann, consent=False).contact
    work = UnitOfWork()
    correct(work, contact, {"consent": False}, by_id=make_rep().pk, at=MONDAY_9AM)
    work.write()
    make_receipt(at=MONDAY_9AM - timedelta(days=1), **ann, consent=True)
    assert Contact.objects.get().consent is False

    assert not list(consent_is_the_latest_statement(MONDAY_9AM))
    make_receipt(at=MONDAY_9AM + timedelta(days=1), **ann, consent=True)
    Contact.objects.update(consent=False)

    assert len(list(consent_is_the_latest_statement(MONDAY_9AM))) == 1


def test_two_names_joined_by_phone_number_alone_are_found() -> None:
    by_phone: dict[str, Any] = {"phone": "+493055501", "email": "", "email_is_corporate": None}
    make_receipt(**by_phone, name="Ann Lee")
    make_receipt(**by_phone, name="LEE, Ann", at=MONDAY_9AM + timedelta(hours=1))
    make_receipt(**by_phone, name="Bob Ray")
    assert Contact.objects.count() == 2
    assert not list(phone_numbers_join_only_equal_names(MONDAY_9AM))
    ann, bob = Contact.objects.order_by("pk")
    touch = Touch.objects.get(contact=bob)

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE leads_touch DISABLE TRIGGER USER")
        cursor.execute("UPDATE leads_touch SET contact_id = %s WHERE id = %s", [ann.pk, touch.pk])

    assert list(phone_numbers_join_only_equal_names(MONDAY_9AM)) == [
        Violation(
            f"contact {ann.pk}",
            f"touch {touch.pk} of another name joined it by phone number alone",
        )
    ]


def test_person_with_a_new_name_keeps_the_contact_by_email_address() -> None:
    for name in ("Ann Lee", "Ann Ray"):
        make_receipt(email="ann@first.example", name=name)

    assert Contact.objects.count() == 1
    assert not list(phone_numbers_join_only_equal_names(MONDAY_9AM))


def test_dimension_that_moved_is_found() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM + timedelta(hours=1))
    follow_log(at=MONDAY_9AM)
    assert violations() == []
    LeadMilestones.objects.update(source=None, owner=make_rep())
    HandoffMilestones.objects.update(temperature="cold", user=None)

    moved = violations()[:4]

    assert moved == [
        f"lead {handoff.lead_id}: its source is no longer that of the log",
        f"lead {handoff.lead_id}: its owner is no longer that of the log",
        f"handoff {handoff.pk}: its rep is no longer that of the log",
        f"handoff {handoff.pk}: its temperature is no longer that of the offer",
    ]


@pytest.mark.parametrize(
    ("check", "wrong"),
    [
        (scores_add_up, lambda lead: Lead.objects.filter(pk=lead).update(score=1)),
        (stages_match_the_log, lambda lead: Lead.objects.filter(pk=lead).update(stage="sql")),
        (
            frozen_dimensions_do_not_move,
            lambda lead: LeadMilestones.objects.filter(pk=lead).update(source=None),
        ),
        (
            figures_equal_a_recount,
            lambda lead: LeadMilestones.objects.filter(pk=lead).update(mql_at=None),
        ),
    ],
)
def test_long_checks_find_what_is_wrong_in_any_slice(
    check: Check, wrong: Callable[[int], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.invariants, "MAX_ROWS", 1)
    monkeypatch.setattr(lead_sets, "MAX_LEADS", 1)
    monkeypatch.setattr(prove, "count_new_events", lambda at: 0)
    make_pool(make_rep())
    leads = [make_handoff().lead_id for _ in range(3)]
    follow_log(at=MONDAY_9AM)
    shares: list[float] = []
    with progress_to(shares.append):
        assert not list(check(MONDAY_9AM))
    assert (len(shares) >= 3, shares[-1]) == (True, 1)

    wrong(leads[1])

    assert list(check(MONDAY_9AM))


def test_repair_counts_for_the_touch_that_opened_the_lead() -> None:
    raw = {"email": "ann@a.example", "campaign": "Sprng"}
    touch = normalize(raw, Vocabulary.of(configuration.now()), at=MONDAY_9AM)
    lead_id = receive(touch, at=MONDAY_9AM, via="api").lead_id
    spring, autumn = (
        Campaign.objects.create(code=name.lower(), name=name) for name in ("Spring", "Autumn")
    )
    by = make_person(Role.MARKETER)
    repair_values(field="campaign", value="Sprng", entered="spring", by=by, at=MONDAY_9AM)
    follow_log(at=MONDAY_9AM)
    assert LeadMilestones.objects.get(lead=lead_id).campaign == spring

    earlier = replace(touch, occurred_at=MONDAY_9AM - timedelta(days=4), campaign="autumn")
    receive(earlier, at=MONDAY_9AM, via="api")

    follow_log(at=MONDAY_9AM)
    assert Lead.objects.get(pk=lead_id).campaign == autumn
    assert LeadMilestones.objects.get(lead=lead_id).campaign == autumn
    assert not list(frozen_dimensions_do_not_move(MONDAY_9AM))


def test_repaired_campaign_is_that_of_the_log() -> None:
    vocabulary = Vocabulary.of(configuration.now())
    raw = {"email": "ann@a.example", "campaign": "Sprng"}
    touch = normalize(raw, vocabulary, at=MONDAY_9AM)
    lead_id = receive(touch, at=MONDAY_9AM, via="api").lead_id
    Campaign.objects.create(code="spring", name="Spring")
    by = make_person(Role.MARKETER)

    repair_values(field="campaign", value="Sprng", entered="spring", by=by, at=MONDAY_9AM)

    follow_log(at=MONDAY_9AM)
    assert not list(frozen_dimensions_do_not_move(MONDAY_9AM))
    LeadMilestones.objects.update(campaign=None)
    assert list(frozen_dimensions_do_not_move(MONDAY_9AM)) == [
        Violation(f"lead {lead_id}", "its campaign is no longer that of the log")
    ]
