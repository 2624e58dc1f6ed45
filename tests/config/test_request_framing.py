import pytest

from config.request_framing import MAX_BODY, MAX_HEAD, Framing

HEAD = b"POST /api/v1/touches/ HTTP/1.1\r\nHost: x\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n\r\n"


def complete_at(request: bytes) -> int:
    """Return the number of bytes after which the request counts as complete."""
    framing = Framing()
    for number in range(len(request)):
        if framing.add(request[number : number + 1]):
            return number + 1
    return 0


@pytest.mark.parametrize(
    "request_",
    [
        HEAD + b"\r\n",
        HEAD + b"Content-Length: 0\r\n\r\n",
        HEAD + b"content-length:5\r\n\r\nabcde",
        CHUNKED + b"0\r\n\r\n",
        CHUNKED + b"3;name=value\r\nabc\r\n0\r\nTrailer: x\r\n\r\n",
        CHUNKED + b"9\r\n\r\n0\r\n\r\nab\r\n0\r\n\r\n",
    ],
)
def test_request_is_complete_at_its_last_byte(request_: bytes) -> None:
    assert complete_at(request_) == len(request_)


@pytest.mark.parametrize(
    "request_",
    [
        HEAD,
        HEAD + b"Content-Length: 6\r\n\r\nabcde",
        CHUNKED + b"A\r\n\r\n0\r\n\r\nab",
        CHUNKED + b"3\r\nabc\r\n",
        CHUNKED + b"3\r\nabc\r\n0\r\nTrailer: x\r\n",
    ],
)
def test_request_without_its_end_is_not_complete(request_: bytes) -> None:
    assert complete_at(request_) == 0


@pytest.mark.parametrize(
    "request_",
    [
        b"x" * (MAX_HEAD + 1),
        HEAD + b"Content-Length: %d\r\n\r\n" % (MAX_BODY + 1),
        CHUNKED + b"not hexadecimal\r\n",
    ],
)
def test_request_to_be_refused_is_not_waited_for(request_: bytes) -> None:
    assert Framing().add(request_)


def test_client_may_ask_before_it_sends_its_body() -> None:
    framing = Framing()

    framing.add(HEAD + b"Expect: 100-Continue\r\nContent-Length: 3\r\n\r\n")

    assert framing.expects_continue
