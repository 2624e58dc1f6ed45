"""The examples of docs/examples set what the settings of a production installation read."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest
from django.conf import settings

from config.request_framing import MAX_BODY

ROOT: Final = Path(__file__).parents[2]
EXAMPLES: Final = ROOT / "docs" / "examples"
NGINX: Final = (EXAMPLES / "nginx.conf").read_text(encoding="utf-8")
CADDY: Final = (EXAMPLES / "Caddyfile").read_text(encoding="utf-8")
PAGE: Final = (ROOT / "docs" / "admin" / "production.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("Host", "$host"),
        ("X-Forwarded-Proto", "$scheme"),
        # Appends the address of the client, so that the last one is always ours.
        ("X-Forwarded-For", "$proxy_add_x_forwarded_for"),
        ("X-Request-Id", "$request_id"),
    ],
)
def test_nginx_sets_each_header_once(header: str, value: str) -> None:
    assert re.findall(rf"proxy_set_header {header} (\S+);", NGINX) == [value]


def test_caddy_trusts_no_header_of_a_client() -> None:
    assert "reverse_proxy 127.0.0.1:8000 {" in CADDY
    assert "trusted_proxies" not in CADDY
    assert re.findall(r"header_up (\S+) (\S+)", CADDY) == [("X-Request-Id", "{http.request.uuid}")]


@pytest.mark.parametrize("text", [NGINX, CADDY], ids=["nginx", "caddy"])
def test_braces_match_and_bodies_are_as_large_as_the_server_receives(text: str) -> None:
    directives = "\n".join(line for line in text.splitlines() if not line.strip().startswith("#"))

    sizes = {int(size) for size in re.findall(r"\b(\d+)(?:m;|MB)", directives)}
    assert directives.count("{") == directives.count("}")
    assert sizes == {MAX_BODY // 1024 // 1024}
    assert settings.DATA_UPLOAD_MAX_MEMORY_SIZE < MAX_BODY


def test_http_leads_to_https() -> None:
    assert "return 301 https://$host$request_uri;" in NGINX
    assert re.search(r"^handoff\.example \{", CADDY, re.MULTILINE)


def test_page_names_settings_that_exist() -> None:
    read = (ROOT / "config" / "settings.py").read_text(encoding="utf-8")
    named = set(re.findall(r"^([A-Z_]+)=", PAGE, re.MULTILINE))

    assert len(named) > 8
    assert {name for name in named if f'"{name}"' not in read} == set()
