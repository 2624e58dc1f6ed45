"""Pages and files of text are compressed on their way; fonts and parts of files are as stored."""

import gzip
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

FONT = b"wOF2" + bytes(1000)


@pytest.fixture
def font(settings: Settings, tmp_path: Path) -> str:
    (tmp_path / "letters.woff2").write_bytes(FONT)
    settings.STATIC_ROOT = tmp_path
    return "/static/letters.woff2"


@pytest.mark.django_db
def test_page_is_compressed(client: Client) -> None:
    response = client.get("/sign-in/", headers={"accept-encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response["Vary"]


def test_stylesheet_that_is_not_stored_compressed_is_compressed(
    client: Client, settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "a.css").write_bytes(b"a { color: red; }" * 100)
    settings.STATIC_ROOT = tmp_path

    response = client.get("/static/a.css", headers={"accept-encoding": "gzip"})

    assert response["Content-Encoding"] == "gzip"
    assert gzip.decompress(b"".join(response)) == b"a { color: red; }" * 100


def test_font_is_sent_as_it_is_stored(client: Client, font: str) -> None:
    response = client.get(font, headers={"accept-encoding": "gzip"})

    assert "Content-Encoding" not in response
    assert response["Content-Length"] == str(len(FONT))
    assert b"".join(response) == FONT


def test_part_of_a_file_is_that_part(client: Client, font: str) -> None:
    response = client.get(font, headers={"accept-encoding": "gzip", "range": "bytes=0-3"})

    assert response.status_code == 206
    assert b"".join(response) == b"wOF2"


def test_head_of_a_file_has_no_body(client: Client, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.css").write_bytes(b"a { color: red; }" * 100)
    settings.STATIC_ROOT = tmp_path

    response = client.head("/static/a.css", headers={"accept-encoding": "gzip"})

    assert b"".join(response) == b""
    assert response["Content-Length"] == "1700"
