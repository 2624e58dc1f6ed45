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
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from tools.devserver.embedded import CannotStart, embedded_servers
from tools.devserver.embedded.servers import announced, only_process_in
from tools.devserver.embedded.system import make_folder
from tools.devserver.local import application_programs, local_environment, manage
from tools.devserver.supervisor import GaveUp, Stopped, Supervisor

START_PATIENCE = 120
# Ignore proxies of the environment for requests to this machine.
DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Command(BaseCommand):
    help = "Run the whole product on this machine: database, broker, web, worker and beat."
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000, help="Default: 8000.")
        parser.add_argument("--data", metavar="DIR", help="The data folder. Default: var/.")
        parser.add_argument(
            "--empty", action="store_true", help="Do not load the demo organization."
        )

    def handle(self, *, port: int, data: str | None, empty: bool, **options: Any) -> None:
        os.umask(0o077)
        try:
            self.run(port, Path(data).expanduser().resolve() if data else settings.DATA_DIR, empty)
        except Stopped:
            self.report("stopped")
        except (CannotStart, GaveUp, PermissionError) as error:
            sys.exit(str(error))

    def run(self, port: int, data_dir: Path, empty: bool) -> None:
        with only_process_in(data_dir) if data_dir.exists() else nullcontext():
            refuse_taken_port(port)
        with embedded_servers(data_dir) as servers:
            make_folder(data_dir / "static", None)
            environment = local_environment(data_dir, servers.addresses, port)
            with Supervisor(self.report) as supervisor:
                for server in servers.owned:
                    supervisor.start(server.program())
                for server in servers.owned:
                    if not supervisor.watch_until(server.answers, START_PATIENCE):
                        raise CannotStart(f"A server does not answer. See {server.log}.")
                self.prepare(supervisor, environment, empty)
                with announced(data_dir, servers):
                    self.serve(supervisor, port, data_dir, environment, empty)

    def prepare(self, supervisor: Supervisor, environment: dict[str, str], empty: bool) -> None:
        arguments = ["prepare"] if empty else ["prepare", "--demo"]
        if supervisor.run(manage(environment, *arguments)):
            raise CannotStart("Could not prepare the database.")

    def serve(
        self,
        supervisor: Supervisor,
        port: int,
        data_dir: Path,
        environment: dict[str, str],
        empty: bool,
    ) -> None:
        for program in application_programs(port, data_dir, environment):
            supervisor.start(program)
        address = f"http://127.0.0.1:{port}/"
        if not supervisor.watch_until(lambda: is_ready(address), START_PATIENCE):
            raise CannotStart(f"{address} does not answer.")
        self.report(f"ready {address}")
        for line in demo_logins(data_dir) or (first_user(data_dir) if empty else []):
            self.report(line)
        supervisor.watch_until()

    def report(self, line: str) -> None:
        # The terminal may be closed while the servers are still being stopped.
        with contextlib.suppress(OSError):
            self.stdout.write(line)
            self.stdout.flush()


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
    which = "" if data_dir == settings.DATA_DIR else f"DATA_DIR={shlex.quote(str(data_dir))} "
    return [f"If there is no user yet: {which}script/manage createsuperuser"]
