"""U1 and U2: CPU time of a warm start of the whole installation, and its memory."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Final

from django.conf import settings

from tools.bench.goals import GoalResult, goal_of
from tools.bench.measure import Sample
from tools.bench.process_memory import PROPORTIONAL, RESIDENT, megabytes_of
from tools.bench.web import Client, free_port
from tools.bench.world import Size, World
from tools.devserver.embedded.system import wait_until

# Addresses of the servers that the bench itself uses.
OURS: Final = frozenset({"DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "SITE_URL"})
PATIENCE: Final = 300
SIGN_IN: Final = "/sign-in/"
REQUESTS: Final = 40
# Started processes rest when all together take less than this in so many seconds.
RESTING_CPU: Final = 0.3
WATCHED: Final = 3
CPU_TICKS: Final = os.sysconf("SC_CLK_TCK")


def prepare(size: Size) -> None:
    """Start it once to create its database."""
    with started(data_folder()):
        pass


def installation(world: World) -> Iterator[GoalResult]:
    """Measure the second start."""
    folder = data_folder()
    if not folder.exists():
        prepare(world.size)
    with started(folder) as port:
        processes = python_processes(folder)
        cpu = settled_cpu(processes)
        for _ in range(REQUESTS):
            client = Client(port)
            assert client.get(SIGN_IN).status == 200
            client.close()
        figures = {
            "CPU of a warm start of the installation": cpu,
            "memory of the installation": sum(megabytes_of(pid, PROPORTIONAL) for pid in processes),
        }
        repeated = sum(megabytes_of(pid, RESIDENT) for pid in processes)
    note = f"{len(processes)} processes of Python; {repeated:.0f} MB if each counts all its pages"
    for label, figure in figures.items():
        yield GoalResult(goal_of(label), Sample((figure,)), note)


def data_folder() -> Path:
    return Path(settings.DATA_DIR) / "installation"


@contextmanager
def started(folder: Path) -> Iterator[int]:
    """Run the product in the folder, with servers of its own, and yield its port."""
    port = free_port()
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    command = ["-m", "tools.devserver.up", "--empty", "--port", str(port), "--data", str(folder)]
    # The title of a process is not written over the environment by which it is found.
    ours = {"DATA_DIR": str(folder), "HANDOFF_ENV": "local", "SPT_NOENV": "1"}
    log = folder.with_suffix(".log")
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, *command],
            env={**inherited, **ours},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        is_ready = wait_until(
            lambda: (
                f"ready http://127.0.0.1:{port}/" in log.read_text() or process.poll() is not None
            ),
            PATIENCE,
        )
        assert is_ready, log.read_text()
        assert process.poll() is None, log.read_text()
        yield port
    finally:
        process.terminate()
        process.wait(PATIENCE)


def python_processes(folder: Path) -> list[int]:
    """Return the processes of the product in this folder, without database and broker."""
    marker, interpreter = f"DATA_DIR={folder}".encode(), Path(sys.executable).resolve()
    pids = []
    for process in Path("/proc").iterdir():
        try:
            is_ours = marker in (process / "environ").read_bytes().split(b"\0")
            if is_ours and (process / "exe").resolve() == interpreter:
                pids.append(int(process.name))
        except (OSError, ValueError):
            continue  # ended, or not a process
    return pids


def settled_cpu(processes: list[int]) -> float:
    """Wait until the processes rest; return the seconds of CPU that they and children took."""
    deadline = monotonic() + PATIENCE
    taken = sum(map(cpu_seconds, processes))
    while True:
        sleep(WATCHED)
        before, taken = taken, sum(map(cpu_seconds, processes))
        if taken - before < RESTING_CPU or monotonic() > deadline:
            return taken


def cpu_seconds(pid: int) -> float:
    """Return the CPU time of the process and of its children that have ended."""
    # The name in parentheses may contain anything. Fields 14 to 17 of the line are the times.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / CPU_TICKS
