"""The application as a server calls it."""

from __future__ import annotations

import platform
import subprocess
import sys
import time
from collections.abc import Iterable
from io import BytesIO
from typing import Any

import pytest

from config.web_worker import YIELD_SECONDS, Worker
from config.wsgi import with_length

BODY = b'{"email": "ann@company.example"}'


def received(environ: dict[str, Any]) -> bytes:
    """Return what an application reads that trusts only the length."""

    def handler(environ: dict[str, Any], _start: Any) -> Iterable[bytes]:
        length = int(environ.get("CONTENT_LENGTH") or 0)
        return [environ["wsgi.input"].read(length)]

    return b"".join(with_length(handler)({"wsgi.input": BytesIO(BODY), **environ}, None))


@pytest.mark.parametrize("encoding", ["chunked", "Chunked", "gzip, chunked"])
def test_chunked_body_gets_its_length(encoding: str) -> None:
    chunked = {"HTTP_TRANSFER_ENCODING": encoding, "wsgi.input_terminated": True}

    assert received(chunked) == BODY


def test_input_that_may_not_end_is_not_read() -> None:
    assert received({"HTTP_TRANSFER_ENCODING": "chunked"}) == b""


def test_body_with_a_length_is_left_as_it_is() -> None:
    assert received({"CONTENT_LENGTH": "7", "wsgi.input_terminated": True}) == BODY[:7]


@pytest.mark.parametrize("package", ["celery", "kombu"])
def test_web_worker_does_without(package: str) -> None:
    program = f"import config.wsgi, sys; sys.exit({package!r} in sys.modules)"

    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=False)

    assert done.returncode == 0


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no arenas")
def test_threads_of_a_web_worker_share_one_arena() -> None:
    program = "import config.web_worker as worker, sys; sys.exit(not worker.share_one_arena())"

    done = subprocess.run([sys.executable, "-W", "ignore", "-c", program], check=False)

    assert done.returncode == 0


@pytest.mark.parametrize(
    ("connections", "delays"), [(0, []), (1, [YIELD_SECONDS]), (50, [YIELD_SECONDS])]
)
def test_worker_with_connections_lets_an_idle_one_take_a_new_one(
    connections: int, delays: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    worker = Worker.__new__(Worker)
    worker.nr_conns = connections

    worker.accept(TakenByAnother(slept))

    assert (slept, worker.nr_conns) == ([*delays, "accept"], connections)


class TakenByAnother:
    """A listener whose connection another worker has accepted."""

    def __init__(self, calls: list[Any]) -> None:
        self._calls = calls

    def accept(self) -> None:
        self._calls.append("accept")
        raise BlockingIOError
