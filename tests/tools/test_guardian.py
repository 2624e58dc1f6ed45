import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tools.devserver import guardian
from tools.devserver.processes import Program
from tools.devserver.supervisor import Supervisor

pytestmark = pytest.mark.installation

PATIENCE = 60


def sleeper() -> subprocess.Popen[bytes]:
    """Start a process with a child in a group of their own."""
    return subprocess.Popen(["sh", "-c", "sleep 600 & wait"], start_new_session=True)


def test_guardian_ends_remaining_groups_when_its_supervisor_is_gone() -> None:
    left, gone = sleeper(), sleeper()
    watch = subprocess.Popen(
        [sys.executable, str(Path(guardian.__file__))], stdin=subprocess.PIPE, text=True
    )

    assert watch.stdin
    watch.stdin.write(f"+{left.pid} {int(signal.SIGTERM)}\n+{gone.pid} 15\n-{gone.pid}\n")
    watch.stdin.close()

    try:
        assert left.wait(PATIENCE) == -signal.SIGTERM
        assert watch.wait(PATIENCE) == 0
        assert not guardian.is_alive(left.pid)
        assert gone.poll() is None
    finally:
        os.killpg(gone.pid, signal.SIGKILL)
        gone.wait(PATIENCE)


def test_killed_guardian_is_replaced_by_one_that_knows_the_programs(tmp_path: Path) -> None:
    lines: list[str] = []
    left = tmp_path / "pid"
    text = f"echo $$ >{left}; echo up; sleep 600 & wait"

    with Supervisor(lines.append) as supervisor:
        entry = supervisor.start(Program("web", ["sh", "-c", text]), restarts=False)
        assert supervisor.watch_until(lambda: bool(lines), PATIENCE)
        supervisor.guardian.kill()
        supervisor.guardian.wait(PATIENCE)
        assert supervisor.watch_until(lambda: len(lines) > 1, PATIENCE)

        assert lines[1:] == ["guardian ended with -9; starting it again."]
        assert supervisor.guardian.stdin
        supervisor.guardian.stdin.close()  # as when the supervisor is killed
        assert supervisor.guardian.wait(PATIENCE) == 0
        assert entry.process.wait(PATIENCE) == -signal.SIGTERM
        supervisor.guardian.stdin = None
