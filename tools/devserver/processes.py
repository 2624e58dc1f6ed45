"""Start programs that never outlive this one: own process group, and death signal on Linux."""

import contextlib
import multiprocessing
import os
import runpy
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO, Final, Protocol

from config.worker_lifetime import die_with_parent

FORK: Final = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Program:
    name: str
    argv: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    stop_signal: signal.Signals = signal.SIGTERM
    user: int | None = None
    group: int | None = None
    folder: Path | None = None
    # The file for its output. Without one, the caller reads the output from a pipe.
    log: Path | None = None
    # Servers are stopped after the programs that use them.
    is_server: bool = False
    before_start: Callable[[], None] | None = None
    # Run `python -m MODULE ...` in a copy of this process, which shares what is imported here.
    is_copy: bool = False


class Process(Protocol):
    @property
    def pid(self) -> int: ...
    @property
    def returncode(self) -> int | None: ...
    @property
    def stdout(self) -> IO[bytes] | None: ...
    def poll(self) -> int | None: ...
    def wait(self, timeout: float | None = None) -> int: ...
    def send_signal(self, sig: int) -> None: ...


class Copy:
    """A copy of this process that runs a module. This process must have no thread or connection."""

    def __init__(self, program: Program) -> None:
        reader, writer = os.pipe()
        self.stdout = open(reader, "rb", buffering=0)  # noqa: SIM115  (the reader closes it)
        self._process = FORK.Process(target=run_as_copy, args=(program, os.getpid(), writer))
        self._process.start()
        os.close(writer)

    @property
    def pid(self) -> int:
        assert self._process.pid
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        self._process.join(timeout)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)


def run_as_copy(program: Program, parent: int, output: int) -> None:
    os.setsid()
    tie_to_parent(program, parent)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, signal.SIG_DFL)
    os.dup2(output, 1)
    os.dup2(output, 2)
    # Pipes of other programs, and the lock of the data folder, would stay open.
    os.closerange(3, os.sysconf("SC_OPEN_MAX"))
    if program.folder:
        os.chdir(program.folder)
    os.environ.update(program.env)
    _, _, module, *arguments = program.argv
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def tie_to_parent(program: Program, parent: int) -> None:
    die_with_parent(program.stop_signal)
    if os.getppid() != parent:
        os._exit(1)


def launch(program: Program) -> Process:
    return Copy(program) if program.is_copy else start(program)


def start(program: Program) -> subprocess.Popen[bytes]:
    parent = os.getpid()
    if program.before_start:
        program.before_start()
    output = program.log.open("ab") if program.log else subprocess.PIPE
    try:
        return subprocess.Popen(
            program.argv,
            cwd=program.folder,
            env={**os.environ, **program.env},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=partial(tie_to_parent, program, parent),
            user=program.user,
            group=program.group,
            extra_groups=None if program.user is None else [],
        )
    finally:
        if not isinstance(output, int):
            output.close()


def signal_group(process: Process, number: signal.Signals) -> None:
    """Signal the process and its children; the group may outlive its leader."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def stop(process: Process, program: Program, patience: float = 8) -> None:
    """Stop the process by signal, wait, then kill its group."""
    if process.poll() is None:
        process.send_signal(program.stop_signal)
        deadline = time.monotonic() + patience
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
    signal_group(process, signal.SIGKILL)
    process.wait()
