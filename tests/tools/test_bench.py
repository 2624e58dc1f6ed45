"""The arithmetic of the bench, without measuring times."""

from __future__ import annotations

import json
import re
import socket
import struct
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connection, transaction
from django.test import Client as InProcess
from django.test import RequestFactory
from django.utils import timezone

from handoff.configuration import configuration
from handoff.models import Handoff, SlaClock
from leads.models import ExternalId, Lead, LeadEvent
from people.models import Membership, Team
from reporting.invariants import CHECKS
from reporting.rollups.refresh import follow_log
from tests.factories import make_lead
from tools.bench import new_connection
from tools.bench.clocks import MAKE_DUE, S, due_at_rate
from tools.bench.data import (
    FILLED,
    FOREIGN_KEYS,
    LONG_LEAD,
    YEAR,
    foreign_keys_checked_at_once,
)
from tools.bench.databases import (
    address_of_database,
    copy_empty_database,
    drop_database,
    name_of_copy,
)
from tools.bench.goals import Goal, GoalResult
from tools.bench.growth import Growth, growth_table
from tools.bench.http_paths import HTTP_PATHS
from tools.bench.measure import (
    Comparison,
    Sample,
    alone,
    compare,
    compare_until_stable,
    most_stable,
    p50,
    p95,
)
from tools.bench.mixed import at_rate
from tools.bench.numbers import LATE_EVENTS, all_figures, empty, write_day
from tools.bench.pages import INBOX_ROWS, PAGES
from tools.bench.paths import GOALS, PATHS, paths_for
from tools.bench.plain_numbers import count_all, count_leads_from
from tools.bench.run import preparations, prepared, read_options, size_of
from tools.bench.table import table_of
from tools.bench.web import (
    DJANGO_BACKEND,
    H0,
    H1,
    Client,
    answers,
    cookies_of,
    csrf_token,
    serving,
)
from tools.bench.world import Size, World


def shows(figures: Iterable[float]) -> Callable[[], float]:
    """Return a side that yields these figures one after the other."""
    return iter(figures).__next__


def make_comparison(*controls: float) -> Comparison:
    return Comparison(subject=Sample((6.0, 6.0, 6.0)), control=Sample(controls))


def test_ratio_is_of_medians_without_the_first_round() -> None:
    comparison = compare(shows([99, 1, 2, 3]), shows([99, 4, 9, 5]), rounds=3)

    assert comparison.control == Sample((1, 2, 3))
    assert comparison.subject == Sample((4, 9, 5))
    assert comparison.ratio == 2.5


def test_control_and_subject_alternate() -> None:
    order: list[str] = []

    def side(name: str) -> Callable[[], float]:
        def show() -> float:
            order.append(name)
            return 1.0

        return show

    compare(side("control"), side("subject"), rounds=2)

    assert order == ["control", "subject"] * 3


def test_stable_run_is_not_repeated() -> None:
    runs = [make_comparison(1.0, 1.05, 1.1), make_comparison(1.0, 1.0, 1.0)]

    assert most_stable(iter(runs).__next__) is runs[0]


def test_unstable_run_is_repeated_until_its_control_is_stable() -> None:
    runs = [make_comparison(1.0, 1.0, 1.2), make_comparison(1.0, 1.1), make_comparison(1.0, 1.0)]

    assert most_stable(iter(runs).__next__) is runs[1]


def test_most_stable_of_three_unstable_runs_is_marked_unstable() -> None:
    runs = [make_comparison(1.0, 1.5), make_comparison(1.0, 1.2), make_comparison(1.0, 1.4)]

    stable = most_stable(iter(runs).__next__)

    assert stable is runs[1]
    assert stable.is_unstable


def test_unstable_comparison_is_repeated_without_another_warm_up() -> None:
    control, subject = shows([99, 1, 2, 1, 1, 1]), shows([99, 4, 9, 5, 6, 7])

    comparison = compare_until_stable(control, subject, rounds=2, max_runs=2)

    assert comparison.control == Sample((1, 1))
    assert comparison.subject == Sample((5, 6))


