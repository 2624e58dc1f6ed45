from dataclasses import replace
from datetime import timedelta

import pytest

from handoff.answers.accept import accept_handoff
from handoff.answers.reject import reject_handoff
from handoff.assignment.round_robin import ONE_LEAD
from handoff.clock_kinds import ANSWER, FIRST_CONTACT
from handoff.history import entered
from handoff.locking import HandoffClosed
from handoff.models import (
    Handoff,
    RoutingDecision,
    RoutingRule,
    RuleCondition,
    RuleSet,
    SlaClock,
)
from handoff.pipeline import receive, receive_many
from handoff.routing import publishing
from leads.models import Campaign, Company, Contact, Lead, LeadEvent, LeadScore, Touch
from leads.stages import Stage
from people.models import Membership, Notice
from people.roles import Role
from tests.factories import make_handoff, make_person, make_pool, make_rep, make_touch
from tests.people.factories import MONDAY_9AM, make_team
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db


def test_demo_request_becomes_an_offer_with_both_clocks_running() -> None:
    rep = make_rep()
    make_pool(rep)

    receipt = receive(make_touch(), at=MONDAY_9AM, via="test")

    lead = Lead.objects.get()
    assert (lead.stage, lead.owner, lead.queue) == (Stage.MQL, rep, None)
    assert receipt.lead_id == lead.pk
    assert receipt.is_new
    handoff = Handoff.objects.get()
    assert receipt.handoff_id == handoff.pk
    assert (handoff.state, handoff.owner) == ("offered", rep)
    assert {clock.kind for clock in handoff.clocks.all()} == {ANSWER.code, FIRST_CONTACT.code}
    assert [event.kind for event in LeadEvent.objects.order_by("pk")] == [
        "opened",
        "scored",
        "routed",
        "stage_changed",
        "owner_changed",
        "offered",
    ]
    assert Notice.objects.get().recipient == rep


def test_score_is_the_sum_of_its_breakdown() -> None:
    make_pool()

    receipt = receive(make_touch(), at=MONDAY_9AM, via="test")

    score = LeadScore.objects.get(lead=receipt.lead_id)
    assert score.total == sum(line["points"] for line in score.ledger) == receipt.score
    assert score.total >= 75


def test_decision_stores_evaluated_rules_and_chosen_rep() -> None:
    team = make_pool()

    receipt = receive(make_touch(), at=MONDAY_9AM, via="test")

    decision = RoutingDecision.objects.get()
    assert decision.team == team
    assert decision.user_id == receipt.owner_id
    assert decision.trace["rules"][0]["outcome"] == "chosen"
    assert decision.facts["company.employees"] == 250


def test_repeat_inquiry_reinforces_open_lead_and_keeps_known_values() -> None:
    make_pool()
    first = make_touch(stated_problem="Handoffs get lost")
    receive(first, at=MONDAY_9AM, via="test")

    again = receive(
        make_touch(email=first.email, domain=first.domain, company="", title="", kind="site_visit"),
        at=MONDAY_9AM + timedelta(hours=1),
        via="test",
    )

    lead = Lead.objects.get()
    assert not again.is_new
    assert lead.touch_count == 2
    assert lead.stated_problem == "Handoffs get lost"
    assert Contact.objects.get().title == "Director of Operations"
    assert lead.first_touch == Touch.objects.earliest("pk")
    assert Handoff.objects.count() == 1


@pytest.mark.parametrize("seniority", ["student", "intern"])
@pytest.mark.parametrize("lead_type", ["demo", "consultation"])
def test_default_rules_send_a_request_of_a_student_to_sales(seniority: str, lead_type: str) -> None:
    receipt = receive(
        make_touch(seniority=seniority, lead_type=lead_type), at=MONDAY_9AM, via="test"
    )

    assert receipt.handoff_id is not None
    assert receipt.stage == Stage.MQL


