"""A small SMTP server on this machine that can be slow, refuse mail or drop the connection."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Dialog(socketserver.StreamRequestHandler):
    server: SmtpServer

    def handle(self) -> None:
        self.reply("220 ready")
        while line := self.rfile.readline():
            verb = line.split(maxsplit=1)[0].strip().upper()
            if verb == b"DATA":
                self.reply("354 go on")
                if not self.receive():
                    return
            elif verb == b"RCPT" and self.server.is_refused(line.decode()):
                self.reply("550 no such mailbox")
            elif verb == b"QUIT":
                self.reply("221 bye")
                return
            else:
                self.reply("250 ok")

    def receive(self) -> bool:
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.decode())
            if self.server.drops_in_the_middle():
                return False
        time.sleep(self.server.delay)
        self.server.received.append("".join(lines))
        self.reply("250 taken")
        return not self.server.drops_after_each

    def reply(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class SmtpServer(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(
        self, *, delay: float = 0, refused: str = "", drops: int = 0, drops_after_each: bool = False
    ) -> None:
        super().__init__(("127.0.0.1", 0), Dialog)
        self.received: list[str] = []
        self.delay = delay
        self.refused = refused
        self.drops = drops
        self.drops_after_each = drops_after_each

    def is_refused(self, recipient: str) -> bool:
        return bool(self.refused) and self.refused in recipient

    def drops_in_the_middle(self) -> bool:
        self.drops -= 1
        return self.drops >= 0


@contextmanager
def running(server: SmtpServer) -> Iterator[SmtpServer]:
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
