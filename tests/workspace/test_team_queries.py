from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from handoff.answers.accept import accept_handoff
from handoff.answers.attempts import log_attempt
from handoff.models import Attempt, Handoff
from people.models import Team, User
from tests.factories import make_handoff_to, make_pool, make_rep
from tests.people.factories import MONDAY_9AM
from tests.plans import pretend_large
from workspace.team.queries import TEAM_SQL, WORKLOAD_SQL, Workload, team_rows, workload_of

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)
MUCH_LATER = MONDAY_9AM + timedelta(days=30)


@pytest.fixture
def mia() -> User:
    return make_rep("Mia")


@pytest.fixture
def team(mia: User) -> Team:
    return make_pool(mia, make_rep("Jon"))


def accept(handoff: Handoff, by: User) -> None:
    accept_handoff(handoff_id=handoff.pk, by=by, at=MONDAY_9AM + MINUTE)


def contact(handoff: Handoff, by: User) -> None:
    log_attempt(
        handoff_id=handoff.pk,
        by=by,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=MONDAY_9AM + 2 * MINUTE,
        at=MONDAY_9AM + 2 * MINUTE,
    )


def test_workload_counts_by_state_and_time(team: Team, mia: User) -> None:
    offered, accepted, contacted = (make_handoff_to(mia) for _ in range(3))
    for handoff in (accepted, contacted):
        accept(handoff, mia)
    contact(contacted, mia)

    def workload(at: Any) -> Workload:
        return workload_of([mia.pk], at=at, most=10)[mia.pk]

    assert workload(MONDAY_9AM + 2 * MINUTE) == (3, 1, 0)
    assert workload(MUCH_LATER) == (3, 1, 2)


def test_workload_of_each_state_is_counted_to_one_more_than_asked(team: Team, mia: User) -> None:
    for _ in range(4):
        make_handoff_to(mia)
    accept(make_handoff_to(mia), mia)

    assert workload_of([mia.pk], at=MUCH_LATER, most=2)[mia.pk] == (4, 3, 4)


def test_handoff_is_due_with_the_first_of_its_running_clocks(team: Team, mia: User) -> None:
    def due_at() -> Any:
        return Handoff.objects.get(pk=handoff.pk).due_at

    handoff = make_handoff_to(mia)
    due = {clock.kind: clock.due_at for clock in handoff.clocks.all()}
    assert due_at() == min(due.values())

    accept(handoff, mia)
    assert due_at() == due["first_contact"]

    contact(handoff, mia)
    assert due_at() is None


def test_rows_of_a_person_and_of_a_team_are_sorted_together(team: Team, mia: User) -> None:
    contacted, later, first = (
        make_handoff_to(mia, at=MONDAY_9AM + minutes * MINUTE) for minutes in (0, 1, 0)
    )
    accept(contacted, mia)
    contact(contacted, mia)

    for users, teams in (([mia.pk], []), ([], [team.pk]), ([mia.pk], [team.pk])):
        rows = team_rows(users, teams, 10)
        assert [row.handoff_id for row in rows] == [first.pk, later.pk, contacted.pk]
    assert [row.handoff_id for row in team_rows([mia.pk], [team.pk], 1)] == [first.pk]


@pytest.mark.parametrize("sql", [WORKLOAD_SQL, TEAM_SQL])
def test_open_handoffs_are_read_from_ranges_of_indexes(sql: str, team: Team, mia: User) -> None:
    make_handoff_to(mia)
    tables = ("handoff_handoff", "handoff_slaclock", "leads_lead", "leads_contact")
    pretend_large(*tables, "leads_contextcard")
    params: dict[str, Any] = {
        "users": [mia.pk],
        "teams": [team.pk],
        "at": MONDAY_9AM,
        "most": 200,
        "limit": 101,
    }
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", params)
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert "Index Only Scan using handoff_open_by_owner" in plan
    assert ("Index Only Scan using handoff_open_by_team" in plan) is (sql == TEAM_SQL)
    for table in tables:
        assert f"Seq Scan on {table} " not in plan
