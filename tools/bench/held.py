"""What a process holds in memory, as Linux tells it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from time import sleep
from typing import Final

KIB_OF_MB: Final = 1024
EVERY: Final = 0.05
NOW: Final = "VmRSS:"
AT_MOST: Final = "VmHWM:"


def megabytes(pid: int, which: str = NOW) -> float:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(which):
            return int(line.split()[1]) / KIB_OF_MB
    return 0.0  # it has ended, and nobody has asked how


def most_of(process: subprocess.Popen[bytes]) -> float:
    """Its peak up to its end. What wait4() tells would count the one that started it, too."""
    most = 0.0
    while process.poll() is None:
        most = max(most, megabytes(process.pid, AT_MOST))
        sleep(EVERY)
    return most