def test_figure_without_a_control_is_measured_alone() -> None:
    assert alone(shows([99, 6.1, 5.9, 6]), rounds=3) == Sample((6.1, 5.9, 6))


def test_unstable_figure_is_measured_again() -> None:
    figures = [99, 5, 9, 7, 6, 8, 7, 4, 9, 7]

    assert alone(shows(figures), rounds=3) == Sample((6, 8, 7))


def test_percentiles_are_interpolated() -> None:
    assert p50([3.0, 1.0, 2.0]) == 2.0
    assert p95([float(number) for number in range(101)]) == 95.0


@pytest.mark.parametrize(
    ("figure", "reached"), [(2.0, "goal"), (2.1, "first"), (5.0, "first"), (5.1, "no")]
)
def test_ratio_reaches_limits_that_it_does_not_exceed(figure: float, reached: str) -> None:
    assert Goal("I1", "intake", first=5, goal=2).reached(figure) == reached


@pytest.mark.parametrize(("figure", "reached"), [(0.4, "goal"), (0.15, "first"), (0.14, "no")])
def test_rate_reaches_limits_that_it_does_not_miss(figure: float, reached: str) -> None:
    assert Goal("B1", "import", first=0.15, goal=0.40, at_least=True).reached(figure) == reached


def test_finding_is_one_line_of_json() -> None:
    compared = Comparison(subject=Sample((6.0, 5.0, 7.0)), control=Sample((2.0, 1.9, 2.1)))

    line = GoalResult(Goal("I1", "intake", 5, 2), compared).as_json()

    assert "\n" not in line
    assert json.loads(line) == {
        "id": "I1",
        "path": "intake",
        "ratio": 3.0,
        "unit": "x",
        "first": 5,
        "goal": 2,
        "reached": "first",
        "subject": {"median": 6.0, "min": 5.0, "max": 7.0},
        "control": {"median": 2.0, "min": 1.9, "max": 2.1},
        "rounds": 3,
        "is_unstable": False,
    }


def test_figure_with_a_unit_is_not_a_ratio() -> None:
    line = GoalResult(Goal("I5", "decision", 400, 200, unit="µs"), Sample((123.456,))).as_json()

    assert json.loads(line) == {
        "id": "I5",
        "path": "decision",
        "figure": 123.5,
        "unit": "µs",
        "first": 400,
        "goal": 200,
        "reached": "goal",
        "subject": {"median": 123.5, "min": 123.5, "max": 123.5},
        "rounds": 1,
        "is_unstable": False,
    }


def test_table_has_a_row_for_each_finding() -> None:
    findings = [
        GoalResult(Goal("I1", "intake", 5, 2), make_comparison(2.0)),
        GoalResult(Goal("I5", "decision", 400, 200, unit="µs"), Sample((123.456,))),
    ]

    assert table_of(findings).splitlines()[2:] == [
        "| I1 | intake | 3 | 5 | 2 | first |",
        "| I5 | decision | 123 µs | 400 µs | 200 µs | goal |",
    ]


def test_table_says_which_results_are_restless() -> None:
    findings = [
        GoalResult(Goal("I1", "intake", 5, 2), make_comparison(2.0, 2.0, 2.4)),
        GoalResult(Goal("I5", "decision", 400, 200, unit="µs"), Sample((100, 150))),
    ]

    assert [row.split(" | ")[-1] for row in table_of(findings).splitlines()[2:]] == [
        "first, restless |",
        "goal, restless |",
    ]


def test_every_goal_has_a_unique_label_and_a_path() -> None:
    assert len({goal.label for goal in GOALS}) == len(GOALS)
    assert {goal.id for goal in GOALS} == {id for path in PATHS for id in path.ids}


def test_path_runs_if_any_of_its_goals_is_named() -> None:
    assert paths_for(["I2"]) == [path for path in PATHS if "I2" in path.ids]
    assert paths_for([]) == list(PATHS)


