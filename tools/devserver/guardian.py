"""Stop the programs of a supervisor that was killed; runs beside it as a script.

Reads `+PID SIGNAL` for each started process group and `-PID` for each ended one. The death signal
of Linux does not reach grandchildren, and other systems have none.
"""

import contextlib
import os
import signal
import sys
import time

STOP_SECONDS = 8


def is_alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def main() -> None:
    groups: dict[int, int] = {}
    for line in sys.stdin:
        fields = line[1:].split()
        if line[0] == "+":
            groups[int(fields[0])] = int(fields[1])
        else:
            groups.pop(int(fields[0]), None)
    for group, number in groups.items():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
    deadline = time.monotonic() + STOP_SECONDS
    while any(map(is_alive, groups)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for group in filter(is_alive, groups):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
