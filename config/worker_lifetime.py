"""Tie a process to its parent, so that nothing outlives what started it."""

import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(death_signal: signal.Signals) -> None:
    """Run in the child: ask Linux for `death_signal` when the thread that forked us ends."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, death_signal)
