"""The memory of a process, as Linux reports it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from time import sleep
from typing import Final

KIB_OF_MB: Final = 1024
POLL_SECONDS: Final = 0.05
CURRENT: Final = "VmRSS:"
PEAK: Final = "VmHWM:"
# In smaps_rollup; a page that several processes share counts for each of them in part.
PROPORTIONAL: Final = "Pss:"
RESIDENT: Final = "Rss:"


def megabytes(pid: int, field: str = CURRENT) -> float:
    return read_field(Path(f"/proc/{pid}/status"), field)


def megabytes_of(pid: int, field: str) -> float:
    """Return the memory with or without what it shares, which is slower to find."""
    return read_field(Path(f"/proc/{pid}/smaps_rollup"), field)


def read_field(file: Path, field: str) -> float:
    for line in file.read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) / KIB_OF_MB
    return 0.0  # it has ended, but was not waited for


def peak_megabytes(process: subprocess.Popen[bytes]) -> float:
    """Wait for the end and return the peak; wait4() would include the parent before exec."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, megabytes(process.pid, PEAK))
        sleep(POLL_SECONDS)
    return peak
