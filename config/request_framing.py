"""Tell from the bytes received so far whether a request is complete."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

# The application accepts less; beyond these, no body is waited for.
MAX_HEAD: Final = 64 * 1024
MAX_BODY: Final = 4 * 1024 * 1024
END_OF_HEAD: Final = b"\r\n\r\n"
LENGTH: Final = re.compile(rb"\r\ncontent-length:[ \t]*(\d+)[ \t]*\r\n", re.IGNORECASE)
CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
EXPECTS: Final = re.compile(rb"\r\nexpect:[ \t]*100-continue", re.IGNORECASE)


@dataclass
class Framing:
    """The bytes of one request; whatever is malformed counts as complete and is refused later."""

    received: bytearray = field(default_factory=bytearray)
    head: bytes = b""
    _length: int = 0
    # Where the next chunk of a chunked body begins.
    _next_chunk: int | None = None

    @property
    def expects_continue(self) -> bool:
        return bool(EXPECTS.search(self.head))

    def add(self, data: bytes) -> bool:
        """Return whether the request is complete now."""
        self.received += data
        if not self.head and not self._read_head():
            return len(self.received) > MAX_HEAD
        if self._next_chunk is not None:
            return self._has_last_chunk() or len(self.received) > MAX_HEAD + MAX_BODY
        return self._length > MAX_BODY or len(self.received) >= len(self.head) + self._length

    def _read_head(self) -> bool:
        end = self.received.find(END_OF_HEAD)
        if end < 0:
            return False
        self.head = bytes(self.received[: end + len(END_OF_HEAD)])
        if CHUNKED.search(self.head):
            self._next_chunk = len(self.head)
        elif length := LENGTH.search(self.head):
            self._length = int(length[1])
        return True

    def _has_last_chunk(self) -> bool:
        assert self._next_chunk is not None
        while (end := self.received.find(b"\r\n", self._next_chunk)) >= 0:
            try:
                size = int(self.received[self._next_chunk : end].partition(b";")[0], 16)
            except ValueError:
                return True
            if size == 0:
                # An empty line ends the trailers, of which there usually are none.
                return self.received.find(END_OF_HEAD, end) >= 0
            self._next_chunk = end + 2 + size + 2
            if self._next_chunk > len(self.received):
                return False
        return False