def test_contact_who_states_the_domain_of_another_company_moves_to_it() -> None:
    make_pool()
    private = make_touch(domain="", company="Northlake", employees=None)
    other = make_touch(domain="northlake.example", company="Northlake Lifts")
    receive_many([private, other], at=MONDAY_9AM, via="test")

    again = make_touch(email=private.email, domain="northlake.example", employees=140)
    receive(again, at=MONDAY_9AM + timedelta(hours=1), via="test")
    unknown = make_touch(domain="", company="Harrow")
    receive_many(
        [unknown, replace(again, email=unknown.email, phone=unknown.phone)],
        at=MONDAY_9AM + timedelta(hours=2),
        via="test",
    )

    lifts = Company.objects.get(domain="northlake.example")
    assert (lifts.name, lifts.employees) == ("Northlake Lifts", 140)
    emails = Contact.objects.filter(company=lifts).order_by("pk").values_list("email", flat=True)
    assert list(emails) == [private.email, other.email, unknown.email]
    assert list(lifts.leads.values_list("pk", flat=True).order_by("pk")) == list(
        Lead.objects.values_list("pk", flat=True).order_by("pk")
    )
    left = Company.objects.exclude(pk=lifts.pk).order_by("pk")
    assert list(left.values_list("name", "domain", "employees")) == [
        ("Northlake", None, None),
        ("Harrow", None, 250),
    ]


def test_company_named_by_domain_takes_the_first_real_name() -> None:
    make_pool()
    at = MONDAY_9AM
    names = []
    for company in ("", "Northlake", "Northlake Lifts Ltd"):
        at += timedelta(hours=1)
        receive(make_touch(domain="northlake.example", company=company), at=at, via="test")
        names.append(Company.objects.get().name)

    assert names == ["northlake.example", "Northlake", "Northlake"]


def test_two_touches_of_a_contact_in_a_batch_are_one_lead() -> None:
    make_pool()
    touch = make_touch()

    again = make_touch(email=touch.email, kind="quote_request")
    receipts = receive_many([touch, again], at=MONDAY_9AM, via="test")

    assert receipts[0].lead_id == receipts[1].lead_id
    assert Lead.objects.get().touch_count == 2


def test_owner_is_notified_at_once_when_a_lead_becomes_hot() -> None:
    rep = make_rep()
    make_pool(rep)
    download = make_touch(lead_type="download", timing="now")
    receive(download, at=MONDAY_9AM, via="test")
    later = MONDAY_9AM + timedelta(minutes=10)
    demo = replace(download, lead_type="demo", occurred_at=later)

    receive(demo, at=later, via="test")
    receive(demo, at=later, via="test")

    notice = Notice.objects.exclude(kind="offered").get()
    assert (notice.recipient, notice.kind, notice.is_urgent) == (rep, "new_request", True)
    assert notice.deliver_at == later
    assert Handoff.objects.count() == 1


def test_batch_is_distributed_evenly_over_the_pool() -> None:
    team = make_pool(make_rep(), make_rep(), make_rep())

    receive_many([make_touch() for _ in range(30)], at=MONDAY_9AM, via="test")

    counts = [Handoff.objects.filter(owner=user).count() for user in team.members.all()]
    assert counts == [10, 10, 10]
    assert sum(Membership.objects.filter(team=team).values_list("balance", flat=True)) == 0


def test_touch_into_a_pool_costs_three_statements() -> None:
    make_pool()
    receive(make_touch(), at=MONDAY_9AM, via="test")

    with exactly_statements(3):
        receive(make_touch(), at=MONDAY_9AM, via="test")


def test_second_answer_is_refused_and_changes_nothing() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()
    accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM)
    events = LeadEvent.objects.count()

    with pytest.raises(HandoffClosed, match="already accepted"):
        accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM + timedelta(hours=1))

    handoff.refresh_from_db()
    assert handoff.answered_at == MONDAY_9AM
    assert LeadEvent.objects.count() == events


