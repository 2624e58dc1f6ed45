"""A gunicorn worker in which only a complete request takes a thread.

gunicorn's own threads wait for the rest of a request that a client began to send, so that a few
stalled clients occupy all of them. Here the main loop receives requests, and a thread gets one from
memory. A body that is late is waited for only if the API key in the head is valid.
"""

from __future__ import annotations

import ctypes
import gc
import io
import selectors
import socket
import sys
import time
from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from gunicorn.arbiter import Arbiter
from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import TConn, ThreadWorker

from config.request_framing import Framing
from config.versions import NewerDatabase, refuse_newer_database

# A client gets so long for one request, and for reading the answer to one it did not finish.
REQUEST_SECONDS: Final = 30
LINGER_SECONDS: Final = 5
# Head and body of a quick client arrive within this; then the key is checked before the body.
LATE_SECONDS: Final = 0.2
LOOK_SECONDS: Final = 0.1
CHUNK: Final = 64 * 1024
# All workers are notified of a new connection, and an idle one wakes up within this.
YIELD_SECONDS: Final = 0.000_1
M_ARENA_MAX: Final = -8  # malloc.h of glibc
# A large page creates two thousand objects, of which a collection in the middle frees none.
OBJECTS_BEFORE_COLLECTION: Final = 5_000
API: Final = "/api/"
KEY_CHECK: Final = "/api/v1/key/"
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


