"""Connections that send half a request must not keep others waiting."""

import http.client
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from tests.tools.running import Up, environment

pytestmark = [
    pytest.mark.installation,
    pytest.mark.skipif(
        not Path("/proc/self/environ").exists(), reason="finds its processes in /proc"
    ),
    pytest.mark.usefixtures("no_urls"),
]

STALLED = 200
REQUESTS = 15


def new_key(run: Up) -> str:
    words = ["create_api_key", f"Key {time.time_ns()}", "--scope", "touches:write"]
    done = subprocess.run(
        [sys.executable, "manage.py", *words],
        env={**environment(run.data_dir), **run.addresses},
        check=True,
        capture_output=True,
        text=True,
    )
    return next(word for word in done.stdout.split() if word.startswith("hk_"))


def half_sent(key: str, *, with_body: bool) -> bytes:
    head = f"POST /api/v1/touches/ HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
    rest = 'Content-Type: application/json\r\nContent-Length: 500\r\n\r\n{"kind": ' * with_body
    return (head + rest).encode()


@contextmanager
def stalled(run: Up, start: bytes, number: int = STALLED) -> Iterator[list[socket.socket]]:
    with ExitStack() as stack:
        clients = [
            stack.enter_context(socket.create_connection(("127.0.0.1", run.port), timeout=10))
            for _ in range(number)
        ]
        for client in clients:
            client.sendall(start)
        # Longer than the server waits before it checks the key of a late body.
        time.sleep(1)
        yield clients


def status_of(run: Up, path: str) -> int:
    """Return the status; a page that no thread is free for ends in a timeout."""
    connection = http.client.HTTPConnection("127.0.0.1", run.port, timeout=10)
    connection.request("GET", path)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("with_body", [False, True])
@pytest.mark.parametrize("is_right", [False, True])
def test_stalled_clients_keep_no_page_waiting(running: Up, with_body: bool, is_right: bool) -> None:
    key = new_key(running) if is_right else "wrong"

    with stalled(running, half_sent(key, with_body=with_body)):
        statuses = {
            path: {status_of(running, path) for _ in range(REQUESTS)}
            for path in ("/health/ready/", "/inbox/")
        }

    assert statuses == {"/health/ready/": {200}, "/inbox/": {302}}


def test_wrong_key_is_answered_before_its_body(running: Up) -> None:
    with stalled(running, half_sent("wrong", with_body=True), number=1) as (client,):
        answer = client.recv(4096)

    assert answer.startswith(b"HTTP/1.1 401 ")
    assert b"unknown or revoked" in answer


def test_late_body_of_a_right_key_is_read(running: Up) -> None:
    body = json.dumps({"kind": "form", "email": "late@body.example"}).ljust(500).encode()
    start = half_sent(new_key(running), with_body=True)
    sent = len(start.partition(b"\r\n\r\n")[2])
    start = start[:-sent]

    with stalled(running, start, number=1) as (client,):
        client.sendall(body[:100])
        time.sleep(0.5)
        client.sendall(body[100:])
        answer = client.recv(65536)

    assert answer.startswith(b"HTTP/1.1 201 ")


def test_client_that_waits_to_be_asked_for_its_body_is_asked(running: Up) -> None:
    start = half_sent(new_key(running), with_body=True).partition(b"\r\n\r\n")[0]

    asking = start + b"\r\nExpect: 100-continue\r\n\r\n"
    with stalled(running, asking, number=1) as (client,):
        assert client.recv(4096).startswith(b"HTTP/1.1 100 ")


def test_two_requests_in_one_packet_get_two_answers(running: Up) -> None:
    request = b"GET /health/live/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    with stalled(running, request + request, number=1) as (client,):
        time.sleep(0.5)
        answers = client.recv(65536)

    assert answers.count(b"HTTP/1.1 200 OK") == 2


def chunked(run: Up, body: bytes) -> bytes:
    """Return the answer to a touch whose body has no length."""
    head = half_sent(new_key(run), with_body=True).replace(
        b"Content-Length: 500", b"Transfer-Encoding: chunked"
    )
    with stalled(run, head.partition(b"\r\n\r\n")[0] + b"\r\n\r\n" + body, number=1) as (client,):
        return client.recv(65536)


def test_chunked_body_is_read(running: Up) -> None:
    first, second = b'{"kind": "form", ', b'"email": "chunked@body.example"}'
    chunks = [f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in (first, second)]

    answer = chunked(running, b"".join(chunks) + b"0\r\n\r\n")

    assert answer.startswith(b"HTTP/1.1 201 ")


def test_malformed_chunk_is_refused(running: Up) -> None:
    assert chunked(running, b"zz\r\n{}\r\n0\r\n\r\n").startswith(b"HTTP/1.1 400 ")
