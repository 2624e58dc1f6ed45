"""Run a command with a database and a broker: `python -m config.with_servers COMMAND ...`.

On the servers of a running `script/serve` when there is one, else on servers that live as long as
the command; with --temporary on new ones that leave nothing behind.
"""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType

from config import env, processes
from config.embedded import AlreadyRunning, CannotStart, embedded_servers
from config.embedded.servers import addresses_of_running, announced
from config.embedded.system import make_folder, wait_until
from config.local import BASE_DIR, local_environment

START_PATIENCE = 120


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
def servers_on(data_dir: Path) -> Iterator[dict[str, str]]:
    """Yield the addresses of the servers, started for us or found running."""
    with ExitStack() as stack:
        try:
            servers = stack.enter_context(embedded_servers(data_dir))
        except AlreadyRunning:
            yield addresses_of_running(data_dir)
            return
        for server in servers.owned:
            program = server.program()
            stack.callback(processes.stop, processes.start(program), program)
        for server in servers.owned:
            if not wait_until(server.answers, START_PATIENCE):
                raise CannotStart(f"A server does not answer; see {server.log}.")
        stack.enter_context(announced(data_dir, servers))
        yield servers.addresses


def run(command: list[str], environment: dict[str, str]) -> int:
    child = subprocess.Popen(command, env={**os.environ, **environment})

    def pass_on(number: int, frame: FrameType | None) -> None:
        child.send_signal(number)

    # Ctrl-C reaches the command by itself; ours is to wait for its end.
    signal.signal(signal.SIGINT, lambda number, frame: None)
    signal.signal(signal.SIGTERM, pass_on)
    code = child.wait()
    return code if code >= 0 else 128 - code


def main(words: list[str]) -> int:
    os.umask(0o077)
    is_temporary = words[:1] == ["--temporary"]
    command = words[1:] if is_temporary else words
    with ExitStack() as stack:
        data_dir = (
            stack.enter_context(temporary_data())
            if is_temporary
            else env.directory("DATA_DIR", BASE_DIR / "var")
        )
        addresses = stack.enter_context(servers_on(data_dir))
        return run(command, local_environment(data_dir, addresses))


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (CannotStart, PermissionError) as refusal:
        sys.exit(str(refusal))
