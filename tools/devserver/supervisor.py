"""Run several programs in one terminal and restart them: one loop, no threads, no orphans."""

import contextlib
import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

from tools.devserver import processes
from tools.devserver.processes import Process, Program

TICK = 0.1
FIRST_PAUSE = 0.2
PATIENCE = 8
QUICK_EXIT_SECONDS = 10
MAX_QUICK_EXITS = 5


class Stopped(Exception):
    """A signal asked the supervisor to stop."""


class GaveUp(Exception):
    """A program exits again and again right after its start."""


@dataclass
class Running:
    program: Program
    process: Process
    started_at: float
    restarts: bool
    quick_exits: int = 0
    restart_at: float | None = None
    unfinished_line: bytes = b""


class Supervisor:
    def __init__(self, report: Callable[[str], None]) -> None:
        self.report = report
        self.running: list[Running] = []
        self.selector = selectors.DefaultSelector()
        self.handlers: dict[signal.Signals, Any] = {}
        self.stop_requested = False

    def __enter__(self) -> Self:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            # Under nohup, programs outlive the terminal.
            if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:
                self.handlers[number] = signal.signal(number, self._request_stop)
        self.guardian = start_guardian()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()
        self.guardian.communicate()
        for number, handler in self.handlers.items():
            signal.signal(number, handler)

    def start(self, program: Program, *, restarts: bool = True) -> Running:
        process = processes.launch(program)
        entry = Running(program, process, time.monotonic(), restarts)
        self.running.append(entry)
        self._watch(entry)
        return entry

    def run(self, program: Program) -> int:
        """Run a program to its end while the others keep running."""
        entry = self.start(program, restarts=False)
        self.watch_until(lambda: entry not in self.running)
        return entry.process.wait()

    def watch_until(
        self, condition: Callable[[], bool] = lambda: False, seconds: float = float("inf")
    ) -> bool:
        """Forward output and restart programs until the condition is met or the time is up."""
        deadline = time.monotonic() + seconds
        while not condition():
            if self.stop_requested:
                raise Stopped
            if time.monotonic() > deadline:
                return False
            self._forward_output()
            self._check_guardian()
            for entry in list(self.running):
                self._check(entry)
        return True

    def stop(self) -> None:
        """Stop all programs, servers last."""
        self._stop([entry for entry in self.running if not entry.program.is_server])
        self._stop(self.running)

    def _stop(self, entries: Iterable[Running]) -> None:
        stopping = list(reversed(list(entries)))
        for entry in stopping:
            if entry.process.poll() is None:
                entry.process.send_signal(entry.program.stop_signal)
        deadline = time.monotonic() + PATIENCE
        while any(entry.process.poll() is None for entry in stopping):
            if time.monotonic() > deadline:
                break
            self._forward_output()
        for entry in stopping:
            if entry.restart_at is None:
                self._clean_up(entry)
            self.running.remove(entry)

    def _check(self, entry: Running) -> None:
        if entry.restart_at is not None:
            if time.monotonic() >= entry.restart_at:
                self._restart(entry)
        elif entry.process.poll() is not None:
            self._clean_up(entry)
            if entry.restarts:
                self._plan_restart(entry)
            else:
                self.running.remove(entry)

    def _plan_restart(self, entry: Running) -> None:
        name, code = entry.program.name, entry.process.returncode
        lived = time.monotonic() - entry.started_at
        entry.quick_exits = entry.quick_exits + 1 if lived < QUICK_EXIT_SECONDS else 1
        if entry.quick_exits >= MAX_QUICK_EXITS:
            raise GaveUp(f"{name} ended {entry.quick_exits} times in a row, last with {code}.")
        self.report(f"{name} ended with {code}; starting it again.")
        entry.restart_at = time.monotonic() + FIRST_PAUSE * 2 ** (entry.quick_exits - 1)

    def _restart(self, entry: Running) -> None:
        entry.process = processes.launch(entry.program)
        entry.started_at, entry.restart_at = time.monotonic(), None
        self._watch(entry)

    def _watch(self, entry: Running) -> None:
        self._notify_guardian(started(entry))
        if entry.process.stdout:
            os.set_blocking(entry.process.stdout.fileno(), False)
            self.selector.register(entry.process.stdout, selectors.EVENT_READ, entry)

    def _clean_up(self, entry: Running) -> None:
        """Kill the rest of its group and print its remaining output."""
        processes.signal_group(entry.process, signal.SIGKILL)
        entry.process.wait()
        self._notify_guardian(f"-{entry.process.pid}")
        if entry.process.stdout:
            self._read(entry)
            if entry.unfinished_line:
                self._print(entry, entry.unfinished_line)
            entry.unfinished_line = b""
            self._close(entry)

    def _forward_output(self) -> None:
        if not self.selector.get_map():
            time.sleep(TICK)
        for key, _ in self.selector.select(TICK):
            self._read(key.data)

    def _read(self, entry: Running) -> None:
        if not entry.process.stdout or entry.process.stdout.closed:
            return
        try:
            chunk = os.read(entry.process.stdout.fileno(), 1 << 16)
        except BlockingIOError:
            return
        if not chunk:
            self._close(entry)
            return
        *lines, entry.unfinished_line = (entry.unfinished_line + chunk).split(b"\n")
        for line in lines:
            self._print(entry, line)

    def _close(self, entry: Running) -> None:
        if entry.process.stdout and not entry.process.stdout.closed:
            self.selector.unregister(entry.process.stdout)
            entry.process.stdout.close()

    def _print(self, entry: Running, line: bytes) -> None:
        self.report(f"{entry.program.name:8} | {line.decode(errors='replace').rstrip()}")

    def _check_guardian(self) -> None:
        """Start another one that knows all programs if it is gone, so that none is left behind."""
        code = self.guardian.poll()
        if code is None:
            return
        self.report(f"guardian ended with {code}; starting it again.")
        self.guardian = start_guardian()
        for entry in self.running:
            if entry.restart_at is None:
                self._notify_guardian(started(entry))

    def _notify_guardian(self, line: str) -> None:
        if not self.guardian.stdin:
            return
        with contextlib.suppress(BrokenPipeError):
            self.guardian.stdin.write(f"{line}\n".encode())
            self.guardian.stdin.flush()

    def _request_stop(self, number: int, frame: FrameType | None) -> None:
        self.stop_requested = True


def start_guardian() -> "subprocess.Popen[bytes]":
    guardian = [sys.executable, "-S", str(Path(__file__).with_name("guardian.py"))]
    return subprocess.Popen(guardian, stdin=subprocess.PIPE, start_new_session=True)


def started(entry: Running) -> str:
    return f"+{entry.process.pid} {int(entry.program.stop_signal)}"
