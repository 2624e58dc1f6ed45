import ctypes
import signal
import sys

PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent(death_signal: signal.Signals) -> None:
    """Make Linux send this process `death_signal` when the thread that started it ends."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, death_signal)