def test_accepting_stops_the_answer_clock_and_leaves_first_contact_running() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()

    accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM + timedelta(minutes=5))

    answer = SlaClock.objects.get(kind=ANSWER.code)
    assert (answer.is_met, answer.stopped_at) == (True, MONDAY_9AM + timedelta(minutes=5))
    assert SlaClock.objects.get(kind=FIRST_CONTACT.code).stopped_at is None
    assert Lead.objects.get().stage == Stage.SAL


def test_rejection_moves_the_lead_along_the_route_of_its_reason() -> None:
    rep = make_rep()
    make_pool(rep)
    handoff = make_handoff()

    reject_handoff(handoff_id=handoff.pk, reason_code="not_icp", by=rep, at=MONDAY_9AM)

    lead = Lead.objects.get()
    assert lead.stage == Stage.DISQUALIFIED
    assert lead.closed_at == MONDAY_9AM
    assert lead.contact.suppressed_at == MONDAY_9AM
    assert not SlaClock.objects.filter(stopped_at=None).exists()


def test_lead_of_an_absent_pool_goes_to_the_last_queue() -> None:
    gone = make_rep(is_active=False)
    make_pool(gone)

    receipt = receive(make_touch(), at=MONDAY_9AM, via="test")

    lead = Lead.objects.get(pk=receipt.lead_id)
    assert lead.owner is None
    assert lead.queue is not None
    assert lead.queue.name == "Qualification"


def test_user_without_the_right_to_answer_is_offered_nothing() -> None:
    ida, bo, mona = make_rep("Ida"), make_rep("Bo"), make_person(Role.MARKETER, "Mona")
    team = make_pool(ida, bo, mona)
    ida.groups.clear()
    Membership.objects.filter(team=team, user=bo).update(balance=-10 * ONE_LEAD)

    handoff = make_handoff()

    assert handoff.owner == bo
    people = RoutingDecision.objects.get().trace["rules"][0]["people"]
    assert {person["name"]: person["excluded"] for person in people} == {
        "Ida": "may not answer leads",
        "Bo": "",
        "Mona": "may not answer leads",
    }


def test_new_touch_offers_an_imported_mql_of_marketing() -> None:
    rep = make_rep()
    make_pool(rep)
    touch = make_touch(occurred_at=MONDAY_9AM - timedelta(days=90))
    receive_many([touch], at=MONDAY_9AM, via="csv", histories=[entered(Stage.MQL)])

    receive(make_touch(email=touch.email), at=MONDAY_9AM, via="test")
    receive(make_touch(email=touch.email), at=MONDAY_9AM, via="test")

    lead = Lead.objects.get()
    assert (lead.stage, lead.owner) == (Stage.MQL, rep)
    assert Handoff.objects.get().offered_at == MONDAY_9AM


def publish_rule_for_campaign(code: str) -> None:
    draft = publishing.copy_to_draft(RuleSet.objects.get(status="published"))
    rule = RoutingRule.objects.create(
        rule_set=draft,
        position=0,
        name="Campaign",
        target="pool",
        team=make_team(make_rep()),
    )
    RuleCondition.objects.create(rule=rule, field="lead.campaign", operator="is", value=code)
    publishing.publish(rule_set=draft, by=None, at=MONDAY_9AM, allow_unstaffed=True)


def test_decision_is_worded_with_names_not_codes() -> None:
    Campaign.objects.create(code="autumn", name="Autumn guide")
    publish_rule_for_campaign("autumn")

    receive(make_touch(campaign="autumn"), at=MONDAY_9AM, via="test")

    because = RoutingDecision.objects.get().because
    assert "by the rule “Campaign” because Campaign is Autumn guide." in because


def test_rule_for_a_deleted_campaign_does_not_stop_routing() -> None:
    campaign = Campaign.objects.create(code="autumn", name="Autumn guide")
    publish_rule_for_campaign("autumn")
    campaign.delete()

    receipt = receive(make_touch(), at=MONDAY_9AM, via="test")

    assert receipt.handoff_id is not None
    tried = {rule["name"]: rule["outcome"] for rule in RoutingDecision.objects.get().trace["rules"]}
    assert tried["Campaign"] == "unknown"
