"""The five flows of campaigns that go well or badly (SCN-01 to SCN-05), in small, over HTTP."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import time_machine
from django.core.management import call_command
from django.db.models import Count

from handoff.models import Rejection, RoutingRule, RuleCondition, RuleSet, SlaClock
from handoff.routing import publishing
from leads.models import Campaign, EventKind, Lead, LeadEvent
from people.models import Membership, Team, User
from people.roles import Role
from tests.factories import make_person, make_rep
from tests.intake.factories import DEMO
from tests.intake.files import make_file, run_import
from tests.journeys.story import EVENING, NOVEMBER, Story, after, handoff_of
from tests.pages import card
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db


@pytest.fixture
def story() -> Story:
    return Story()


@pytest.fixture
def marketer() -> User:
    marketer = make_person(Role.MARKETER, "Leo Winter")
    Membership.objects.create(team=Team.objects.get(name="Marketing"), user=marketer)
    return marketer


@pytest.fixture
def rep() -> User:
    """Make the only member of the team that qualifies in a new installation."""
    rep = make_rep("Mia Hoffmann")
    Membership.objects.create(team=Team.objects.get(name="Qualification"), user=rep)
    return rep


def publish_rule_in_front(team: Team, *conditions: tuple[str, str, object]) -> None:
    draft = publishing.copy_to_draft(RuleSet.objects.get(status="published"))
    rule = RoutingRule.objects.create(
        rule_set=draft,
        position=0,
        name="Large logistics companies",
        target="pool",
        team=team,
        policy_code="urgent",
    )
    for position, (name, operator, value) in enumerate(conditions):
        RuleCondition.objects.create(
            rule=rule, position=position, field=name, operator=operator, value=value
        )
    publishing.publish(rule_set=draft, by=None, at=MONDAY_9AM)


def test_demo_request_is_routed_by_fit_and_called_within_the_hour(
    story: Story, rep: User, marketer: User
) -> None:
    expert = make_rep("Eva Lund")
    publish_rule_in_front(
        make_team(expert),
        ("company.industry", "is", "Logistics"),
        ("company.employees", "at_least", 200),
    )
    Campaign.objects.create(
        code="fleet", name="Fleet guide", offer="A tour", talking_points="Ask for the yard."
    )
    interest = {"campaign": "fleet", "industry": "Logistics", "stated_problem": "Trucks wait."}

    large = story.arrives(MONDAY_9AM, **interest, employees=900)
    small = story.arrives(MONDAY_9AM, **interest, employees=20, email="bo@small.example")

    assert (large["owner"], small["owner"]) == (expert.pk, rep.pk)
    handoff = handoff_of(large)
    page = story.sees(expert, f"/leads/{large['lead']}/", MONDAY_9AM + after(2))
    assert "“Large logistics companies”" in page.text(card("Assigned to") + " > p")
    assert page.texts(".points li") == ["Ask for the yard."]
    assert page.facts(".context-card")["Problem indicated"] == "Trucks wait."
    story.does(expert, "accept", MONDAY_9AM + after(3), of=handoff.pk)
    called = {"channel": "call", "outcome": "reached", "occurred_at": "2026-11-02T09:20"}
    story.does(expert, "attempt", MONDAY_9AM + after(25), of=handoff.pk, **called)
    clocks = SlaClock.objects.filter(handoff=handoff).order_by("kind")
    assert [(clock.kind, clock.is_met) for clock in clocks] == [
        ("answer", True),
        ("first_contact", True),
    ]


def test_download_is_nurtured_then_pulled_from_the_queue(
    story: Story, rep: User, marketer: User
) -> None:
    guide = {"kind": "content_download", "lead_type": "download"}
    first = story.arrives(MONDAY_9AM, **guide)
    assert (first["stage"], first["handoff"]) == ("new", None)

    for minutes, kind in ((10, "pricing_visit"), (20, "pricing_visit"), (30, "pricing_download")):
        latest = story.arrives(MONDAY_9AM + after(minutes), **guide | {"kind": kind})

    assert (latest["lead"], latest["stage"], latest["owner"]) == (first["lead"], "mql", None)
    handoff = handoff_of(first)
    assert str(handoff.queue) == "Qualification"
    queue = story.sees(rep, "/queues/", MONDAY_9AM + after(40))
    assert queue.texts("[data-key-focus]") == ["Ann Example"]
    story.does(rep, "accept", MONDAY_9AM + after(41), of=handoff.pk)
    story.does(rep, "reject", MONDAY_9AM + after(50), of=handoff.pk, reason="bad_timing")

    lead = Lead.objects.get(pk=first["lead"])
    assert (lead.stage, str(lead.queue)) == ("nurture", "Marketing")
    assert Rejection.objects.get().wake_on == date(2027, 5, 1)
    page = story.sees(marketer, f"/leads/{lead.pk}/", MONDAY_9AM + after(60))
    assert page.text(".lead-next") == (
        "Next step: Marketing keeps it until May 1, 2027 or a buying signal."
    )


WEBINAR = """
name = "webinar"
[fields]
email = "mail"
name = "name"
title = "title"
company = "company"
employees = "size"
industry = "industry"
occurred_at = "at"
[constants]
kind = "webinar_attended"
lead_type = "low_intent"
source = "webinar"
"""


def test_incomplete_webinar_leads_all_have_a_holder(
    story: Story, rep: User, marketer: User, tmp_path: Path
) -> None:
    lines = ["mail,name,title,company,size,industry,at"]
    for number in range(20):
        rest = "VP Sales,Firm,250,Software" if number % 4 == 0 else ",,,"
        lines.append(f"p{number}@firm{number}.example,Pat {number},{rest},2026-11-02T09:00:00Z")
    lines.append("nobody,No Address,,,,,2026-11-02T09:00:00Z")
    file = make_file(tmp_path, "\n".join(lines))

    with time_machine.travel(MONDAY_9AM + after(60), tick=False):
        code, summary = run_import(file, WEBINAR)
        call_command("check_invariants")

    assert (code, summary["new"], summary["rejected"]) == (3, 20, 1)
    places = Lead.objects.values_list("stage", "queue__name").annotate(leads=Count("pk"))
    assert set(places) == {("mql", "Qualification", 5), ("new", "Marketing", 15)}
    assert len(story.sees(rep, "/queues/", MONDAY_9AM + after(61)).all("[data-key-item]")) == 5
    (row,) = story.figures(marketer, "sources", EVENING, since=NOVEMBER, by="source")
    assert (row["source"], row["leads"], row["mql"]) == ("Webinar", "20", "5")


def test_leads_from_unserved_markets_count_as_audience_fault(
    story: Story, rep: User, marketer: User
) -> None:
    ads = {"source": "paid-search", "country": "IS"}
    refused = [
        story.arrives(MONDAY_9AM + after(number), **ads, email=f"p{number}@firm{number}.example")
        for number in range(4)
    ]
    welcome = story.arrives(MONDAY_9AM + after(5), email="ann@good.example")
    for answer in refused:
        handoff = handoff_of(answer)
        story.does(rep, "reject", MONDAY_9AM + after(9), of=handoff.pk, reason="not_icp")
    story.does(rep, "accept", MONDAY_9AM + after(9), of=handoff_of(welcome).pk)

    again = story.arrives(MONDAY_9AM + after(30), **ads, email="p0@firm0.example")

    assert (again["is_new"], again["handoff"]) == (True, None)
    assert story.figures(marketer, "rejections", EVENING, since=NOVEMBER, by="source") == [
        {"source": "Paid search", "reason": "Outside our customer profile", "rejections": "4"}
    ]
    rows = story.figures(marketer, "sources", EVENING, since=NOVEMBER, by="source")
    counts = {row["source"]: (row["leads"], row.get("sal", "0")) for row in rows}
    assert counts == {"Paid search": ("5", "0"), "Website": ("1", "1")}


def test_trials_without_budget_resurface_after_a_year(
    story: Story, rep: User, marketer: User
) -> None:
    trial = {"kind": "trial_signup", "lead_type": "low_intent", "title": "CEO"}
    first = story.arrives(MONDAY_9AM, **trial)
    handoff = handoff_of(first)
    story.does(rep, "accept", MONDAY_9AM + after(5), of=handoff.pk)
    story.does(rep, "reject", MONDAY_9AM + after(20), of=handoff.pk, reason="no_budget")
    lead = Lead.objects.get(pk=first["lead"])
    assert (lead.stage, Rejection.objects.get().wake_on) == ("nurture", date(2027, 11, 2))

    back = story.arrives(
        MONDAY_9AM + timedelta(days=60), kind="quote_request", timing="now", email=DEMO["email"]
    )

    assert (back["lead"], back["is_new"], back["stage"]) == (first["lead"], False, "mql")
    assert handoff_of(first).pk != handoff.pk
    stages = LeadEvent.objects.filter(lead=lead, kind=EventKind.STAGE_CHANGED).order_by("pk")
    assert list(stages.values_list("to_stage", flat=True)) == ["mql", "sal", "nurture", "mql"]
