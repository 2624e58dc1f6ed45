"""The demo has a year of everything at once, so no invariant may be violated in it."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.core import mail
from django.db import connection, transaction
from django.db.models import Count, F, Q
from pytest_django import DjangoDbBlocker

from core.days import start_of
from handoff.acceptance_metric import REJECTED as REJECTION
from handoff.acceptance_metric import first_answers
from handoff.escalation_steps import ESCALATION_STEPS
from handoff.models import Escalation, Handoff, Rejection, RoutingDecision, RoutingRule, SlaClock
from handoff.models.answers import default_signals
from handoff.notice_kinds import REJECTED, RETURNED
from handoff.suppression import asking_leads, suppression_texts
from leads.data_quality import value_groups
from leads.models import (
    Campaign,
    Contact,
    EventKind,
    Lead,
    LeadEvent,
    LeadScore,
    Repair,
    Source,
    StageDefinition,
    Touch,
)
from leads.stages import Stage
from people.models import Absence, Notice, Team, User
from people.notices import deliver_notices
from people.roles import Role
from people.worktime import ALWAYS_OPEN, WorkCalendar
from reporting.invariants import CHECKS
from reporting.pages.person import answers_by_person
from reporting.queries.reports import REPORTS, run_report
from reporting.queries.scope import Period, Scope
from tests.pages import page_at
from tests.people.factories import MONDAY_9AM
from tools.demo.briefs import BRIEFS
from tools.demo.load import load
from tools.demo.organization import PEOPLE, TEAMS
from tools.demo.present import worked_before
from tools.demo.words import PHONES
from workspace.team.queries import DAYS

# No one works at this hour, and yet every inbox must show offers.
SATURDAY_NIGHT = datetime(2026, 11, 21, 22, 40, tzinfo=UTC)
SHARE = 0.06

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def ignore(line: str) -> None:
    pass


@pytest.fixture(scope="module", autouse=True)
def _demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Load the demo once for all tests of this module."""
    with django_db_blocker.unblock(), transaction.atomic():
        start_ids_at_a_million()
        load(at=SATURDAY_NIGHT, share=SHARE, report=ignore)
        yield
        transaction.set_rollback(True)


