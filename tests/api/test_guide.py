"""The guide leads from a key to a lead: its commands are run as they stand there."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any, Final

import pytest
from django.test import Client
from pytest_django.live_server_helper import LiveServer

from api.models import ApiKey
from tests.intake.factories import make_key
from tests.pages import Page, inline_code_of

GUIDE: Final = "/api/v1/guide/"


def commands() -> list[str]:
    page = Page(Client().get(GUIDE))
    return [node.text() for node in page.all("code.command")]


def test_guide_is_public_and_covers_what_a_client_needs() -> None:
    answer = Client().get(GUIDE)

    page = Page(answer)
    assert answer.status_code == 200
    assert not answer.cookies
    assert inline_code_of(page) == []
    assert page.values("h2", "id") == [
        *("key", "touch", "errors", "retries", "read", "follow", "limits", "versions")
    ]


@pytest.mark.skipif(not shutil.which("curl"), reason="runs the commands of the guide")
@pytest.mark.django_db(transaction=True)
def test_every_command_of_the_guide_does_what_it_says(live_server: LiveServer) -> None:
    environment = {
        **os.environ,
        "KEY": make_key(ApiKey.Scope.TOUCHES_WRITE, ApiKey.Scope.LEADS_READ),
        "BASE": live_server.url,
        "no_proxy": "*",
    }

    def run(command: str, **more: str) -> str:
        done = subprocess.run(
            ["bash", "-c", command],
            env={**environment, **more},
            check=True,
            capture_output=True,
            text=True,
        )
        return done.stdout

    key, touch, error, repeat, find, read, follow = commands()

    assert "touches:write" in json.loads(run(key))["scopes"]
    receipt = json.loads(run(touch))
    assert receipt["is_new"] is True
    assert json.loads(run(error))["code"] == "invalid_touch"
    head, _, body = run(repeat).partition("\n\n")
    assert "Idempotency-Replayed: true" in head
    assert json.loads(body) == receipt
    (listed,) = json.loads(run(find))["results"]
    assert listed["lead"] == receipt["lead"]
    lead: dict[str, Any] = json.loads(run(read, LEAD=str(listed["lead"])))
    assert lead["contact"]["email"] == "ana@company.example"
    assert [row["lead"] for row in json.loads(run(follow))["results"]] == [listed["lead"]]
