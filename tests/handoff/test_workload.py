"""The workload is kept as a sum of changes that triggers on the table of handoffs add."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

import psycopg
import pytest
from django.db import connection, transaction
from django.db.models import Sum

from core.errors import Refused
from core.invariants import Violation
from core.retries import with_retries
from handoff.answers.accept import accept_handoff
from handoff.answers.attempts import log_attempt
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.answers.reject import reject_handoff
from handoff.answers.undo import undo_answer
from handoff.invariants.workload import workload_is_what_is_open
from handoff.models import Attempt, Handoff, WorkloadChange
from handoff.pipeline import receive
from handoff.reassignment import reassign
from handoff.tasks import merge_workload
from handoff.workload import MERGE, merge_changes, open_handoffs
from people.models import Membership, User
from people.roles import Role
from tests.factories import (
    make_handoff,
    make_handoff_to,
    make_person,
    make_pool,
    make_queue,
    make_rep,
    make_touch,
    owner_of,
)
from tests.people.factories import MONDAY_9AM
from tests.plans import plans_of, pretend_large
from tests.statements import exactly_statements
from tests.threads import at_once

SOON: Final = MONDAY_9AM + timedelta(seconds=20)
Counts = dict[str, tuple[int, int]]
in_one_transaction = pytest.mark.django_db
with_commits = pytest.mark.django_db(transaction=True)


def workload() -> Counts:
    """Return the offered and the accepted handoffs of everyone who has changes, by name."""
    sums = WorkloadChange.objects.values("user__name").annotate(Sum("offered"), Sum("accepted"))
    return {row["user__name"]: (row["offered__sum"], row["accepted__sum"]) for row in sums}


def changes_by(act: Callable[[], object]) -> list[tuple[str, int, int]]:
    """Return the changes that an act adds."""
    last = WorkloadChange.objects.order_by("pk").values_list("pk", flat=True).last() or 0
    act()
    added = WorkloadChange.objects.filter(pk__gt=last).order_by("user__name", "pk")
    return list(added.values_list("user__name", "offered", "accepted"))


def violations() -> list[Violation]:
    return list(workload_is_what_is_open(MONDAY_9AM))


def accept(handoff: Handoff) -> None:
    accept_handoff(handoff_id=handoff.pk, by=owner_of(handoff), at=MONDAY_9AM)


def reject(handoff: Handoff) -> None:
    reject_handoff(
        handoff_id=handoff.pk, reason_code="no_budget", by=owner_of(handoff), at=MONDAY_9AM
    )


@in_one_transaction
def test_offers_and_answers_change_the_workload() -> None:
    mia, jon = make_rep("Mia"), make_rep("Jon")
    make_pool(mia, jon, manager=make_person(Role.SALES_MANAGER, "Tom"))
    manager = User.objects.get(name="Tom")
    first = make_handoff_to(mia)
    second, third = make_handoff_to(mia), make_handoff_to(mia)
    answer: dict[str, Any] = {"by": mia, "at": MONDAY_9AM}

    assert workload() == {"Mia": (3, 0)}
    assert changes_by(partial(accept_handoff, handoff_id=first.pk, **answer)) == [("Mia", -1, 1)]
    undo = partial(undo_answer, handoff_id=first.pk, by=mia, at=SOON)
    assert changes_by(undo) == [("Mia", 1, -1)]
    assert changes_by(partial(reject, second)) == [("Mia", -1, 0)]
    undo = partial(undo_answer, handoff_id=second.pk, by=mia, at=SOON)
    assert changes_by(undo) == [("Mia", 1, 0)]
    unclear = partial(mark_cannot_evaluate, missing_fields=["company.industry"], **answer)
    assert changes_by(partial(unclear, handoff_id=third.pk)) == [("Mia", -1, 0)]
    move = partial(reassign, handoff_id=first.pk, to=jon, by=manager, at=SOON)
    assert changes_by(move) == [("Jon", 1, 0), ("Mia", -1, 0)]
    assert workload() == {"Mia": (1, 0), "Jon": (1, 0)}
    assert not violations()


@in_one_transaction
def test_taking_a_lead_from_a_queue_changes_the_workload() -> None:
    mia = make_rep("Mia")
    make_queue(mia)
    handoff = make_handoff()

    assert workload() == {}
    take = partial(accept_handoff, handoff_id=handoff.pk, by=mia, at=MONDAY_9AM)
    assert changes_by(take) == [("Mia", 0, 1)]


@in_one_transaction
def test_act_that_opens_and_closes_no_handoff_adds_no_change() -> None:
    mia, jon = make_rep("Mia"), make_rep("Jon")
    make_pool(mia, jon)
    first, other, accepted = make_handoff_to(mia), make_handoff_to(jon), make_handoff_to(mia)
    closed = make_handoff_to(mia)
    accept(accepted)
    Handoff.objects.filter(pk=closed.pk).update(state="withdrawn", closed_at=MONDAY_9AM)
    attempt = partial(
        log_attempt,
        handoff_id=accepted.pk,
        by=mia,
        channel=Attempt.Channel.CALL,
        outcome=Attempt.Outcome.REACHED,
        occurred_at=MONDAY_9AM,
        at=MONDAY_9AM,
    )

    assert not changes_by(attempt)
    assert not changes_by(lambda: Handoff.objects.update(due_at=SOON, viewed_at=SOON))
    assert not changes_by(lambda: Handoff.objects.filter(pk=closed.pk).update(owner=jon))
    closed.clocks.all().delete()
    assert not changes_by(lambda: Handoff.objects.filter(pk=closed.pk).delete())
    assert not changes_by(lambda: Handoff.objects.filter(pk=0).update(owner=jon))
    with connection.cursor() as cursor:
        swap = "UPDATE handoff_handoff SET owner_id = %s - owner_id WHERE id = ANY(%s)"
        assert not changes_by(lambda: cursor.execute(swap, [mia.pk + jon.pk, [first.pk, other.pk]]))
    assert not violations()


@in_one_transaction
def test_statement_adds_one_change_for_each_user() -> None:
    mia, jon = make_rep("Mia"), make_rep("Jon")
    make_pool(mia, jon)
    for _ in range(3):
        make_handoff_to(mia)
    accept(make_handoff_to(jon))
    columns = ", ".join(field.column for field in Handoff._meta.concrete_fields[1:] if field.column)

    def run(sql: str) -> list[tuple[str, int, int]]:
        with connection.cursor() as cursor:
            return changes_by(lambda: cursor.execute(sql))

    run(f"CREATE TEMPORARY TABLE kept ON COMMIT DROP AS SELECT {columns} FROM handoff_handoff")
    assert run("UPDATE handoff_handoff SET state = 'withdrawn', closed_at = offered_at") == [
        ("Jon", 0, -1),
        ("Mia", -3, 0),
    ]
    assert run(f"INSERT INTO handoff_handoff ({columns}) SELECT * FROM kept") == [
        ("Jon", 0, 1),
        ("Mia", 3, 0),
    ]
    with transaction.atomic():
        run("DELETE FROM handoff_slaclock")
        run("DELETE FROM handoff_undoableanswer")
        assert run("DELETE FROM handoff_handoff WHERE closed_at IS NULL") == [
            ("Jon", 0, -1),
            ("Mia", -3, 0),
        ]
        assert not violations()
        transaction.set_rollback(True)
    assert workload() == {"Jon": (0, 1), "Mia": (3, 0)}
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("TRUNCATE handoff_handoff CASCADE")
    assert not WorkloadChange.objects.exists()


@in_one_transaction
def test_changes_are_replaced_by_their_sum() -> None:
    mia, jon, eva = make_rep("Mia"), make_rep("Jon"), make_rep("Eva")
    make_pool(mia, jon, eva)
    for _ in range(3):
        make_handoff_to(mia)
    reject(make_handoff_to(jon))
    make_handoff_to(eva)
    single = WorkloadChange.objects.get(user=eva)
    assert WorkloadChange.objects.count() == 6

    assert merge_changes() == 5
    assert merge_changes() == 0

    assert workload() == {"Mia": (3, 0), "Eva": (1, 0)}
    assert WorkloadChange.objects.count() == 2
    assert WorkloadChange.objects.get(user=eva) == single
    assert not violations()


@in_one_transaction
def test_merging_is_one_statement() -> None:
    with exactly_statements(1):
        merge_workload()


@in_one_transaction
def test_workload_that_is_off_is_found() -> None:
    mia, jon = make_rep("Mia"), make_rep("Jon")
    make_pool(mia, jon)
    make_handoff_to(mia)
    accept(make_handoff_to(jon))
    assert not violations()

    WorkloadChange.objects.create(user=mia, offered=2, accepted=0)
    WorkloadChange.objects.filter(user=jon).delete()

    assert violations() == [
        Violation(f"user {mia.pk}", "their workload is off by +2 offered and +0 accepted handoffs"),
        Violation(f"user {jon.pk}", "their workload is off by +0 offered and -1 accepted handoffs"),
    ]


@in_one_transaction
def test_sums_are_read_from_an_index_and_no_handoff_is_counted() -> None:
    mia = make_rep("Mia")
    make_pool(mia)
    Membership.objects.update(capacity=10)
    make_handoff_to(mia)
    pretend_large("handoff_workloadchange", "handoff_handoff", "people_membership", "people_user")

    for is_prepared in (False, True):
        (plan,) = plans_of(lambda: open_handoffs([mia.pk]), is_prepared=is_prepared)
        assert "workload_change_by_user" in plan
        assert "handoff_handoff" not in plan
        assert "Seq Scan" not in plan


# --- with others at the same time ---------------------------------------------------------------


@with_commits
def test_offers_answers_and_merging_at_once_lose_no_change() -> None:
    mia, jon = make_rep("Mia"), make_rep("Jon")
    make_pool(mia, jon)
    offers = [make_handoff() for _ in range(20)]
    handoffs = sorted(offers, key=lambda handoff: owner_of(handoff).pk)

    def offer() -> None:
        for _ in range(10):
            with_retries(lambda: receive(make_touch(), at=MONDAY_9AM, via="test"))

    def answer(handoffs: list[Handoff]) -> None:
        for handoff, act in zip(
            handoffs, [accept, accept, reject, reject, accept] * 2, strict=True
        ):
            with_retries(partial(act, handoff))

    def merge() -> None:
        for _ in range(40):
            merge_changes()

    at_once(
        *(offer, offer, merge, merge),
        partial(answer, handoffs[::2]),
        partial(answer, handoffs[1::2]),
        refusals=Refused,
    )

    assert workload() == {"Mia": (10, 6), "Jon": (10, 6)}
    assert not violations()
    merge_changes()
    assert WorkloadChange.objects.count() == 2


@with_commits
def test_offer_that_is_rolled_back_changes_nothing() -> None:
    mia = make_rep("Mia")
    make_pool(mia)
    make_handoff()

    with transaction.atomic():
        make_handoff()
        assert open_handoffs([mia.pk]) == {mia.pk: 2}
        transaction.set_rollback(True)

    assert workload() == {"Mia": (1, 0)}
    assert WorkloadChange.objects.count() == 1


@with_commits
def test_changes_that_others_have_not_committed_do_not_hold_up_merging() -> None:
    mia = make_rep("Mia")
    make_pool(mia)
    handoffs = [make_handoff() for _ in range(2)]

    with transaction.atomic():
        accept(handoffs[0])
        (merged,) = at_once(merge_changes)
        assert merged == 2
        assert open_handoffs([mia.pk]) == {mia.pk: 2}

    assert workload() == {"Mia": (1, 1)}
    assert not violations()


@with_commits
def test_merging_that_is_killed_changes_nothing_and_holds_up_no_one() -> None:
    mia = make_rep("Mia")
    make_pool(mia)
    handoffs = [make_handoff() for _ in range(3)]

    with psycopg.connect(**connection.get_connection_params()) as killed:
        killed.execute(MERGE, [10])
        accept(handoffs[0])
        # All rows but the new one belong to the run that is not committed.
        assert merge_changes() == 1
        assert workload() == {"Mia": (2, 1)}
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [killed.info.backend_pid])
        with pytest.raises(psycopg.OperationalError):
            killed.execute("SELECT 1")
        killed.close()

    assert workload() == {"Mia": (2, 1)}
    assert merge_changes() == 4
    assert workload() == {"Mia": (2, 1)}
    assert not violations()
