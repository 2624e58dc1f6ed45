"""SIGKILL in the middle of real work, then a restart: nothing lost, doubled or left behind."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
import pytest
import redis

from tests.tools.running import Installation, Up, environment, until
from tools.devserver.with_servers import servers_on

pytestmark = [
    pytest.mark.installation,
    pytest.mark.skipif(
        not Path("/proc/self/environ").exists(), reason="finds its processes in /proc"
    ),
    pytest.mark.usefixtures("no_urls"),
]

LATE_LEADS = 1500
A_FEW = 15
PAUSE = 0.02
MAKE_LATE_LEADS = f"""
from datetime import timedelta
from django.utils import timezone
from handoff.pipeline import receive_many
from tests.factories import make_pool, make_rep, make_touch
make_pool(*[make_rep() for _ in range(5)])
at = timezone.now() - timedelta(days=10)
receive_many([make_touch(occurred_at=at) for _ in range({LATE_LEADS})], at=at, via="test")
"""


def manage(run: Up, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        env={**environment(run.data_dir), **run.addresses},
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def asked(run: Up, sql: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(run.addresses["DATABASE_URL"]) as connection:
        return connection.execute(sql).fetchall()


def number(run: Up, sql: str) -> int:
    return int(asked(run, f"SELECT count(*) FROM {sql}")[0][0])


def newest(run: Up, table: str) -> int:
    return int(asked(run, f"SELECT coalesce(max(id), 0) FROM {table}")[0][0])


def ids_after(run: Up, table: str, newest: int) -> set[int]:
    return {id for (id,) in asked(run, f"SELECT id FROM {table} WHERE id > {newest}")}


def wait_for_another_batch(run: Up) -> None:
    before = number(run, "handoff_escalation")
    goal = min(before + 1, LATE_LEADS)
    assert until(lambda: number(run, "handoff_escalation") >= goal)


def test_worker_killed_during_a_sweep_loses_and_repeats_nothing(running: Up) -> None:
    worker = "celeryd: worker@"
    assert number(running, "leads_lead") == 0
    manage(running, "shell", "--command", MAKE_LATE_LEADS)

    for _ in range(3):
        assert until(lambda: bool(running.pids(worker)))
        wait_for_another_batch(running)
        running.kill(worker)

    late = "handoff_slaclock WHERE stopped_at IS NULL AND next_action_at < now()"
    assert until(lambda: number(running, late) == 0)
    assert number(running, "handoff_handoff WHERE closed_at IS NULL AND hop = 1") == LATE_LEADS
    assert number(running, "handoff_handoff WHERE state = 'expired'") == LATE_LEADS
    assert number(running, "handoff_handoff") == 2 * LATE_LEADS
    assert number(running, "leads_leadevent WHERE kind = 'expired'") == LATE_LEADS
    breached = asked(running, "SELECT lead_id, payload->>'clock' FROM leads_leadevent "
                     "WHERE kind = 'clock_breached'")  # fmt: skip
    assert len(breached) == len(set(breached)) == 2 * LATE_LEADS
    balances = asked(running, "SELECT sum(balance) FROM people_membership")
    assert balances == [(0,)]


@dataclass
class Sender:
    """Sends touches over the API; repeats each with its key until it is acknowledged."""

    port: int
    secret: str
    name: str
    newest_before: dict[str, int]
    acknowledged: dict[str, int] = field(default_factory=dict)
    goes_on: bool = True

    def __post_init__(self) -> None:
        self.thread = threading.Thread(target=self.send_on)

    def stop(self) -> None:
        self.goes_on = False
        self.thread.join()

    def send_on(self) -> None:
        for place in count():
            while self.goes_on and not self._send(f"{self.name}-{place}"):
                time.sleep(PAUSE)
            if not self.goes_on:
                return

    def gets_on(self) -> bool:
        """Wait until a few more touches are acknowledged; return whether they were."""
        goal = len(self.acknowledged) + A_FEW
        return until(lambda: len(self.acknowledged) >= goal)

    def _send(self, key: str) -> bool:
        body = {"email": f"{key}@company.example", "kind": "demo_request", "lead_type": "demo"}
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/api/v1/touches/",
            json.dumps(body).encode(),
            {
                "Authorization": f"Bearer {self.secret}",
                "Idempotency-Key": key,
                "Content-Type": "application/json",
            },
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                self.acknowledged[key] = json.load(answer)["touch"]
        except OSError:
            return False
        return True


@pytest.fixture
def sender(running: Up) -> Iterator[Sender]:
    key = json.loads(
        manage(running, "create_api_key", "Site", "--scope", "touches:write", "--json")
    )
    before = {table: newest(running, table) for table in ("leads_touch", "leads_lead")}
    sender = Sender(running.port, key["secret"], f"touch-{key['id']}", before)
    sender.thread.start()
    assert sender.gets_on()
    yield sender
    sender.stop()


def assert_each_touch_once(run: Up, sender: Sender) -> None:
    assert sender.gets_on()
    sender.stop()
    touches, leads = (ids_after(run, table, id) for table, id in sender.newest_before.items())
    assert touches == set(sender.acknowledged.values())
    assert len(leads) == len(touches)


def test_database_killed_during_intake_keeps_each_acknowledged_touch_once(
    running: Up, sender: Sender
) -> None:
    assert running.kill("/postgres -D")

    assert_each_touch_once(running, sender)


def test_supervisor_killed_during_intake_leaves_no_process_and_loses_nothing(
    installation: Installation, running: Up, sender: Sender
) -> None:
    assert running.kill("devserver.up")

    assert running.is_gone()
    with servers_on(running.data_dir):
        assert set(sender.acknowledged.values()) <= ids_after(running, "leads_touch", 0)
    again = installation.up()
    sender.port = again.port
    assert_each_touch_once(again, sender)


SIGN_IN = """
from people.models import User
from tools.bench.web import cookies_of, csrf_token
user = User.objects.create_user("rep@ours.example", None, name="Rep", is_superuser=True)
print(cookies_of(user, csrf_token()))
"""
FORM = b"username=rep%40ours.example&password=guessed"
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def status_of(run: Up, path: str, cookie: str, body: bytes | None = None) -> int:
    url = f"http://127.0.0.1:{run.port}{path}"
    request = urllib.request.Request(url, body, {"Cookie": cookie})
    try:
        with DIRECT.open(request, timeout=20) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture(scope="module")
def cookie(installation: Installation) -> str:
    return manage(installation.up(), "shell", "--verbosity", "0", "--command", SIGN_IN).strip()


def test_stopped_or_emptied_cache_server_signs_nobody_out(running: Up, cookie: str) -> None:
    cache = redis.Redis.from_url(running.addresses["REDIS_URL"])
    broker = cache.info("server")["process_id"]
    csrf = f"{cookie}; csrftoken={'a' * 32}"
    form = FORM + b"&csrfmiddlewaretoken=" + b"a" * 32
    assert status_of(running, "/notices/", cookie) == 200

    os.kill(broker, signal.SIGSTOP)
    try:
        assert status_of(running, "/notices/", cookie) == 200
        assert status_of(running, "/sign-in/", csrf, form) == 503
    finally:
        os.kill(broker, signal.SIGCONT)
    assert status_of(running, "/sign-in/", csrf, form) == 200

    cache.flushall()
    assert status_of(running, "/notices/", cookie) == 200


def test_database_killed_gives_no_stack_trace(running: Up, cookie: str) -> None:
    before = len(running.lines)
    killed = running.kill("/postgres -D")
    assert killed

    statuses = []

    def is_back() -> bool:
        # Sessions of the killed server answer until they notice. The next one waits for their end.
        is_another = bool(running.pids("/postgres -D") - killed)
        statuses.append(status_of(running, "/notices/", cookie))
        return is_another and statuses[-1] == 200

    assert until(is_back)
    assert set(statuses) <= {200, 503}
    lines = [line for line in running.lines[before:] if line.startswith("web")]
    assert not [line for line in lines if "Traceback" in line]


def test_page_after_the_database_ended_its_session_is_served(running: Up, cookie: str) -> None:
    """The connection was in use a moment ago, so the server is not asked whether it works."""
    statuses = [status_of(running, "/notices/", cookie) for _ in range(8)]
    with psycopg.connect(running.addresses["DATABASE_URL"], autocommit=True) as session:
        session.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE datname = current_database() AND state = 'idle' AND pid <> pg_backend_pid()"
        )

    statuses += [status_of(running, "/notices/", cookie) for _ in range(8)]

    assert set(statuses) == {200}
