"""A real `script/serve` for tests that kill its parts, seen through /proc."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tools.devserver.embedded.system import wait_until

PATIENCE = 240
OURS = ("DATABASE_URL", "REDIS_URL", "CELERY_BROKER_URL", "SECRET_KEY", "ALLOWED_HOSTS", "SITE_URL")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Up:
    process: subprocess.Popen[str]
    data_dir: Path
    port: int
    lines: list[str] = field(default_factory=list)

    @property
    def addresses(self) -> dict[str, str]:
        """Read the addresses of its servers, as other commands do."""
        addresses: dict[str, str] = json.loads((self.data_dir / "servers.json").read_text())
        return addresses

    def read(self) -> None:
        for line in self.process.stdout or []:
            self.lines.append(line.rstrip())

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(PATIENCE)

    def pids(self, text: str = "") -> set[int]:
        """Find its descendants, even those with another parent now."""
        return {pid for pid, command in living(str(self.data_dir)).items() if text in command}

    def leader(self, text: str) -> int:
        """Return the process that the supervisor started, not its children."""
        (pid,) = (pid for pid in self.pids(text) if parent_of(pid) == self.process.pid)
        return pid

    def is_gone(self) -> bool:
        return wait_until(lambda: self.has_ended() and not self.pids(), PATIENCE)

    def kill(self, *texts: str) -> set[int]:
        victims = {pid for text in texts for pid in self.pids(text)}
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        return victims


def environment(data_dir: Path) -> Mapping[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name not in OURS}
    # The title of a process is not written over the environment that `living` reads.
    ours = {"HANDOFF_ENV": "local", "DATA_DIR": str(data_dir), "SPT_NOENV": "1"}
    return {**inherited, **ours}


def call_up(data_dir: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tools.devserver.up", "--empty", "--port", str(port)],
        env=environment(data_dir),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def up(data_dir: Path) -> Up:
    port = free_port()
    running = Up(call_up(data_dir, port), data_dir, port)
    threading.Thread(target=running.read, daemon=True).start()
    ready = f"ready http://127.0.0.1:{port}/"
    if not wait_until(lambda: ready in running.lines or running.has_ended(), PATIENCE):
        running.stop()
    assert ready in running.lines, "\n".join(running.lines)
    return running


@dataclass
class Installation:
    """A data folder shared by tests that kill processes; each starts it again if needed."""

    data_dir: Path
    runs: list[Up] = field(default_factory=list)

    def up(self) -> Up:
        if not self.runs or self.runs[-1].has_ended():
            self.runs.append(up(self.data_dir))
        return self.runs[-1]

    def stop(self) -> None:
        for run in self.runs:
            run.stop()


def living(marker: str) -> dict[int, str]:
    """Return pids and command lines of the processes with `marker` in their environment."""
    return {
        int(folder.name): command
        for folder in Path("/proc").iterdir()
        if folder.name.isdigit()
        and int(folder.name) != os.getpid()
        and (command := command_with(folder, marker))
    }


def command_with(folder: Path, marker: str) -> str:
    try:
        if marker.encode() not in (folder / "environ").read_bytes():
            return ""
        return (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


def parent_of(pid: int) -> int:
    # The name in parentheses may contain anything. State and parent follow it.
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def until(condition: Callable[[], bool]) -> bool:
    return wait_until(condition, PATIENCE)
