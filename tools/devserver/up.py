"""Run the whole product on this machine: database, broker, web, workers and beat.

The product is imported once, as soon as its settings are known. All programs but the servers are
copies of this process, so that they start at once and share memory.
"""

import contextlib
import json
import os
import shlex
import socket
import sys
import urllib.error
import urllib.request
from argparse import ArgumentParser
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from setproctitle import getproctitle

from config import env
from tools.devserver.embedded import CannotStart, embedded_servers
from tools.devserver.embedded.servers import announced, only_process_in
from tools.devserver.embedded.system import make_folder
from tools.devserver.local import BASE_DIR, application_programs, local_environment
from tools.devserver.processes import Program
from tools.devserver.product import import_product
from tools.devserver.supervisor import GaveUp, Stopped, Supervisor

DEFAULT_DATA_DIR = env.directory("DATA_DIR", BASE_DIR / "var")
START_PATIENCE = 120
# Ignore proxies of the environment for requests to this machine.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def run(port: int, data_dir: Path, *, demo: bool) -> None:
    with only_process_in(data_dir) if data_dir.exists() else nullcontext():
        refuse_taken_port(port)
    with embedded_servers(data_dir) as servers:
        make_folder(data_dir / "static", None)
        os.environ.update(local_environment(data_dir, servers.addresses, port))
        with Supervisor(report) as supervisor:
            for server in servers.owned:
                supervisor.start(server.program())
            import_product()
            for server in servers.owned:
                if not supervisor.watch_until(server.answers, START_PATIENCE):
                    raise CannotStart(f"A server does not answer. See {server.log}.")
            prepare(supervisor, demo=demo)
            with announced(data_dir, servers):
                serve(supervisor, port, data_dir, demo=demo)


def prepare(supervisor: Supervisor, *, demo: bool) -> None:
    command = [sys.executable, "-m", "django", "prepare", *(["--demo"] if demo else [])]
    if supervisor.run(Program("prepare", command, is_copy=True)):
        raise CannotStart("Could not prepare the database.")


def serve(supervisor: Supervisor, port: int, data_dir: Path, *, demo: bool) -> None:
    for program in application_programs(port, data_dir, {}):
        supervisor.start(replace(program, is_copy=True))
    address = f"http://127.0.0.1:{port}/"
    if not supervisor.watch_until(lambda: is_ready(address), START_PATIENCE):
        raise CannotStart(f"{address} does not answer.")
    report(f"ready {address}")
    for line in demo_logins(data_dir) or ([] if demo else first_user(data_dir)):
        report(line)
    supervisor.watch_until()


def report(line: str) -> None:
    # The terminal may be closed while the servers are still being stopped.
    with contextlib.suppress(OSError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


def refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port or -1))
        except (OSError, OverflowError):
            raise CannotStart(
                f"Port {port} is taken or not allowed. Choose another one with --port."
            ) from None


def is_ready(address: str) -> bool:
    try:
        with DIRECT.open(f"{address}health/ready/", timeout=5) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def demo_logins(data_dir: Path) -> list[str]:
    """Return a line for each login that load_demo wrote."""
    try:
        logins = json.loads((data_dir / "demo-logins.json").read_text())
    except FileNotFoundError:
        return []
    return [f"  {login['role']:16} {login['email']}  {login['password']}" for login in logins]


def first_user(data_dir: Path) -> list[str]:
    which = "" if data_dir == DEFAULT_DATA_DIR else f"DATA_DIR={shlex.quote(str(data_dir))} "
    return [f"If there is no user yet: {which}script/manage createsuperuser"]


def main() -> None:
    parser = ArgumentParser(
        prog="script/serve", description="Run the whole product on this machine."
    )
    parser.add_argument("--port", type=int, default=8000, help="Default: 8000.")
    parser.add_argument("--data", metavar="DIR", type=Path, help="The data folder. Default: var/.")
    parser.add_argument("--empty", action="store_true", help="Do not load the demo organization.")
    options = parser.parse_args()
    os.umask(0o077)
    # The title of a process is found beside its environment, which moves when it is changed.
    getproctitle()
    data_dir = options.data.expanduser().resolve() if options.data else DEFAULT_DATA_DIR
    try:
        run(options.port, data_dir, demo=not options.empty)
    except Stopped:
        report("stopped")
    except (CannotStart, GaveUp, PermissionError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
