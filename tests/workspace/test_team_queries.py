from collections import defaultdict
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from handoff.answers.accept import accept_handoff
from handoff.answers.attempts import log_attempt
from handoff.models import Attempt, Handoff
from leads.models import Lead
from people.models import Absence, Team, User
from people.roles import Role
from tests.factories import make_handoff_to, make_person, make_pool, make_rep
from tests.people.factories import MONDAY_9AM, make_team
from tests.plans import plans_of, pretend_large
from workspace.inbox.queries import InboxRow
from workspace.team import queries
from workspace.team.queries import (
    Workload,
    members_of,
    team_rows,
    teams_of,
    time_off_of,
)

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


def contact(handoff: Handoff, by: User, *, at: datetime = MONDAY_9AM + 2 * MINUTE) -> None:
    log_attempt(
        handoff_id=handoff.pk,
        by=by,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=at,
        at=at,
    )


def workload(team: Team, user: User, *, at: datetime) -> Workload:
    (member,) = [row for row in members_of([team.pk], at=at) if row.user_id == user.pk]
    return member.workload


def test_workload_counts_by_state_and_time(team: Team, mia: User) -> None:
    offered, accepted, contacted = (make_handoff_to(mia) for _ in range(3))
    for handoff in (accepted, contacted):
        accept(handoff, mia)
    contact(contacted, mia)

    assert workload(team, mia, at=MONDAY_9AM + 2 * MINUTE) == (3, 1, 0)
    assert workload(team, mia, at=MUCH_LATER) == (3, 1, 2)


def test_overdue_of_each_state_is_counted_to_one_more_than_shown(
    team: Team, mia: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MAX_LATE", 2)
    for _ in range(4):
        make_handoff_to(mia)
    accept(make_handoff_to(mia), mia)

    assert workload(team, mia, at=MUCH_LATER) == (5, 4, 4)


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


def urgency(row: InboxRow) -> tuple[datetime, int, int]:
    return row.due_at or datetime.max.replace(tzinfo=UTC), -row.score, row.handoff_id


@pytest.mark.parametrize("few", [1, 3])
@pytest.mark.parametrize("compared", [1, 5, 100])
def test_rows_are_the_most_urgent_of_the_first_due_of_each(
    compared: int, few: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compare with plain Python, for each number of rows."""
    monkeypatch.setattr(queries, "MAX_COMPARED", compared)
    monkeypatch.setattr(queries, "MIN_READ", few)
    reps = [make_rep(name) for name in ("Mia", "Jon", "Eva")]
    team = make_pool(*reps)
    others = make_team()
    chance = Random(compared)
    for number in range(24):
        rep = reps[0] if number % 2 else chance.choice(reps)
        # Several are due at the same time, with the same score or another one.
        minutes = chance.choice((0, 0, 0, 1, 2, 5))
        handoff = make_handoff_to(rep, at=MONDAY_9AM + minutes * MINUTE)
        Lead.objects.filter(pk=handoff.lead_id).update(score=chance.choice((10, 20, 30)))
        if number % 4 == 0:
            accept_handoff(handoff_id=handoff.pk, by=rep, at=MONDAY_9AM + 10 * MINUTE)
        if number % 8 == 0:
            contact(handoff, rep, at=MONDAY_9AM + 11 * MINUTE)
        if number % 3 == 0:
            Handoff.objects.filter(pk=handoff.pk).update(team=others)
    rows = {row.handoff_id: row for row in team_rows([rep.pk for rep in reps], [], 1_000)}
    handoffs = Handoff.objects.open().in_bulk()
    assert len(rows) == 24
    people = [reps[0].pk, reps[1].pk]

    for limit in range(1, 26):
        most = max(limit, compared)
        ranges: dict[object, list[Handoff]] = defaultdict(list)
        for handoff in sorted(handoffs.values(), key=due):
            if handoff.owner_id in people:
                ranges[handoff.owner_id, handoff.state].append(handoff)
            if handoff.team_id == team.pk:
                ranges["team"].append(handoff)
        first = [handoff for handoffs_of in ranges.values() for handoff in handoffs_of[:most]]
        urgent = {handoff.pk for handoff in sorted(first, key=due)[: 2 * most]}
        expected = sorted((rows[pk] for pk in urgent), key=urgency)[:limit]
        shown = team_rows(people, [team.pk], limit)
        assert [row.handoff_id for row in shown] == [row.handoff_id for row in expected]


def due(handoff: Handoff) -> tuple[datetime, int]:
    return handoff.due_at or datetime.max.replace(tzinfo=UTC), handoff.pk


def test_nothing_but_ranges_of_indexes_is_read_of_open_handoffs(team: Team, mia: User) -> None:
    make_handoff_to(mia)
    tables = ("handoff_handoff", "handoff_slaclock", "leads_lead", "leads_contact")
    pretend_large(*tables, "leads_contextcard", "handoff_workloadchange")

    for is_prepared in (False, True):
        (members,) = plans_of(lambda: members_of([team.pk], at=MONDAY_9AM), is_prepared=is_prepared)
        (rows,) = plans_of(lambda: team_rows([mia.pk], [team.pk], 51), is_prepared=is_prepared)
        assert "using workload_change_by_user" in members
        # Only what is overdue is counted.
        assert members.count("handoff_open_by_owner") == 1
        assert "due_at <=" in members
        assert "Index Only Scan using handoff_open_by_owner" in rows
        assert "Index Only Scan using handoff_open_by_team" in rows
        for table in (*tables, "handoff_workloadchange"):
            assert f"Seq Scan on {table} " not in members + rows


def test_statements_of_the_page_hold_for_every_reader_and_number_of_people() -> None:
    manager, other = (make_person(Role.SALES_MANAGER, name) for name in ("Tom", "Ida"))
    mia, jon = make_rep("Mia"), make_rep("Jon")
    north = make_team(mia, manager=manager, name="North")
    south = make_team(jon, manager=other, name="South")
    times = {"starts_at": MONDAY_9AM, "ends_at": MONDAY_9AM + timedelta(days=1)}
    first, second = (Absence.objects.create(user=user, **times) for user in (mia, jon))

    for _ in range(2):
        assert teams_of(manager) == [north]
        assert teams_of(other) == [south]
        assert {north, south} < {*teams_of(make_person(Role.LEADER))}
        for people, absences in (
            ([mia.pk], [first]),
            ([mia.pk, jon.pk], [first, second]),
            ([], []),
        ):
            rows = time_off_of(people, at=MONDAY_9AM)
            assert [row.absence_id for row in rows] == [absence.pk for absence in absences]
