"""Start programs that never outlive this one: own process group, and death signal on Linux."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from config.worker_lifetime import die_with_parent


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


def start(program: Program) -> subprocess.Popen[bytes]:
    parent = os.getpid()

    def tie_to_parent() -> None:
        die_with_parent(program.stop_signal)
        if os.getppid() != parent:
            os._exit(1)

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
            preexec_fn=tie_to_parent,
            user=program.user,
            group=program.group,
            extra_groups=None if program.user is None else [],
        )
    finally:
        if not isinstance(output, int):
            output.close()


def signal_group(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    """Signal the process and its children; the group may outlive its leader."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def stop(process: subprocess.Popen[bytes], program: Program, patience: float = 8) -> None:
    """Stop the process by signal, wait, then kill its group."""
    if process.poll() is None:
        process.send_signal(program.stop_signal)
        deadline = time.monotonic() + patience
        while process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
    signal_group(process, signal.SIGKILL)
    process.wait()
