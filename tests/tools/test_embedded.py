import json
import os
import re
import signal
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from subprocess import Popen

import psycopg
import pytest
import redis

from tools.devserver import processes
from tools.devserver.embedded import AlreadyRunning, CannotStart, embedded_servers
from tools.devserver.embedded.postgres import Postgres, postgres_for
from tools.devserver.embedded.servers import announced
from tools.devserver.embedded.system import can_reach, socket_folder, wait_until
from tools.devserver.embedded.valkey import Valkey, valkey_for
from tools.devserver.with_servers import servers_on, temporary_data

pytestmark = pytest.mark.installation

PATIENCE = 60


@pytest.fixture
def data_dir() -> Iterator[Path]:
    with temporary_data() as folder:
        yield folder


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    """Create a server that each test starts."""
    with temporary_data() as folder, postgres_for(folder) as made:
        yield made


@contextmanager
def started(server: Postgres | Valkey) -> Iterator[Popen[bytes]]:
    program = server.program()
    process = processes.start(program)
    try:
        assert wait_until(server.answers, PATIENCE), server.log.read_text()
        yield process
    finally:
        processes.stop(process, program)


def test_data_survives_a_restart(server: Postgres) -> None:
    with started(server), psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 7 AS number")

    with started(server), psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT number FROM kept").fetchall() == [(7,)]


def test_text_sorts_by_code_point_on_every_system(server: Postgres) -> None:
    with started(server), psycopg.connect(server.url) as connection:
        words = connection.execute("SELECT unnest(ARRAY['é', 'b', 'Z', 'a']) ORDER BY 1")

        assert [word for (word,) in words] == ["Z", "a", "b", "é"]


def test_killed_database_keeps_every_acknowledged_write(server: Postgres) -> None:
    acknowledged: list[int] = []
    enough = threading.Event()

    def write(first: int) -> None:
        with psycopg.connect(server.url, autocommit=True) as connection:
            for number in range(first, first + 1_000_000):
                connection.execute("INSERT INTO written VALUES (%s)", [number])
                acknowledged.append(number)
                if len(acknowledged) > 300:
                    enough.set()

    def write_until_it_breaks(first: int) -> None:
        with suppress(psycopg.OperationalError):
            write(first)

    with started(server) as process:
        with psycopg.connect(server.url) as connection:
            connection.execute("CREATE TABLE written (number bigint PRIMARY KEY)")
        writers = [
            threading.Thread(target=write_until_it_breaks, args=[n * 1_000_000]) for n in range(3)
        ]
        for writer in writers:
            writer.start()
        assert enough.wait(PATIENCE)
        kill_all_of(server, process)
        for writer in writers:
            writer.join(PATIENCE)

    with started(server), psycopg.connect(server.url) as connection:
        kept = {number for (number,) in connection.execute("SELECT number FROM written")}

    assert set(acknowledged) - kept == set()
    # Of each writer, at most the row whose acknowledgment the kill cut off.
    assert len(kept - set(acknowledged)) <= 3


def kill_all_of(server: Postgres, process: Popen[bytes]) -> None:
    with psycopg.connect(server.url) as connection:
        pids = [pid for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity")]
    for pid in [process.pid, *pids]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def test_database_starts_if_its_old_pid_belongs_to_another_program(server: Postgres) -> None:
    pid_file = server.cluster / "postmaster.pid"
    with started(server):
        trace = pid_file.read_text().split("\n")
    pid_file.write_text("\n".join([str(os.getpid()), *trace[1:]]))

    with started(server), psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_leftover_server_is_stopped_before_the_next(server: Postgres) -> None:
    left_behind = processes.start(server.program())
    assert wait_until(server.answers, PATIENCE)

    with started(server) as process:
        assert left_behind.wait(PATIENCE) == 0
        assert process.pid != left_behind.pid


def test_cluster_of_another_version_is_rejected(data_dir: Path) -> None:
    with postgres_for(data_dir) as server:
        (server.cluster / "PG_VERSION").write_text("16\n")

    with (
        pytest.raises(CannotStart, match="is of PostgreSQL 16, and this runs PostgreSQL 18"),
        postgres_for(data_dir),
    ):
        pass


def test_interrupted_first_start_begins_again(data_dir: Path) -> None:
    with postgres_for(data_dir) as server:
        half_made = server.cluster.rename(server.home / "cluster.unfinished")
        (half_made / "global" / "pg_control").unlink()

    with postgres_for(data_dir) as server:
        assert (server.cluster / "global" / "pg_control").exists()
        assert not half_made.exists()


def test_data_folder_too_deep_for_a_socket_works(data_dir: Path) -> None:
    deep = data_dir / ("a" * 60) / ("b" * 60)
    deep.mkdir(parents=True)
    deep.chmod(0o711)
    deep.parent.chmod(0o711)

    with postgres_for(deep) as server, started(server), psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)
    assert not server.sockets.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the database as another user")