def start_ids_at_a_million() -> None:
    """Start ids at the same number, whatever ran before: they decide ties in round robin."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(oid::regclass, 1000000) FROM pg_class"
            " WHERE relkind = 'S' AND relname ~ '^(people|leads|handoff|feedback)_'"
        )


def reps() -> set[str]:
    return {row.name for row in PEOPLE if row.role is Role.REP}


def test_users_have_roles_teams_and_calendars() -> None:
    assert Counter(User.objects.values_list("groups__name", flat=True)) == {
        "Sales rep": 12,
        "Sales manager": 4,
        "Marketer": 2,
        "Handoff owner": 1,
        "Operations": 1,
        "Leader": 1,
    }
    assert set(Team.objects.values_list("name", flat=True)) == {row.name for row in TEAMS}
    assert set(User.objects.filter(name__in=reps()).values_list("time_zone", flat=True)) == {
        "Europe/Berlin",
        "America/New_York",
        "Asia/Singapore",
    }
    assert not User.objects.filter(calendar__current_edition=None).exists()
    assert Absence.objects.count() == 14


def test_rep_is_away_and_a_teammate_sees_their_leads() -> None:
    (absence,) = Absence.objects.at(SATURDAY_NIGHT)
    with time_machine.travel(SATURDAY_NIGHT, tick=False):
        page = page_at("/inbox/", User.objects.get(name="Jonas Albrecht"))

    assert (absence.user.name, str(absence.cover)) == ("Mireille Fontaine", "Jonas Albrecht")
    assert "Covering for Mireille Fontaine" in page.texts("main .badge")


def test_eight_sources_and_fifteen_campaigns_with_briefs_are_active() -> None:
    assert Source.objects.filter(is_active=True).count() == 8
    assert Campaign.objects.count() == len(BRIEFS) == 15
    assert not Campaign.objects.filter(
        Q(problem="") | Q(messaging="") | Q(talking_points="") | Q(owner=None)
    ).exists()


def test_every_rep_has_offers_with_running_clocks_at_night() -> None:
    waiting = SlaClock.objects.filter(stopped_at=None, handoff__state="offered")

    assert reps() <= set(waiting.values_list("handoff__owner__name", flat=True))


def test_queue_has_waiting_leads() -> None:
    waiting = Handoff.objects.open().filter(owner=None, queue__name="Qualification")

    assert waiting.count() >= 2


def test_unanswered_lead_was_reassigned_until_the_last_queue() -> None:
    ignored = Handoff.objects.open().filter(queue__name="Qualification", hop=3, previous__hop=2)
    first = Handoff.objects.filter(lead__in=ignored.values("lead"), hop=0, state="expired")

    assert "Priscilla Ng" in first.values_list("owner__name", flat=True)


def test_clocks_are_fresh_nearly_due_and_late() -> None:
    running = SlaClock.objects.filter(stopped_at=None, handoff__closed_at=None)
    late = running.filter(is_met=False, handoff__state="accepted")

    assert running.filter(warned_at=None, breached_at=None).count() >= 12
    assert running.filter(breached_at=None).exclude(warned_at=None).count() >= 12
    assert {"Jonas Albrecht", "Callum Reid"} <= set(
        late.values_list("handoff__owner__name", flat=True)
    )
    assert not running.filter(next_action_at__lt=SATURDAY_NIGHT - timedelta(minutes=1)).exists()


def test_every_event_state_stage_and_escalation_step_occurs() -> None:
    kinds = set(LeadEvent.objects.values_list("kind", flat=True))
    states = set(Handoff.objects.values_list("state", flat=True))

    assert set(EventKind.values) - kinds == {"import_undone"}
    assert states == set(Handoff.State.values)
    assert set(Lead.objects.values_list("stage", flat=True)) == {stage.value for stage in Stage}
    assert set(Escalation.objects.values_list("step", flat=True)) == set(ESCALATION_STEPS)
    assert Rejection.objects.values("reason__code").distinct().count() == 7
    assert Lead.objects.filter(stage="won", amount__gt=0).exists()


def test_two_rule_set_versions_routed_to_all_targets() -> None:
    by_version = dict(
        RoutingDecision.objects.values_list("rule_set__version").annotate(Count("pk"))
    )

    assert set(by_version) == {2, 3}
    targets = set(RoutingDecision.objects.values_list("target", flat=True))
    assert targets == set(RoutingRule.Target.values)


def test_versions_were_published_before_the_leads_they_decided() -> None:
    routed = RoutingDecision.objects.filter(rule_set__published_at__gt=F("decided_at"))
    timed = Handoff.objects.filter(policy__published_at__gt=F("offered_at"))
    scored = Lead.objects.filter(score_card__model__published_at__gt=F("opened_at"))
    assert not any(early.exists() for early in (routed, timed, scored))
    first = Touch.objects.earliest("occurred_at").occurred_at
    assert not StageDefinition.objects.filter(published_at__gt=first).exists()


def test_log_was_recorded_when_it_happened() -> None:
    day = timedelta(days=1)
    late = LeadEvent.objects.filter(recorded_at__gt=F("occurred_at") + day)

    assert not LeadEvent.objects.filter(recorded_at__gt=SATURDAY_NIGHT).exists()
    assert not LeadEvent.objects.filter(recorded_at__lt=F("occurred_at")).exists()
    assert LeadEvent.objects.earliest("recorded_at").recorded_at < SATURDAY_NIGHT - 300 * day
    assert 0 < late.count() < LeadEvent.objects.count() / 20


def test_every_note_of_a_rejection_reaches_marketing() -> None:
    """Without a notice or an owner of the campaign, the page of the lead still shows it."""
    notices = Notice.objects.filter(kind__in=[RETURNED.code, REJECTED.code])
    notified = {notice.occasion_id for notice in notices}
    marketer = User.objects.get(name="Sofie Maurer")
    noted = Rejection.objects.exclude(note="").exclude(handoff__in=notified)
    unheard = noted.filter(handoff__lead__campaign__owner=None).select_related("handoff")

    assert unheard
    for rejection in unheard:
        page = page_at(f"/leads/{rejection.handoff.lead_id}/", marketer)
        assert rejection.note in page.text("main")


def test_history_covers_the_last_year_only() -> None:
    assert not LeadEvent.objects.filter(occurred_at__gt=SATURDAY_NIGHT).exists()
    oldest = Touch.objects.earliest("occurred_at").occurred_at
    assert SATURDAY_NIGHT - timedelta(days=367) < oldest < SATURDAY_NIGHT - timedelta(days=300)


def test_every_score_is_the_sum_of_its_points() -> None:
    scores = LeadScore.objects.select_related("lead")

    assert scores.count() == Lead.objects.count()
    for score in scores:
        assert score.total == sum(line["points"] for line in score.ledger) == score.lead.score


def test_all_invariants_hold() -> None:
    violations = {name: list(check(SATURDAY_NIGHT)) for name, check in CHECKS.items()}

    assert violations == dict.fromkeys(CHECKS, [])


def test_no_rejected_lead_is_offered_before_its_date_without_a_signal() -> None:
    is_signal = Q(kind__in=default_signals()) | Q(lead_type__code__in=["demo", "consultation"])
    dated = Rejection.objects.exclude(wake_on=None).values_list(
        "handoff__lead", "rejected_at", "wake_on"
    )
    unexplained = [
        (lead_id, handoff.pk)
        for lead_id, rejected_at, wake_on in dated
        for handoff in Handoff.objects.filter(
            lead=lead_id, previous=None, offered_at__gt=rejected_at, offered_at__date__lt=wake_on
        )
        if not Touch.objects.filter(
            is_signal,
            lead=lead_id,
            recorded_at__gt=rejected_at,
            recorded_at__lte=handoff.offered_at,
        ).exists()
    ]

    assert dated
    assert unexplained == []


def test_team_page_and_report_agree_for_every_person() -> None:
    last_day = SATURDAY_NIGHT.date()
    first_day = last_day - timedelta(DAYS - 1)
    period = Scope(Period(first_day, last_day))
    reported = {
        row["owner"]: (row["accepted"], row["answered"], row["rejected"])
        for row in run_report(REPORTS["sources"], period, "owner").rows
    }

    team_page, _ = answers_by_person(days=DAYS, today=last_day)
    first = first_answers(opened_since=start_of(first_day))
    by_person = first.values_list("answered_by", "answered_by__name").annotate(
        answered=Count("pk"), rejected=Count("pk", filter=REJECTION)
    )

    assert len(by_person) > 5
    for user_id, name, answered, rejected in by_person:
        expected = (answered - rejected, answered, rejected)
        row = team_page[user_id]
        assert (row.accepted, row.answered, row.rejected) == expected == reported[name]


def test_one_campaign_has_a_targeting_problem() -> None:
    """Most leads of the voucher campaign in this quarter were rejected as not ICP."""
    quarter = Handoff.objects.filter(offered_at__gt=SATURDAY_NIGHT - timedelta(days=90))
    answered = quarter.exclude(answered_at=None).values_list("lead__campaign__code")
    rates = {
        code: not_icp / number
        for code, number, not_icp in answered.annotate(
            number=Count("pk"), not_icp=Count("pk", filter=Q(reason__code="not_icp"))
        )
        if number >= 5
    }

    assert max(rates, key=rates.__getitem__) == "coffee-demo"
    assert rates["coffee-demo"] == 2 / 3
    assert Lead.objects.filter(campaign__code="coffee-demo").count() == 19


def test_notices_from_history_are_not_emailed() -> None:
    assert Notice.objects.filter(read_at=None).exists()

    assert deliver_notices(at=SATURDAY_NIGHT + timedelta(minutes=1)) == 0
    assert mail.outbox == []


def test_hosts_and_phone_numbers_are_reserved_ones() -> None:
    people = User.objects.values_list("email", flat=True)
    contacts = Contact.objects.exclude(email=None).values_list("email", flat=True)
    phones = Contact.objects.exclude(phone=None).values_list("phone", flat=True)
    reserved = tuple(shape.partition("{")[0] for shapes in PHONES.values() for shape in shapes)

    assert {str(email).rpartition(".")[2] for email in [*people, *contacts]} == {"example"}
    assert [phone for phone in phones if not str(phone).startswith(reserved)] == []


def test_touches_occur_before_they_are_recorded() -> None:
    assert not Touch.objects.filter(occurred_at__gt=F("recorded_at")).exists()
    assert Lead.objects.filter(touch_count__gt=2).exists()


@pytest.mark.parametrize("minutes", [0.5, 7, 208, 1_000])
def test_worked_before_goes_back_by_working_time(minutes: float) -> None:
    calendar: WorkCalendar = ALWAYS_OPEN

    start = worked_before(calendar, MONDAY_9AM, minutes)

    assert MONDAY_9AM - start == pytest.approx(timedelta(minutes=minutes), abs=timedelta(seconds=1))


def test_new_requests_wait_and_were_heard() -> None:
    waiting = Handoff.objects.open().filter(
        new_request_contacted_at=None, clocks__kind="new_request", clocks__breached_at=None
    )
    met = SlaClock.objects.filter(kind="new_request", is_met=True)

    assert "Jonas Albrecht" in waiting.values_list("owner__name", flat=True)
    assert met.exists()
    assert Notice.objects.filter(kind="new_request", read_at=None).exists()


def test_suppressed_contacts_ask_and_some_were_released() -> None:
    asking = asking_leads(Lead.objects.all())
    notified = Notice.objects.filter(kind="suppressed_request")

    assert asking.filter(latest_touch_at__gt=SATURDAY_NIGHT - timedelta(days=30)).exists()
    assert notified.exists()
    assert LeadEvent.objects.filter(kind=EventKind.RELEASED).exists()
    assert all(
        "suppressed" in str(reason).lower()
        for reason in suppression_texts(list(asking.values_list("pk", flat=True))).values()
    )


def test_values_set_aside_wait_and_two_were_settled() -> None:
    groups, _ = value_groups(size=20)

    assert [(group.field, group.value, group.touch_count) for group in groups] == [
        ("campaign", "dispatch-giude", 3),
        ("phone", "n/a", 2),
        ("country", "EMEA", 1),
    ]
    settled = Repair.objects.values_list("field", "value", "touch__lead__campaign__code")
    assert set(settled) == {
        ("campaign", "Dispatch guide 2024", "dispatch-guide"),
        ("phone", "see email", "dispatch-guide"),
    }
    assert list(Repair.objects.exclude(note="").values_list("field", flat=True)) == ["phone"]


def test_lead_that_no_one_can_reach_waits_for_marketing() -> None:
    [event] = LeadEvent.objects.filter(kind=EventKind.INCOMPLETE).select_related("lead")

    assert event.lead.missing_fields == ["contact.has_email", "contact.has_phone"]
    assert not Handoff.objects.filter(lead=event.lead_id).exists()
    assert Notice.objects.filter(kind="incomplete", read_at=None).exists()