def test_paths_prepare_only_for_their_goals() -> None:
    def prepared_for(*arguments: str) -> int:
        return len(preparations(read_options([*arguments])))

    assert [prepared_for(), prepared_for("I1"), prepared_for("D2"), prepared_for("growth")] == [
        *(2, 0, 1, 2)
    ]


def test_unknown_goal_is_rejected(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        read_options(["I1", "I99"])

    assert refusal.value.code == 2
    assert "Unknown goal I99. Known: I1, I2, " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "leads"), [([], 100_000), (["--small"], 5_000), (["--full"], 5_000_000)]
)
def test_default_size_is_a_hundred_thousand_leads(arguments: list[str], leads: int) -> None:
    assert size_of(read_options(arguments)).leads == leads


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_plain_sql_of_the_bench_fits_the_schema() -> None:
    organization = prepared(Size(leads=300))
    at = timezone.now()
    with connection.cursor() as cursor:
        cursor.execute(MAKE_DUE, {"at": at, "count": 20})
        values: dict[str, Any] = {
            "at": at,
            "batch": 20,
            "edition": SlaClock.objects.values_list("calendar", flat=True)[0],
            "rule_set": configuration.now().rule_set_id,
        }
        cursor.execute(S, values)

        assert cursor.fetchone() == (20,)
        cursor.execute(LATE_EVENTS, {"days": 9, "since": at - YEAR})
        assert cursor.rowcount == 9
    due = due_at_rate(4, at)
    assert sorted(due.values()) == [
        at + timedelta(milliseconds=5 * number) for number in (1, 2, 3, 4)
    ]
    assert Handoff.objects.filter(hop=1).count() == 20
    assert Lead.objects.count() == 300
    assert organization.rep.is_active


@pytest.mark.django_db(transaction=True)
def test_foreign_keys_that_are_checked_at_once_stay_as_they_were() -> None:
    def keys() -> list[tuple[str, str, str]]:
        with connection.cursor() as cursor:
            cursor.execute(FOREIGN_KEYS, [list(FILLED)])
            return sorted(cursor.fetchall())

    before = keys()
    with transaction.atomic(), foreign_keys_checked_at_once():
        make_lead()
    assert keys() == before

    with (
        pytest.raises(IntegrityError, match="leads_contact"),
        transaction.atomic(),
        foreign_keys_checked_at_once(),
    ):
        ExternalId.objects.create(contact_id=1, system_id="unnamed", value="of no contact")
    assert keys() == before


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_further_databases_are_copies_of_the_migrated_one() -> None:
    copy_empty_database()
    try:
        with connection._nodb_cursor() as cursor:
            cursor.execute("SELECT datname FROM pg_database")
            assert (name_of_copy(),) in cursor.fetchall()
    finally:
        drop_database(name_of_copy())


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_data_of_the_bench_violates_no_invariant() -> None:
    rep = prepared(Size(leads=300)).rep

    at = timezone.now()
    assert {name: list(check(at)) for name, check in CHECKS.items()} == dict.fromkeys(CHECKS, [])
    assert Handoff.objects.open().filter(owner=rep).count() == INBOX_ROWS
    assert not Membership.objects.filter(capacity=None, team__function=Team.Function.SDR).exists()
    assert Lead.objects.exclude(returned_at=None).count() == 3
    assert LeadEvent.objects.filter(lead=LONG_LEAD).count() == 1_000


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_measured_page_shows_the_leads_that_it_is_for() -> None:
    size = Size(leads=300)
    with ExitStack() as stack:
        world = World(size, prepared(size), lambda message: None, stack)
        for page in PAGES:
            client = InProcess(SERVER_NAME="localhost")
            client.cookies.load(world.cookies_of(page.reader(world.organization), csrf_token()))
            headers = {name.replace("_", "-"): text for name, text in page.headers.items()}
            for address in page.addresses(world)[:3]:
                answer = client.get(address, headers=headers)

                assert answer.status_code == 200, address
                if page.id in ("A1", "L1", "L3", "L5", "L6"):
                    assert re.search(rb'href="/leads/\d+/', answer.content), address


