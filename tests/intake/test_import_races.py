"""Concurrent imports and a killed one, with real commits."""

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

from intake.imports.run import LIVE_BATCH_SIZE
from intake.models import ImportedLine
from leads.models import Lead, LeadEvent, Source, Touch
from tests.intake.files import HEADER, MAP, make_file, run_import, summary
from tests.threads import at_once

pytestmark = pytest.mark.django_db(transaction=True)

ROOT = Path(__file__).parents[2]


def make_lines(count: int) -> str:
    return HEADER + "".join(
        f"p{n}@company{n % 50}.example,P,{n},website,02.11.2026\n" for n in range(count)
    )


def test_concurrent_imports_of_the_same_lines_import_them_once(tmp_path: Path) -> None:
    first = make_file(tmp_path, make_lines(50), "first.csv")
    second = make_file(tmp_path, make_lines(50), "second.csv")

    results = at_once(lambda: run_import(first), lambda: run_import(second))

    assert [code for code, _ in results] == [0, 0]
    assert sum(result["new"] for _, result in results) == 50
    assert sum(result["already_imported"] for _, result in results) == 50
    assert Lead.objects.count() == Touch.objects.count() == 50


def test_concurrent_imports_create_a_source_once(tmp_path: Path) -> None:
    plan = "create_sources = true\n" + MAP
    names = [f"Fair {n}" for n in range(20)]
    files = [
        make_file(
            tmp_path,
            HEADER + "".join(f"{prefix}{n}@c.example,P,,{name},\n" for n, name in enumerate(names)),
            f"{prefix}.csv",
        )
        for prefix in "ab"
    ]

    results = at_once(*[partial(run_import, file, plan) for file in files])

    assert results == [(0, summary(lines=20, new=20))] * 2
    assert Source.objects.filter(name__in=names).count() == 20


@pytest.mark.parametrize(
    ("options", "expected"),
    [([], [LIVE_BATCH_SIZE] * 3), (["--historical"], [3 * LIVE_BATCH_SIZE])],
)
def test_transaction_that_routes_leads_has_few_lines(
    tmp_path: Path, options: list[str], expected: list[int]
) -> None:
    file = make_file(tmp_path, make_lines(3 * LIVE_BATCH_SIZE))

    assert run_import(file, MAP, *options)[0] == 0

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM intake_importedline GROUP BY xmin::text")
        assert [count for (count,) in cursor.fetchall()] == expected


def environment() -> dict[str, str]:
    """Return the environment of a process that uses the database of the test."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}")
    return {**os.environ, "DATABASE_URL": urlunsplit(url)}


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, "the condition was not met within a minute"
        time.sleep(0.02)


@pytest.mark.installation
def test_killed_import_continues_when_started_again(tmp_path: Path) -> None:
    file = make_file(tmp_path, make_lines(1_500))
    plan = tmp_path / "plan.toml"
    plan.write_text(MAP, encoding="utf-8")
    command = [sys.executable, "manage.py", "import_leads", str(file), "--map", str(plan)]

    process = subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.DEVNULL)
    wait_for(ImportedLine.objects.exists)
    process.send_signal(signal.SIGKILL)
    process.wait()

    code, result = run_import(file)

    assert (code, result["lines"], result["rejected"]) == (0, 1_500, 0)
    assert result["new"] + result["already_imported"] == 1_500
    assert 0 < result["already_imported"] < 1_500
    assert Lead.objects.count() == Touch.objects.count() == 1_500
    assert LeadEvent.objects.filter(kind="opened").count() == 1_500
