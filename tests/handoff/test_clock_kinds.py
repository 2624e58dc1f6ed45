"""A clock kind or an escalation step is one entry in its registry."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from handoff.answers.attempts import log_attempt
from handoff.clock_kinds import CLOCK_KINDS, ClockKind, Side, register
from handoff.escalation.handlers import HANDLERS
from handoff.escalation.sweep import sweep
from handoff.escalation_steps import ESCALATION_STEPS
from handoff.invariants import CHECKS
from handoff.models import Attempt, Handoff, SlaClock, SlaTarget
from handoff.sla.versions import problems_of
from leads.models import EventKind
from people.models import Notice
from tests.factories import make_rep
from tests.handoff.factories import clock_of, make_handoff, make_policy
from tests.people.factories import MONDAY_9AM, make_team
from workspace.lead.clock_status import clock_statuses

pytestmark = pytest.mark.django_db

FOLLOW_UP = ClockKind(
    code="follow_up",
    label="Follow-up",
    side=Side.SALES,
    starts_on=EventKind.OFFERED,
    stops_on=frozenset({EventKind.ATTEMPTED}),
    done_field="first_contact_at",
    waits_for="to follow up",
    warned_subject="Follow up by {due}",
)
HOUR = timedelta(hours=1)


@pytest.fixture
def _follow_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(CLOCK_KINDS, FOLLOW_UP.code, FOLLOW_UP)


def make_followed_up() -> Handoff:
    rep = make_rep()
    return make_handoff(owner=rep, team=make_team(rep), policy=make_policy(follow_up=HOUR))


@pytest.mark.usefixtures("_follow_up")
def test_registered_kind_starts_warns_and_stops() -> None:
    handoff = make_followed_up()
    clock = clock_of(handoff, "follow_up")
    assert (clock.due_at, str(clock.get_kind_display())) == (MONDAY_9AM + HOUR, "Follow-up")

    sweep(at=clock.warn_at)
    assert handoff.owner is not None
    log_attempt(
        handoff_id=handoff.pk,
        by=handoff.owner,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=clock.warn_at,
        at=clock.warn_at,
    )

    assert Notice.objects.get(kind="clock_warned").subject.startswith("Follow up by Mon")
    assert clock_of(handoff, "follow_up").is_met is True
    assert clock_of(handoff, "answer").stopped_at is None


@pytest.mark.usefixtures("_follow_up")
def test_registered_kind_is_shown_checked_and_required() -> None:
    handoff = make_followed_up()
    clock = clock_of(handoff, "follow_up")
    [status] = clock_statuses([clock], at=MONDAY_9AM)
    assert (status.label, status.waits_for) == ("Follow-up", "to follow up")

    SlaClock.objects.filter(pk=clock.pk).update(stopped_at=MONDAY_9AM + HOUR)
    check = CHECKS["every SLA target that is owed has a running clock"]
    [violation] = check(MONDAY_9AM)
    assert "follow-up" in violation.says

    [problem] = problems_of(make_policy(first_contact=HOUR))
    assert "“Follow-up”" in problem


def test_unregistered_kind_is_refused_by_the_model() -> None:
    target = SlaTarget(policy=make_policy(), clock="follow_up", within_minutes=60)

    with pytest.raises(ValidationError, match="follow_up"):
        target.full_clean()


def test_code_of_a_kind_is_unique_and_fits_its_column() -> None:
    with pytest.raises(ValueError, match="answer"):
        register(CLOCK_KINDS["answer"])


def test_every_escalation_step_has_a_handler() -> None:
    assert set(HANDLERS) == set(ESCALATION_STEPS.values())
