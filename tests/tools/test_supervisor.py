import os
import signal
import sys
from pathlib import Path

import pytest

from tools.devserver.processes import Program
from tools.devserver.supervisor import GaveUp, Stopped, Supervisor

pytestmark = pytest.mark.installation

PATIENCE = 60


def shell(name: str, text: str, *, is_server: bool = False) -> Program:
    return Program(name, ["sh", "-c", text], is_server=is_server)


def test_output_lines_have_the_name_of_their_program() -> None:
    lines: list[str] = []

    with Supervisor(lines.append) as supervisor:
        code = supervisor.run(shell("web", "echo one; echo two >&2; printf unfinished; exit 3"))

    assert code == 3
    assert lines == ["web      | one", "web      | two", "web      | unfinished"]


def test_supervisor_gives_up_on_a_program_that_keeps_exiting(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("tools.devserver.supervisor.FIRST_PAUSE", 0.01)
    starts = tmp_path / "starts"
    lines: list[str] = []

    with Supervisor(lines.append) as supervisor:
        supervisor.start(shell("web", f"echo . >>{starts}; exit 4"))
        with pytest.raises(GaveUp, match=r"^web ended 5 times in a row, last with 4\.$"):
            supervisor.watch_until(seconds=PATIENCE)

    assert starts.read_text() == ".\n" * 5
    assert lines == ["web ended with 4; starting it again."] * 4


def test_servers_are_stopped_last(tmp_path: Path) -> None:
    order = tmp_path / "order"
    waits = "echo up; while :; do sleep 0.05; done"
    lines: list[str] = []

    with Supervisor(lines.append) as supervisor:
        supervisor.start(
            shell("database", f"trap 'echo database >>{order}; exit' TERM; {waits}", is_server=True)
        )
        supervisor.start(shell("web", f"trap 'sleep 0.2; echo web >>{order}; exit' TERM; {waits}"))
        assert supervisor.watch_until(lambda: len(lines) == 2, PATIENCE)

    assert order.read_text().split() == ["web", "database"]


def test_program_that_ignores_its_signal_is_killed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tools.devserver.supervisor.PATIENCE", 0.2)
    lines: list[str] = []

    with Supervisor(lines.append) as supervisor:
        entry = supervisor.start(shell("web", "trap '' TERM; echo up; while :; do sleep 1; done"))
        assert supervisor.watch_until(lambda: bool(lines), PATIENCE)

    assert entry.process.returncode == -signal.SIGKILL


def test_sigterm_stops_the_supervisor() -> None:
    with Supervisor(lambda line: None) as supervisor:
        os.kill(os.getpid(), signal.SIGTERM)
        with pytest.raises(Stopped):
            supervisor.watch_until(seconds=PATIENCE)

    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def module(folder: Path, name: str, text: str, *arguments: str) -> Program:
    (folder / f"{name}.py").write_text(text)
    return Program("web", [sys.executable, "-m", name, *arguments], is_copy=True)


def test_copy_runs_a_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    lines: list[str] = []
    text = "import os, sys; os.write(1, ' '.join(sys.argv[1:]).encode()); sys.exit(3)"

    with Supervisor(lines.append) as supervisor:
        code = supervisor.run(module(tmp_path, "speaker", text, "one", "two"))

    assert code == 3
    assert lines == ["web      | one two"]


def test_copy_keeps_no_file_of_its_supervisor_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    text = "import os, sys; sys.exit(os.path.exists(f'/dev/fd/{sys.argv[1]}'))"

    with (tmp_path / "lock").open("w") as lock, Supervisor(print) as supervisor:
        number = lock.fileno()
        assert Path(f"/dev/fd/{number}").exists()
        code = supervisor.run(module(tmp_path, "holder", text, str(number)))

    assert code == 0


def test_copy_is_stopped_by_its_signal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    lines: list[str] = []
    text = "import os, time; os.write(1, b'up\\n'); time.sleep(600)"

    with Supervisor(lines.append) as supervisor:
        entry = supervisor.start(module(tmp_path, "sleeper", text))
        assert supervisor.watch_until(lambda: bool(lines), PATIENCE)

    assert entry.process.returncode == -signal.SIGTERM
