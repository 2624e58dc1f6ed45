"""A backup restored into the new cluster of another server gives the same figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.installation.restored import restored
from tools.devserver.with_servers import servers_on, temporary_data

MAKE_LEAD = """
from django.utils import timezone
from handoff.pipeline import receive
from tests.factories import make_touch
now = timezone.now()
address = f"visitor{now:%H%M%S%f}@firm.example"
receive(make_touch(email=address, occurred_at=now), at=now, via="test")
"""
FOLLOW = """
from django.utils import timezone
from reporting.rollups.refresh import follow_log
print(follow_log(at=timezone.now()))
"""
REPORT = ("report", "sources", "--from", "2026-01-01", "--to", "2027-01-01", "--json")


def manage(address: str, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        env={**os.environ, "DATABASE_URL": address},
        capture_output=True,
        text=True,
        check=False,
    )


def output(address: str, *words: str) -> str:
    done = manage(address, *words)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def run_code(address: str, code: str) -> str:
    return output(address, "shell", "--no-imports", "-c", code)


@pytest.fixture
def used() -> Iterator[str]:
    """Yield an installation with leads whose cluster has counted many transactions."""
    with restored("release-0.1.sql.gz") as address:
        output(address, "prepare")
        run_code(address, FOLLOW)
        yield address


@pytest.fixture
def new_cluster(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.delenv("DATABASE_URL")
    with temporary_data() as folder, servers_on(folder, prepared=True) as addresses:
        yield addresses["DATABASE_URL"]


def test_backup_in_a_new_cluster_has_equal_figures(
    used: str, new_cluster: str, tmp_path: Path
) -> None:
    file = tmp_path / "handoff.dump"
    run_code(used, MAKE_LEAD)
    before = json.loads(output(used, *REPORT))["rows"]

    output(used, "backup", str(file))
    output(new_cluster, "restore", str(file))

    assert json.loads(output(new_cluster, *REPORT))["rows"] == before
    run_code(new_cluster, MAKE_LEAD)
    new = int(run_code(new_cluster, FOLLOW))
    assert 0 < new < 20
    assert run_code(new_cluster, FOLLOW).strip() == "0"
    assert json.loads(output(new_cluster, "check_invariants", "--json"))["violations"] == []
    assert file.stat().st_mode & 0o077 == 0


def test_restore_refuses_what_would_lose_data(used: str, tmp_path: Path) -> None:
    file = tmp_path / "handoff.dump"
    output(used, "backup", str(file))

    again, in_use = manage(used, "backup", str(file)), manage(used, "restore", str(file))
    with psycopg.connect(used):
        beside = manage(used, "restore", str(file), "--replace")

    assert "exists. Choose another name." in again.stderr
    assert "The database is in use by users or leads." in in_use.stderr
    assert "1 other connections use the database." in beside.stderr


def test_damaged_backup_leaves_the_database_as_it_was(used: str, tmp_path: Path) -> None:
    file = tmp_path / "handoff.dump"
    output(used, "backup", str(file))
    content = file.read_bytes()
    file.write_bytes(content[: len(content) * 3 // 4])
    before = output(used, *REPORT)

    damaged = manage(used, "restore", str(file), "--replace")

    assert damaged.returncode != 0
    assert json.loads(output(used, *REPORT))["rows"] == json.loads(before)["rows"]


def test_restore_replaces_and_can_be_repeated(used: str, tmp_path: Path) -> None:
    file, second = tmp_path / "handoff.dump", tmp_path / "second.dump"
    before = json.loads(output(used, *REPORT))["rows"]
    output(used, "backup", str(file))
    run_code(used, MAKE_LEAD)

    output(used, "restore", str(file), "--replace")
    output(used, "backup", str(second))
    output(used, "restore", str(second), "--replace")

    assert json.loads(output(used, *REPORT))["rows"] == before