def test_private_home_of_root_stays_private(data_dir: Path) -> None:
    private = data_dir / "home"
    private.mkdir(mode=0o700)
    inside = private / "data"
    inside.mkdir(mode=0o711)

    with postgres_for(inside) as server, started(server):
        elsewhere = server.home

    try:
        assert (inside / "postgres").resolve() == elsewhere
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
        assert stat.S_IMODE(elsewhere.stat().st_mode) == 0o700
        with postgres_for(inside) as server:
            assert server.home == elsewhere
    finally:
        remove_tree(elsewhere)


def remove_tree(folder: Path) -> None:
    assert folder.name.startswith("handoff-postgres-")
    for path in sorted(folder.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    folder.rmdir()


def test_unreachable_programs_are_copied_to_the_data_folder(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "tools.devserver.embedded.postgres.can_reach",
        lambda account, path: can_reach(account, path) and path.is_relative_to(data_dir),
    )

    with postgres_for(data_dir) as server, started(server):
        assert server.programs.is_relative_to(data_dir)


def test_killed_broker_keeps_its_queue(data_dir: Path) -> None:
    with valkey_for(data_dir) as server:
        with started(server) as process:
            with redis.Redis.from_url(server.url) as client:
                client.rpush("queue", *range(300))
            # The log is flushed every second; a process that is killed leaves it to the system.
            process.kill()
            process.wait(PATIENCE)

        with started(server), redis.Redis.from_url(server.url) as client:
            assert client.llen("queue") == 300


@pytest.mark.parametrize("name", ["a,b", "C#", "what?", "per%20cent"])
def test_folder_that_needs_escaping_holds_no_socket(name: str, data_dir: Path) -> None:
    plain, odd = data_dir / "Ümläut and space", data_dir / name
    for home in (plain, odd):
        home.mkdir()
    with socket_folder(plain, None) as beside, socket_folder(odd, None) as elsewhere:
        assert beside == plain / "socket"
        assert re.fullmatch(r"/tmp/handoff-\w+", str(elsewhere))
    assert not elsewhere.exists()


@pytest.mark.usefixtures("no_urls")
def test_only_one_process_holds_a_data_folder(data_dir: Path) -> None:
    with (
        embedded_servers(data_dir),
        pytest.raises(AlreadyRunning, match="Already running on the data in"),
        embedded_servers(data_dir),
    ):
        pass


@pytest.mark.usefixtures("no_urls")
def test_second_command_uses_the_servers_of_the_first(data_dir: Path) -> None:
    with servers_on(data_dir) as first, servers_on(data_dir) as second:
        assert second == first
        assert set(first) == {"DATABASE_URL", "REDIS_URL"}
    assert not (data_dir / "servers.json").exists()


def test_configured_urls_replace_embedded_servers(
    data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://somewhere/else")
    monkeypatch.setenv("REDIS_URL", "redis://somewhere:6379/0")

    with embedded_servers(data_dir) as servers, announced(data_dir, servers):
        assert servers.owned == []
        assert json.loads((data_dir / "servers.json").read_text()) == {
            "DATABASE_URL": "postgres://somewhere/else",
            "REDIS_URL": "redis://somewhere:6379/0",
        }
    assert not (data_dir / "postgres").exists()


@pytest.mark.usefixtures("no_urls")
def test_missing_binaries_are_reported(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.devserver.embedded.postgres.PACKAGE", "no_such_package")

    with pytest.raises(CannotStart, match="Set DATABASE_URL"), embedded_servers(data_dir):
        pass
