"""Run beside the supervisor, as a script: ends what it started when it is killed without warning.

Reads `+PID SIGNAL` for each process group started and `-PID` for each one gone. Linux has the death
signal as well, but that reaches neither grandchildren nor other systems.
"""

import contextlib
import os
import signal
import sys
import time

PATIENCE = 8


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
        words = line[1:].split()
        if line[0] == "+":
            groups[int(words[0])] = int(words[1])
        else:
            groups.pop(int(words[0]), None)
    for group, number in groups.items():
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, number)
    deadline = time.monotonic() + PATIENCE
    while any(map(is_alive, groups)) and time.monotonic() < deadline:
        time.sleep(0.1)
    for group in filter(is_alive, groups):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    main()
