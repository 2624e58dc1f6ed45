"""Start the product and the controls with the server command of the product, and a fast client."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.db import DEFAULT_DB_ALIAS
from django.middleware.csrf import _get_new_csrf_string

from people.models import Session, User
from people.sessions import SessionStore
from tools.devserver import processes
from tools.devserver.embedded.system import CannotStart, wait_until
from tools.devserver.local import application_programs

PRODUCT: Final = "config.wsgi"
H0: Final = "tools.bench.h0"
H1: Final = "tools.bench.h1"
NEW_CONNECTION: Final = "tools.bench.new_connection"
# So that all requests use one connection to the database.
ONE_THREAD: Final = ("--workers", "1", "--threads", "1")
PRODUCT_BACKEND: Final = "people.backends.SignInBackend"
DJANGO_BACKEND: Final = "django.contrib.auth.backends.ModelBackend"
PATIENCE: Final = 60
END_OF_HEAD: Final = b"\r\n\r\n"


@dataclass(frozen=True)
class HttpAnswer:
    status: int
    head: str
    body: bytes


class Client:
    """A keep-alive connection with as little overhead as possible."""

    def __init__(self, port: int, cookies: str = "") -> None:
        self.cookies = cookies
        self.headers: dict[str, str] = {}
        self.sent = 0
        self._port = port
        self._socket = self._connect()

    def _connect(self) -> socket.socket:
        connected = socket.create_connection(("127.0.0.1", self._port), timeout=60)
        connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return connected

    def get(self, path: str, **headers: str) -> HttpAnswer:
        return self.send(f"GET {path} HTTP/1.1\r\n{lines_of(headers)}".encode())

    def post(self, path: str, body: bytes, **headers: str) -> HttpAnswer:
        length = f"Content-Length: {len(body)}\r\n"
        return self.send(f"POST {path} HTTP/1.1\r\n{lines_of(headers)}{length}".encode(), body)

    def send(self, start: bytes, body: bytes = b"") -> HttpAnswer:
        own = self.headers | ({"Cookie": self.cookies} if self.cookies else {})
        self.sent += 1
        request = start + f"Host: 127.0.0.1\r\n{lines_of(own)}\r\n".encode() + body
        try:
            return self._exchange(request)
        except ConnectionError:
            # The server closes idle connections, and a browser would retry.
            self.close()
            self._socket = self._connect()
            return self._exchange(request)

    def _exchange(self, request: bytes) -> HttpAnswer:
        self._socket.sendall(request)
        received = b""
        while END_OF_HEAD not in received:
            received += self._more()
        head, _, body = received.partition(END_OF_HEAD)
        text = head.decode("latin-1")
        length = length_of(text)
        while len(body) < length:
            body += self._more()
        return HttpAnswer(int(text[9:12]), text, body)

    def _more(self) -> bytes:
        more = self._socket.recv(65536)
        if not more:
            raise ConnectionError("The server closed the connection during a response.")
        return more

    def close(self) -> None:
        self._socket.close()


def lines_of(headers: Mapping[str, str]) -> str:
    return "".join(f"{name.replace('_', '-')}: {text}\r\n" for name, text in headers.items())


def length_of(head: str) -> int:
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        if name.lower() == "content-length":
            return int(value)
    raise ConnectionError("The response has no Content-Length.")


@dataclass(frozen=True)
class Served:
    port: int
    pid: int


@contextmanager
def serving(application: str, options: Sequence[str] = (), **environment: str) -> Iterator[Served]:
    """Run `application` with the server command of the product and further options."""
    port = free_port()
    web = next(iter(application_programs(port, settings.DATA_DIR, environment)))
    log = Path(settings.DATA_DIR) / f"{application}.log"
    argv = [application if word == PRODUCT else word for word in web.argv] + [*options]
    program = replace(web, argv=argv, log=log)
    process = processes.start(program)
    try:
        if not wait_until(lambda: answers(port), PATIENCE):
            raise CannotStart(f"{application} does not answer. See {log}.")
        yield Served(port, process.pid)
    finally:
        processes.stop(process, program)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    try:
        client = Client(port)
    except OSError:
        return False
    try:
        return bool(client.get("/").status)
    except OSError:
        return False
    finally:
        client.close()


def cookies_of(
    user: User,
    csrf: str,
    *,
    backend: str = PRODUCT_BACKEND,
    database: str = DEFAULT_DB_ALIAS,
) -> str:
    """Sign the user in and return the cookies of the browser, with the token of its forms.

    The user has the same number in every database of the bench.
    """
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = backend
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    if database != DEFAULT_DB_ALIAS:
        row = Session.objects.get(pk=session.session_key)
        row.save(using=database, force_insert=True)
    signed_in = f"{settings.SESSION_COOKIE_NAME}={session.session_key}"
    return f"{signed_in}; {settings.CSRF_COOKIE_NAME}={csrf}"


def csrf_token() -> str:
    return _get_new_csrf_string()
