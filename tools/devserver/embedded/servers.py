"""Which servers a data folder needs, started together and known to other processes by a file."""

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
    """Another process holds the data folder."""


class NobodyRunning(Exception):
    """Whoever held the data folder has let it go."""


@dataclass(frozen=True)
class Servers:
    """Where the servers answer, and which of them are ours to start."""

    owned: list[Postgres | Valkey]
    addresses: dict[str, str]


@contextmanager
def embedded_servers(data_dir: Path) -> Iterator[Servers]:
    """Hold the data folder alone and prepare the servers that no URL was given for."""
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
        # Left by a holder that was killed.
        (data_dir / "servers.json").unlink(missing_ok=True)
        yield


@contextmanager
def announced(data_dir: Path, servers: Servers) -> Iterator[None]:
    """While they answer, let other processes on the same data find them."""
    file = data_dir / "servers.json"
    unfinished = file.with_suffix(".unfinished")
    # An address that was given to us may hold a password.
    unfinished.touch(mode=0o600)
    unfinished.write_text(json.dumps(servers.addresses))
    unfinished.rename(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


@contextmanager
def running_servers(data_dir: Path, patience: float) -> Iterator[dict[str, str]]:
    """Yield where the servers of whoever holds the folder answer; they stay for as long.

    A start that is still preparing the database is waited for. Raises NobodyRunning when it ended.
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
            sys.stderr.write("Waiting for a start on the same data ...\n")
        if not wait_until(is_settled, patience):
            raise CannotStart(f"Something holds {data_dir}, but its servers do not answer.")
        if not file.exists():
            raise NobodyRunning
        addresses: dict[str, str] = json.loads(file.read_text())
        yield addresses


def is_held(data_dir: Path) -> bool:
    try:
        with only_process_in(data_dir):
            return False
    except AlreadyRunning:
        return True


def see_off_guests(data_dir: Path) -> None:
    """Once nobody new can find our servers: wait for the commands that use them."""
    with (data_dir / "guests").open("a") as guests:
        try:
            fcntl.flock(guests, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stderr.write("Waiting for another command on the same data ...\n")
            fcntl.flock(guests, fcntl.LOCK_EX)
