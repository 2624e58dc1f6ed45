"""Which servers a data folder needs, started together and known to other processes by a file."""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from config.embedded.postgres import Postgres, postgres_for
from config.embedded.system import CannotStart, make_folder, wait_until
from config.embedded.valkey import Valkey, valkey_for


class AlreadyRunning(CannotStart):
    """Another process holds the data folder."""


@dataclass(frozen=True)
class Servers:
    """What has to be started; nothing for a server that has a URL already."""

    owned: list[Postgres | Valkey]
    addresses: dict[str, str]


@contextmanager
def embedded_servers(data_dir: Path) -> Iterator[Servers]:
    """Hold the data folder alone and prepare the servers that no URL was given for."""
    make_folder(data_dir, None, 0o711)
    with ExitStack() as stack:
        stack.enter_context(only_process_in(data_dir))
        servers = Servers([], {})
        if not os.environ.get("DATABASE_URL"):
            postgres = stack.enter_context(postgres_for(data_dir))
            servers.owned.append(postgres)
            servers.addresses["DATABASE_URL"] = postgres.url
        if not os.environ.get("REDIS_URL"):
            valkey = stack.enter_context(valkey_for(data_dir))
            servers.owned.append(valkey)
            servers.addresses["REDIS_URL"] = valkey.url
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
    unfinished.write_text(json.dumps(servers.addresses))
    unfinished.rename(file)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def addresses_of_running(data_dir: Path, patience: float = 30) -> dict[str, str]:
    """Where the servers of the process that holds the folder answer."""
    file = data_dir / "servers.json"
    if not wait_until(file.exists, patience):
        raise CannotStart(f"Something holds {data_dir}, but its servers do not answer.")
    addresses: dict[str, str] = json.loads(file.read_text())
    return addresses