@dataclass(eq=False)
class Incoming:
    """A connection whose request is still being received."""

    conn: Any
    deadline: float
    framing: Framing = field(default_factory=Framing)
    began_at: float = 0
    is_checked: bool = False


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.incoming: set[Incoming] = set()
        self.lingering: dict[Any, float] = {}
        self.next_look = 0.0

    def init_process(self) -> None:
        share_one_arena()
        gc.set_threshold(OBJECTS_BEFORE_COLLECTION)
        super().init_process()

    def load_wsgi(self) -> None:
        super().load_wsgi()
        try:
            refuse_newer_database()
        except NewerDatabase as error:
            self.log.critical(str(error))
            sys.exit(Arbiter.WORKER_BOOT_ERROR)

    def accept(self, listener: Any) -> None:
        # Else one worker often has all connections of a few quick clients, and the others none.
        if self.nr_conns:
            time.sleep(YIELD_SECONDS)
        try:
            client_socket, client = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        conn = TConn(self.cfg, client_socket, client, listener.getsockname())
        self.receive(conn, patience=REQUEST_SECONDS)

    def receive(self, conn: Any, *, patience: float, start: bytes = b"") -> None:
        """Receive a request on this connection, of which `start` is already here."""
        conn.sock.setblocking(False)
        request = Incoming(conn, time.monotonic() + patience)
        self.incoming.add(request)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.on_readable, request))
        if start:
            self.take(request, start)

    def on_readable(self, request: Incoming, sock: Any) -> None:
        try:
            data = sock.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if data:
            self.take(request, data)
        else:
            self.drop(request)

    def take(self, request: Incoming, data: bytes) -> None:
        if not request.began_at:
            request.began_at = time.monotonic()
            request.deadline = request.began_at + REQUEST_SECONDS
        if request.framing.add(data):
            self.forget(request)
            conn = request.conn
            # The thread reads from memory, and never from the socket.
            conn.parser = RequestParser(self.cfg, [bytes(request.framing.received)], conn.client)
            conn.initialized = conn.data_ready = True
            self.enqueue_req(conn)

    def finish_request(self, conn: Any, answer: Future[Any]) -> None:
        if self.alive and not answer.exception() and answer.result():
            start = conn.parser.unreader.take_buffered()
            self.receive(conn, patience=self.cfg.keepalive, start=start)
        else:
            self.linger(conn)

    def murder_keepalived(self, force: bool = False) -> None:
        """Close what is too slow, and check the keys of requests whose body is late."""
        now = time.monotonic()
        if now < self.next_look and self.alive:
            return
        self.next_look = now + LOOK_SECONDS
        for request in list(self.incoming):
            is_idle = not request.began_at
            if force or now > request.deadline or (is_idle and not self.alive):
                self.drop(request)
            elif self.is_body_late(request, now):
                self.check(request)
        for conn, deadline in list(self.lingering.items()):
            if force or now > deadline:
                self.close(conn)

    def is_body_late(self, request: Incoming, now: float) -> bool:
        waits_since = request.began_at + LATE_SECONDS
        return bool(request.framing.head) and not request.is_checked and now > waits_since

    def check(self, request: Incoming) -> None:
        request.is_checked = True
        refusal = self.tpool.submit(self.refusal, request)
        refusal.add_done_callback(partial(self.method_queue.defer, self.finish_check, request))

    def refusal(self, request: Incoming) -> bytes:
        """Return the answer to a request with a wrong API key, whatever its body, else nothing."""
        conn = request.conn
        parsed = next(RequestParser(self.cfg, [request.framing.head], conn.client))
        headers = {name.upper().replace("-", "_"): value for name, value in parsed.headers}
        if not parsed.path.startswith(API):
            return b""
        environ = {
            **{f"HTTP_{name}": value for name, value in headers.items()},
            "REQUEST_METHOD": "GET",
            "PATH_INFO": KEY_CHECK,
            "QUERY_STRING": "",
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": conn.client[0] if conn.client else "",
            "wsgi.url_scheme": parsed.scheme,
            "wsgi.input": io.BytesIO(),
            "wsgi.errors": io.StringIO(),
        }
        return refusal_of(self.wsgi, environ)

    def finish_check(self, request: Incoming, refusal: Future[bytes]) -> None:
        if request not in self.incoming:
            return
        answer = b"" if refusal.exception() else refusal.result()
        try:
            if answer:
                request.conn.sock.send(answer)
            elif request.framing.expects_continue:
                request.conn.sock.send(CONTINUE)
        except OSError:
            self.drop(request)
            return
        if answer:
            self.forget(request)
            self.linger(request.conn)

    def forget(self, request: Incoming) -> None:
        self.incoming.discard(request)
        self.poller.unregister(request.conn.sock)

    def drop(self, request: Incoming) -> None:
        self.forget(request)
        self.nr_conns -= 1
        request.conn.close()

    def linger(self, conn: Any) -> None:
        """Close after the client has read the answer: what it still sends would reset it."""
        try:
            conn.sock.setblocking(False)
            conn.sock.shutdown(socket.SHUT_WR)
            self.poller.register(conn.sock, selectors.EVENT_READ, partial(self.discard, conn))
        except (OSError, ValueError):
            self.nr_conns -= 1
            conn.close()
        else:
            self.lingering[conn] = time.monotonic() + LINGER_SECONDS

    def discard(self, conn: Any, sock: Any) -> None:
        try:
            if sock.recv(CHUNK):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        self.close(conn)

    def close(self, conn: Any) -> None:
        del self.lingering[conn]
        self.poller.unregister(conn.sock)
        self.nr_conns -= 1
        conn.close()


def share_one_arena() -> bool:
    """Let all threads allocate from one arena; False where the C library knows none.

    glibc gives each thread an arena of its own, and each keeps the memory of the largest page.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    return mallopt is not None and bool(mallopt(M_ARENA_MAX, 1))


def refusal_of(application: Any, environ: dict[str, Any]) -> bytes:
    """Return the raw answer of the application if it is 401, else nothing."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *rest: Any) -> None:
        started.append((status, headers))

    chunks: Iterable[bytes] = application(environ, start_response)
    body = b"".join(chunks)
    if close := getattr(chunks, "close", None):
        close()
    ((status, headers),) = started
    if not status.startswith("401"):
        return b""
    lines = [f"HTTP/1.1 {status}", *(f"{name}: {value}" for name, value in headers)]
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("latin-1") + body
