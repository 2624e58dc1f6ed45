"""Run a command with a database and a broker: `python -m tools.devserver.with_servers COMMAND ...`.

Use the servers of a running `script/serve` if there is one, else servers that run as long as the
command. With --temporary, use new servers and delete their data. With --prepared, create tables and
defaults in a new database first, as `script/serve --empty` does.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from argparse import REMAINDER, ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

import psycopg

from config import env
from tools.devserver import processes
from tools.devserver.embedded import AlreadyRunning, CannotStart, embedded_servers
from tools.devserver.embedded.servers import (
    NotRunning,
    announced,
    running_servers,
    wait_for_guests,
)
from tools.devserver.embedded.system import make_folder, wait_until
from tools.devserver.local import BASE_DIR, local_environment, manage

START_PATIENCE = 120
# A first start loads a year of demo history.
PREPARE_PATIENCE = 600


@contextmanager
def temporary_data() -> Iterator[Path]:
    outer = Path(tempfile.mkdtemp(prefix="handoff-"))
    # The database user must be able to enter when this runs as root.
    outer.chmod(0o711)
    try:
        yield make_folder(outer / "data", None, 0o711)
    finally:
        shutil.rmtree(outer, ignore_errors=True)


@contextmanager
def servers_on(data_dir: Path, *, prepared: bool = False) -> Iterator[dict[str, str]]:
    """Yield the addresses of the servers, started here or already running.

    The process that started them prepares the database, so that two never do it at once, and stops
    the servers when no other command uses them.
    """
    with ExitStack() as stack:
        try:
            servers = stack.enter_context(embedded_servers(data_dir))
        except AlreadyRunning:
            yield stack.enter_context(join_servers(data_dir, prepared=prepared))
            return
        for server in servers.owned:
            program = server.program()
            stack.callback(processes.stop, processes.start(program), program)
        for server in servers.owned:
            if not wait_until(server.answers, START_PATIENCE):
                raise CannotStart(f"A server does not answer. See {server.log}.")
        if prepared and is_new(servers.addresses["DATABASE_URL"]):
            prepare(local_environment(data_dir, servers.addresses))
        with announced(data_dir, servers):
            yield servers.addresses
        wait_for_guests(data_dir)


@contextmanager
def join_servers(data_dir: Path, *, prepared: bool) -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        try:
            addresses = stack.enter_context(running_servers(data_dir, PREPARE_PATIENCE))
        except NotRunning:
            addresses = stack.enter_context(servers_on(data_dir, prepared=prepared))
        yield addresses


def is_new(address: str) -> bool:
    try:
        with psycopg.connect(address) as connection:
            row = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    except psycopg.OperationalError as error:
        raise CannotStart(f"The database does not answer: {error}".strip()) from None
    return row == (None,)


def prepare(environment: dict[str, str]) -> None:
    sys.stderr.write("Preparing a new database, which takes a few seconds ...\n")
    program = manage(environment, "prepare")
    done = subprocess.run(
        program.argv, env={**os.environ, **program.env}, stdout=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise CannotStart("Could not prepare the database.")


def run(command: list[str], environment: dict[str, str]) -> int:
    child = subprocess.Popen(command, env={**os.environ, **environment})

    def forward(number: int, frame: FrameType | None) -> None:
        child.send_signal(number)

    # Ctrl-C reaches the command directly. This process only waits for its end.
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    signal.signal(signal.SIGTERM, forward)
    code = child.wait()
    signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def main(arguments: list[str]) -> int:
    os.umask(0o077)
    parser = ArgumentParser(prog="tools.devserver.with_servers")
    parser.add_argument("--temporary", action="store_true")
    parser.add_argument("--prepared", action="store_true")
    parser.add_argument("command", nargs=REMAINDER)
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        data_dir = (
            stack.enter_context(temporary_data())
            if options.temporary
            else env.directory("DATA_DIR", BASE_DIR / "var")
        )
        addresses = stack.enter_context(servers_on(data_dir, prepared=options.prepared))
        return run(options.command, local_environment(data_dir, addresses))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (CannotStart, PermissionError) as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
