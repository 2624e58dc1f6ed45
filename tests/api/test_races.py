"""Two at once, and one that is killed, with real commits."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.db import connection
from django.test import Client

from api.models import IdempotentRequest
from intake.models import ImportedLine
from leads.models import Contact, Lead, LeadEvent, Source, Touch
from tests.intake.factories import DEMO, make_key, send
from tests.intake.files import HEADER, MAP, make_file, run_import, summary
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]


def test_one_idempotency_key_sent_twice_at_once_makes_one_touch() -> None:
    secret = make_key()

    answers = at_once(*[lambda: send(Client(), secret, DEMO, key="1")] * 4)

    assert [answer == answers[0] for answer in answers] == [True] * 4
    assert answers[0][0] == 201
    assert (Touch.objects.count(), IdempotentRequest.objects.count()) == (1, 1)


def test_touches_of_one_person_at_once_open_one_lead() -> None:
    secret = make_key()

    answers = at_once(*[lambda: send(Client(), secret, DEMO)] * 4)

    assert [status for status, _ in answers] == [201] * 4
    assert sorted(answer["is_new"] for _, answer in answers) == [False, False, False, True]
    assert (Contact.objects.count(), Lead.objects.count(), Touch.objects.count()) == (1, 1, 4)


def make_lines(count: int) -> str:
    return HEADER + "".join(
        f"p{n}@company{n % 50}.example,P,{n},website,02.11.2026\n" for n in range(count)
    )


def test_one_file_imported_twice_at_once_is_imported_once(tmp_path: Path) -> None:
    first = make_file(tmp_path, make_lines(50), "first.csv")
    second = make_file(tmp_path, make_lines(50), "second.csv")

    results = at_once(lambda: run_import(first), lambda: run_import(second))

    assert [code for code, _ in results] == [0, 0]
    assert sum(found["new"] for _, found in results) == 50
    assert sum(found["already_imported"] for _, found in results) == 50
    assert Lead.objects.count() == Touch.objects.count() == 50


def test_two_imports_at_once_create_a_source_once(tmp_path: Path) -> None:
    plan = "create_sources = true\n" + MAP
    names = [f"Fair {n}" for n in range(20)]
    files = [
        make_file(
            tmp_path,
            HEADER + "".join(f"{who}{n}@c.example,P,,{name},\n" for n, name in enumerate(names)),
            f"{who}.csv",
        )
        for who in "ab"
    ]

    results = at_once(*[partial(run_import, file, plan) for file in files])

    assert results == [(0, summary(lines=20, new=20))] * 2
    assert Source.objects.filter(name__in=names).count() == 20


def environment() -> dict[str, str]:
    """For a process of its own that works on the test's database."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return {**os.environ, "DATABASE_URL": urlunsplit(url)}


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "waited for a minute in vain"
        time.sleep(0.02)


@pytest.mark.installation
def test_a_killed_import_started_again_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    file = make_file(tmp_path, make_lines(1_500))
    plan = tmp_path / "plan.toml"
    plan.write_text(MAP, encoding="utf-8")
    command = [sys.executable, "manage.py", "import_leads", str(file), "--map", str(plan)]

    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.DEVNULL)
    wait_for(ImportedLine.objects.exists)
    process.send_signal(signal.SIGKILL)
    process.wait()

    code, found = run_import(file)

    assert (code, found["lines"], found["rejected"]) == (0, 1_500, 0)
    assert found["new"] + found["already_imported"] == 1_500
    assert 0 < found["already_imported"] < 1_500
    assert Lead.objects.count() == Touch.objects.count() == 1_500
    assert LeadEvent.objects.filter(kind="opened").count() == 1_500
