"""Run a command with a database and a broker: `python -m tools.devserver.with_servers COMMAND ...`.

On the servers of a running `script/serve` when there is one, else on servers that live as long as
the command; with --temporary on new ones that leave nothing behind. With --prepared a database
that nobody has used yet gets its tables and defaults first, as from `script/serve --empty`.
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
    NobodyRunning,
    announced,
    running_servers,
    see_off_guests,
)
from tools.devserver.embedded.system import make_folder, wait_until
from tools.devserver.local import BASE_DIR, local_environment, manage

START_PATIENCE = 120
# A first start loads a year of demo history.
PREPARE_PATIENCE = 600


@contextmanager
def temporary_data() -> Iterator[Path]:
    outer = Path(tempfile.mkdtemp(prefix="handoff-"))
    # As root, the database's own user has to pass through.
    outer.chmod(0o711)
    try:
        yield make_folder(outer / "data", None, 0o711)
    finally:
        shutil.rmtree(outer, ignore_errors=True)


@contextmanager
def servers_on(data_dir: Path, *, prepared: bool = False) -> Iterator[dict[str, str]]:
    """Yield the addresses of the servers, started for us or found running.

    Who started them prepares the database, so that two never do it at once, and stops them when
    nobody uses them any more.
    """
    with ExitStack() as stack:
        try:
            servers = stack.enter_context(embedded_servers(data_dir))
        except AlreadyRunning:
            yield stack.enter_context(found_servers(data_dir, prepared=prepared))
            return
        for server in servers.owned:
            program = server.program()
            stack.callback(processes.stop, processes.start(program), program)
        for server in servers.owned:
            if not wait_until(server.answers, START_PATIENCE):
                raise CannotStart(f"A server does not answer; see {server.log}.")
        if prepared and is_new(servers.addresses["DATABASE_URL"]):
            prepare(local_environment(data_dir, servers.addresses))
        with announced(data_dir, servers):
            yield servers.addresses
        see_off_guests(data_dir)


@contextmanager
def found_servers(data_dir: Path, *, prepared: bool) -> Iterator[dict[str, str]]:
    with ExitStack() as stack:
        try:
            addresses = stack.enter_context(running_servers(data_dir, PREPARE_PATIENCE))
        except NobodyRunning:
            addresses = stack.enter_context(servers_on(data_dir, prepared=prepared))
        yield addresses


def is_new(address: str) -> bool:
    try:
        with psycopg.connect(address) as connection:
            found = connection.execute("SELECT to_regclass('django_migrations')").fetchone()
    except psycopg.OperationalError as refusal:
        raise CannotStart(f"The database does not answer: {refusal}".strip()) from None
    return found == (None,)


def prepare(environment: dict[str, str]) -> None:
    sys.stderr.write("Preparing a new database (once; a few seconds) ...\n")
    program = manage(environment, "prepare")
    done = subprocess.run(
        program.argv, env={**os.environ, **program.env}, stdout=subprocess.DEVNULL, check=False
    )
    if done.returncode:
        raise CannotStart("The database could not be prepared.")


def run(command: list[str], environment: dict[str, str]) -> int:
    child = subprocess.Popen(command, env={**os.environ, **environment})

    def pass_on(number: int, frame: FrameType | None) -> None:
        child.send_signal(number)

    # Ctrl-C reaches the command by itself; ours is to wait for its end.
    before = signal.signal(signal.SIGINT, lambda number, frame: None)
    signal.signal(signal.SIGTERM, pass_on)
    code = child.wait()
    signal.signal(signal.SIGINT, before)
    return code if code >= 0 else 128 - code


def main(words: list[str]) -> int:
    os.umask(0o077)
    parser = ArgumentParser(prog="tools.devserver.with_servers")
    parser.add_argument("--temporary", action="store_true")
    parser.add_argument("--prepared", action="store_true")
    parser.add_argument("command", nargs=REMAINDER)
    asked = parser.parse_args(words)
    with ExitStack() as stack:
        data_dir = (
            stack.enter_context(temporary_data())
            if asked.temporary
            else env.directory("DATA_DIR", BASE_DIR / "var")
        )
        addresses = stack.enter_context(servers_on(data_dir, prepared=asked.prepared))
        return run(asked.command, local_environment(data_dir, addresses))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (CannotStart, PermissionError) as refusal:
        sys.exit(str(refusal))
    except KeyboardInterrupt:
        sys.exit(128 + signal.SIGINT)
