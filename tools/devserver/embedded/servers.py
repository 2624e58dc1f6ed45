"""The servers of a data folder; a file tells other processes their addresses."""

import fcntl
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tools.devserver.embedded.postgres import Postgres, postgres_for
from tools.devserver.embedded.system import CannotStart, make_folder, wait_until
from tools.devserver.embedded.valkey import Valkey, valkey_for

SERVERS: Final[Mapping[str, Callable[[Path], AbstractContextManager[Postgres | Valkey]]]] = {
    "DATABASE_URL": postgres_for,
    "REDIS_URL": valkey_for,
}


class AlreadyRunning(CannotStart):
    """Another process uses the data folder."""


class NotRunning(Exception):
    """The process that used the data folder has ended."""


@dataclass(frozen=True)
class Servers:
    """The addresses of all servers, and those that this process starts."""

    owned: list[Postgres | Valkey]
    addresses: dict[str, str]


@contextmanager
def embedded_servers(data_dir: Path) -> Iterator[Servers]:
    """Lock the data folder and prepare the servers for which no URL is set."""
    make_folder(data_dir, None, 0o711)
    with ExitStack() as stack:
        stack.enter_context(only_process_in(data_dir))
        servers = Servers([], {})
        for name, server_for in SERVERS.items():
            address = os.environ.get(name)
            if not address:
                server = stack.enter_context(server_for(data_dir))
                servers.owned.append(server)
                address = server.url
            servers.addresses[name] = address
        yield servers


@contextmanager
def only_process_in(data_dir: Path) -> Iterator[None]:
    with (data_dir / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"Already running on the data in {data_dir}.") from None
        # Left behind if the process was killed.
        (data_dir / "servers.json").unlink(missing_ok=True)
        yield


@contextmanager
def announced(data_dir: Path, servers: Servers) -> Iterator[None]:
    """Let other processes on the same data find the servers."""
    file = data_dir / "servers.json"
    unfinished = file.with_suffix(".unfinished")
    # A URL may contain a password.
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(servers.addresses))
    unfinished.rename(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


@contextmanager
def running_servers(data_dir: Path, patience: float) -> Iterator[dict[str, str]]:
    """Yield the addresses of running servers, which keep running for the duration.

    Wait for a start that is still preparing the database. Raise NotRunning if it has ended.
    """
    file = data_dir / "servers.json"
    with (data_dir / "guests").open("a") as guests:

        def is_settled() -> bool:
            fcntl.flock(guests, fcntl.LOCK_SH)
            if file.exists():
                return True
            fcntl.flock(guests, fcntl.LOCK_UN)
            return not is_held(data_dir)

        if not is_settled():
            sys.stderr.write("Waiting for another process to start on the same data ...\n")
        if not wait_until(is_settled, patience):
            raise CannotStart(f"Another process uses {data_dir}, but its servers do not answer.")
        if not file.exists():
            raise NotRunning
        addresses: dict[str, str] = json.loads(file.read_text())
        yield addresses


def is_held(data_dir: Path) -> bool:
    try:
        with only_process_in(data_dir):
            return False
    except AlreadyRunning:
        return True


def wait_for_guests(data_dir: Path) -> None:
    """Wait for the commands that use the servers; new ones can no longer find them."""
    with (data_dir / "guests").open("a") as guests:
        try:
            fcntl.flock(guests, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("Waiting for another command on the same data ...\n")
            fcntl.flock(guests, fcntl.LOCK_EX)
