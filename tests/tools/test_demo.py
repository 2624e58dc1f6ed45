"""The demo is a test bed, too: a year of everything at once must leave every promise true."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail
from django.db import connection, transaction
from django.db.models import Count, F, Q
from pytest_django import DjangoDbBlocker

from handoff.escalation_steps import ESCALATION_STEPS
from handoff.models import Escalation, Handoff, Rejection, RoutingDecision, RoutingRule, SlaClock
from leads.models import Campaign, Contact, EventKind, Lead, LeadEvent, LeadScore, Source, Touch
from leads.stages import Stage
from people.models import Absence, Notice, Team, User
from people.notices import deliver_notices
from people.roles import Role
from people.worktime import ALWAYS_OPEN, WorkCalendar
from reporting.invariants import CHECKS
from tests.people.factories import MONDAY_9AM
from tools.demo.briefs import BRIEFS
from tools.demo.load import load
from tools.demo.organization import PEOPLE, TEAMS
from tools.demo.present import worked_before
from tools.demo.words import PHONES

# Nobody works at this hour, and every inbox must show something all the same.
SATURDAY_NIGHT = datetime(2026, 11, 21, 22, 40, tzinfo=UTC)
SHARE = 0.06

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


def quiet(line: str) -> None:
    pass


@pytest.fixture(scope="module", autouse=True)
def _demo(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Loaded once for all tests of this module, and gone after them."""
    with django_db_blocker.unblock(), transaction.atomic():
        number_from_a_million()
        load(at=SATURDAY_NIGHT, share=SHARE, say=quiet)
        yield
        transaction.set_rollback(True)


def number_from_a_million() -> None:
    """The same numbers whatever was tested before: they decide between equals whose turn it is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT setval(oid::regclass, 1000000) FROM pg_class"
            " WHERE relkind = 'S' AND relname ~ '^(people|leads|handoff|feedback)_'"
        )


def reps() -> set[str]:
    return {row.name for row in PEOPLE if row.role is Role.REP}


def test_everybody_is_there_with_a_role_a_team_and_hours_of_their_own() -> None:
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
    assert Absence.objects.count() == 13


def test_eight_sources_and_fifteen_campaigns_with_briefs_are_in_use() -> None:
    assert Source.objects.filter(is_active=True).count() == 8
    assert Campaign.objects.count() == len(BRIEFS) == 15
    assert not Campaign.objects.filter(
        Q(problem="") | Q(messaging="") | Q(talking_points="") | Q(owner=None)
    ).exists()


def test_on_a_saturday_night_every_rep_finds_offers_with_running_clocks() -> None:
    waiting = SlaClock.objects.filter(stopped_at=None, handoff__state="offered")

    assert reps() <= set(waiting.values_list("handoff__owner__name", flat=True))


def test_leads_wait_in_the_queue_for_somebody_to_take_them() -> None:
    waiting = Handoff.objects.open().filter(owner=None, queue__name="Qualification")

    assert waiting.count() >= 2


def test_a_lead_that_nobody_answered_went_from_hand_to_hand_into_the_last_queue() -> None:
    ignored = Handoff.objects.open().filter(queue__name="Qualification", hop=3, previous__hop=2)
    first = Handoff.objects.filter(lead__in=ignored.values("lead"), hop=0, state="expired")

    assert "Priscilla Ng" in first.values_list("owner__name", flat=True)


def test_some_clocks_are_fresh_some_nearly_due_and_some_just_late() -> None:
    running = SlaClock.objects.filter(stopped_at=None, handoff__closed_at=None)
    late = running.filter(is_met=False, handoff__state="accepted")

    assert running.filter(warned_at=None, breached_at=None).count() >= 12
    assert running.filter(breached_at=None).exclude(warned_at=None).count() >= 12
    assert {"Jonas Albrecht", "Callum Reid"} <= set(
        late.values_list("handoff__owner__name", flat=True)
    )
    assert not running.filter(next_action_at__lt=SATURDAY_NIGHT - timedelta(minutes=1)).exists()


def test_everything_that_can_happen_to_a_lead_happens() -> None:
    """But for an absence that begins with offers unanswered, which a small crowd may not bring."""
    kinds = set(LeadEvent.objects.values_list("kind", flat=True))
    states = set(Handoff.objects.values_list("state", flat=True))

    assert set(EventKind.values) - kinds <= {"withdrawn"}
    assert set(Handoff.State.values) - states <= {"withdrawn"}
    assert set(Lead.objects.values_list("stage", flat=True)) == {stage.value for stage in Stage}
    assert set(Escalation.objects.values_list("step", flat=True)) == set(ESCALATION_STEPS)
    assert Rejection.objects.values("reason__code").distinct().count() == 7
    assert Lead.objects.filter(stage="won", amount__gt=0).exists()


def test_rules_of_two_versions_sent_leads_to_every_kind_of_target() -> None:
    by_version = dict(
        RoutingDecision.objects.values_list("rule_set__version").annotate(Count("pk"))
    )

    assert set(by_version) == {2, 3}
    assert set(RoutingDecision.objects.values_list("target", flat=True)) == set(
        RoutingRule.Target.values
    )


def test_nothing_lies_in_the_future_and_nothing_is_older_than_a_year() -> None:
    assert not LeadEvent.objects.filter(occurred_at__gt=SATURDAY_NIGHT).exists()
    oldest = Touch.objects.earliest("occurred_at").occurred_at
    assert SATURDAY_NIGHT - timedelta(days=367) < oldest < SATURDAY_NIGHT - timedelta(days=300)


def test_every_score_is_the_sum_of_its_ledger() -> None:
    scores = LeadScore.objects.select_related("lead")

    assert scores.count() == Lead.objects.count()
    for score in scores:
        assert score.total == sum(line["points"] for line in score.ledger) == score.lead.score


def test_all_invariants_hold() -> None:
    found = {name: list(check(SATURDAY_NIGHT)) for name, check in CHECKS.items()}

    assert found == dict.fromkeys(CHECKS, [])


def test_one_campaign_brings_many_leads_outside_the_profile() -> None:
    """The planted fault: of what went to sales this quarter, most were not our customers."""
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


def test_nobody_is_mailed_what_happened_before_they_came() -> None:
    assert Notice.objects.filter(read_at=None).exists()

    assert deliver_notices(at=SATURDAY_NIGHT + timedelta(minutes=1)) == 0
    assert mail.outbox == []


def test_hosts_and_numbers_belong_to_nobody() -> None:
    people = User.objects.values_list("email", flat=True)
    contacts = Contact.objects.exclude(email=None).values_list("email", flat=True)
    phones = Contact.objects.exclude(phone=None).values_list("phone", flat=True)
    reserved = tuple(shape.partition("{")[0] for shapes in PHONES.values() for shape in shapes)

    assert {str(email).rpartition(".")[2] for email in [*people, *contacts]} == {"example"}
    assert [phone for phone in phones if not str(phone).startswith(reserved)] == []


def test_touches_of_one_person_come_one_after_the_other() -> None:
    assert not Touch.objects.filter(occurred_at__gt=F("recorded_at")).exists()
    assert Lead.objects.filter(touch_count__gt=2).exists()


@pytest.mark.parametrize("minutes", [0.5, 7, 208, 1_000])
def test_worked_before_is_the_moment_from_which_so_much_was_worked(minutes: float) -> None:
    calendar: WorkCalendar = ALWAYS_OPEN

    start = worked_before(calendar, MONDAY_9AM, minutes)

    assert MONDAY_9AM - start == pytest.approx(timedelta(minutes=minutes), abs=timedelta(seconds=1))
