import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest

from tests.tools.running import PATIENCE, Up, call_up, free_port, until
from tools.devserver.with_servers import servers_on, temporary_data

pytestmark = [
    pytest.mark.installation,
    pytest.mark.skipif(
        not Path("/proc/self/environ").exists(), reason="finds its processes in /proc"
    ),
]


def refusal(data_dir: Path, port: int) -> tuple[int, str]:
    process = call_up(data_dir, port)
    output, _ = process.communicate(timeout=PATIENCE)
    return process.returncode, output.strip()


def is_healthy(running: Up) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{running.port}/health/ready/") as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def test_ready_line_has_the_address(running: Up) -> None:
    assert f"ready http://127.0.0.1:{running.port}/" in running.lines
    hint = "script/manage createsuperuser"
    assert until(lambda: any(line.endswith(hint) for line in running.lines))
    assert is_healthy(running)


@pytest.mark.parametrize(("is_up", "code"), [(True, 0), (False, 1)])
def test_container_probe_reports_whether_it_is_up(running: Up, is_up: bool, code: int) -> None:
    port = running.port if is_up else free_port()

    probe = subprocess.run(
        [sys.executable, "config/probe.py"],
        env={"PORT": str(port), "ALLOWED_HOSTS": "localhost"},
        capture_output=True,
        check=False,
    )

    assert probe.returncode == code


def test_second_start_reports_the_first_one(running: Up) -> None:
    code, output = refusal(running.data_dir, free_port())

    assert (code, output) == (
        1,
        f"Already running on the data in {running.data_dir}.",
    )
    assert is_healthy(running)


def test_taken_and_invalid_ports_are_reported(running: Up) -> None:
    with temporary_data() as elsewhere:
        new = elsewhere / "new"
        taken, none = refusal(new, running.port), refusal(new, 0)
        assert not new.exists()

    message = "is taken or not allowed. Choose another one with --port."
    assert taken == (1, f"Port {running.port} {message}")
    assert none == (1, f"Port 0 {message}")


def test_links_lead_to_its_port(running: Up) -> None:
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(f"http://127.0.0.1:{running.port}/api/v1/leads/")

    problem = json.load(refused.value)
    assert problem["type"].startswith(f"http://localhost:{running.port}/")


@pytest.mark.parametrize(
    "part", ["celeryd: worker@", "celeryd: mail@", "gunicorn: master", "celery beat"]
)
def test_killed_program_is_restarted(running: Up, part: str) -> None:
    victims = running.kill(part)

    assert victims
    assert until(lambda: bool(running.pids(part) - victims))
    assert until(lambda: not running.pids(part) & victims)
    assert until(lambda: is_healthy(running))


def test_killed_worker_leaves_no_child_processes(running: Up) -> None:
    part = "celeryd: worker@"
    assert until(lambda: len(running.pids(part)) == 3)
    victims = running.pids(part)

    os.kill(running.leader(part), signal.SIGKILL)

    assert until(lambda: not running.pids(part) & victims)
    assert until(lambda: len(running.pids(part)) == 3)


def test_killed_database_is_restarted_with_its_data(running: Up) -> None:
    url = running.addresses["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")

    assert running.kill("/postgres -D")

    assert until(lambda: answers(url))
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchone() == (7,)
    assert until(lambda: is_healthy(running))


def answers(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


def test_stop_leaves_no_process(running: Up) -> None:
    running.process.terminate()

    assert running.is_gone()
    assert running.process.returncode == 0
    assert not (running.data_dir / "servers.json").exists()


@pytest.mark.usefixtures("no_urls")
def test_killing_everything_leaves_no_process_and_loses_no_write(running: Up) -> None:
    url = running.addresses["DATABASE_URL"]
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE survivors AS SELECT 7 AS number")

    assert running.kill("bin/python", "gunicorn", "celery")

    assert running.is_gone()
    with (
        servers_on(running.data_dir) as again,
        psycopg.connect(again["DATABASE_URL"]) as connection,
    ):
        assert connection.execute("SELECT number FROM survivors").fetchone() == (7,)