@pytest.mark.django_db(transaction=True)
def test_request_can_ask_for_a_new_connection_to_the_database() -> None:
    connection.ensure_connection()
    before = connection.connection
    request = RequestFactory().get("/health/live/", headers={"New-Connection": "1"})

    b"".join(new_connection.application(request.environ, lambda *_: None))

    assert connection.connection is not before


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_control_of_the_rollups_counts_what_the_product_counts() -> None:
    prepared(Size(leads=300))
    counted = all_figures()

    with transaction.atomic():
        empty()
        count_all()
        assert all_figures() == counted
    first = write_day(300)
    with transaction.atomic():
        count_leads_from(first)
        by_control = all_figures()
        transaction.set_rollback(True)
    follow_log(at=timezone.now())
    assert all_figures() == by_control


def test_growth_compares_the_largest_with_the_smallest() -> None:
    by_leads = {10: Sample((2.0,)), 100: Sample((9.0,)), 1_000: Sample((3.0,))}
    row = Growth(HTTP_PATHS[0], by_leads)

    assert row.result.figure == 1.5
    assert growth_table([row]).splitlines()[2] == (
        "| inbox page of 50 rows | 2.0 ms | 9.0 ms | 3.0 ms | 1.5 | 2 | 1.3 | first |"
    )


def test_growth_takes_sizes() -> None:
    assert read_options(["growth", "--sizes", "5000,1000"]).sizes == (1_000, 5_000)
    assert size_of(read_options(["growth"])).leads == 1_000_000


@pytest.mark.parametrize("text", ["5000", "100,5000", "many"])
def test_growth_needs_two_sizes_that_hold_the_data(text: str) -> None:
    with pytest.raises(SystemExit):
        read_options(["growth", "--sizes", text])


def test_failed_request_of_the_mixed_load_is_an_error() -> None:
    steps = iter([True, False, True])

    def step() -> None:
        assert next(steps)

    taken = at_rate(step, every=0.01, seconds=0.03)

    assert [latency is None for latency in taken] == [False, True, False]


@contextmanager
def one_answer_a_connection(drop: Callable[[socket.socket], None]) -> Iterator[int]:
    """Answer the first request of each connection, and `drop` it at the second."""

    def serve(listener: socket.socket) -> None:
        for number in range(2):
            connected, _ = listener.accept()
            connected.recv(65536)
            connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n%d" % number)
            if number == 0:
                connected.recv(65536)
                drop(connected)
            connected.close()

    with socket.create_server(("127.0.0.1", 0)) as listener, ThreadPoolExecutor(1) as pool:
        served = pool.submit(serve, listener)
        yield listener.getsockname()[1]
        served.result()


def reset(connected: socket.socket) -> None:
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def break_off(connected: socket.socket) -> None:
    connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")


@pytest.mark.parametrize("drop", [reset, break_off, lambda connected: None])
def test_request_is_sent_again_if_the_connection_is_dropped(
    drop: Callable[[socket.socket], None],
) -> None:
    with one_answer_a_connection(drop) as port:
        client = Client(port)

        assert [client.get("/").body, client.get("/").body] == [b"0", b"1"]
        assert client.sent == 2
        client.close()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_signed_in_floor_has_a_user_behind_the_stock_middleware() -> None:
    user = prepared(Size(leads=300)).reader
    with serving(H1, DATABASE_URL=address_of_database(DEFAULT_DB_ALIAS)) as served:
        cookies = [cookies_of(user, csrf_token(), backend=DJANGO_BACKEND), ""]
        statuses = [Client(served.port, cookie).get("/").status for cookie in cookies]

    assert statuses == [200, 302]


@pytest.mark.slow
@pytest.mark.parametrize("application", [H0, H1])
def test_floor_of_requests_is_served(application: str) -> None:
    with serving(application) as served:
        assert answers(served.port)
