"""`script/manage` without a running `script/serve`."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tools.running import PATIENCE, environment
from tools.devserver.embedded.system import wait_until
from tools.devserver.with_servers import temporary_data

pytestmark = pytest.mark.installation

COMMAND = [
    sys.executable,
    "-m",
    "tools.devserver.with_servers",
    "--prepared",
    sys.executable,
    "manage.py",
]
WAITS = """
import time
from pathlib import Path
while not Path("{guest}").exists():
    time.sleep(0.05)
"""
ASKS_AFTER_IT = """
import time
from pathlib import Path
from django.db import connection
Path("{guest}").touch()
while Path("{servers}").exists():
    time.sleep(0.05)
with connection.cursor() as cursor:
    cursor.execute("SELECT 7")
    print(cursor.fetchone()[0])
"""
SHELL = ["shell", "--verbosity", "0", "--command"]
REPORT = ["report", "sources", "--from", "2026-01-01", "--to", "2026-02-01", "--json"]


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    with temporary_data() as folder:
        yield folder


def test_new_database_is_prepared_before_the_command(
    data_dir: Path,
) -> None:
    first, second = managed(data_dir, *REPORT), managed(data_dir, "prepare")

    assert json.loads(first.stdout)["rows"] == []
    assert first.stderr == "Preparing a new database, which takes a few seconds ...\n"
    assert second.stdout == "All defaults exist.\n"
    assert second.stderr == ""


def test_servers_are_stopped_after_the_last_command_that_uses_them(
    data_dir: Path,
) -> None:
    managed(data_dir, "prepare")
    files = {"guest": data_dir / "guest", "servers": data_dir / "servers.json"}
    owner = start(data_dir, *SHELL, WAITS.format(**files))
    assert wait_until(files["servers"].exists, PATIENCE)
    guest = start(data_dir, *SHELL, ASKS_AFTER_IT.format(**files))

    assert guest.communicate(timeout=PATIENCE) == ("7\n", "")
    assert owner.communicate(timeout=PATIENCE) == (
        "",
        "Waiting for another command on the same data ...\n",
    )
    assert not (data_dir / "servers.json").exists()


def test_unavailable_database_is_reported_in_a_sentence(tmp_path: Path) -> None:
    nowhere = {"DATABASE_URL": f"postgres://app@/none?host={tmp_path}", "REDIS_URL": "redis://none"}
    with temporary_data() as data_dir:
        process = start(data_dir, "report", **nowhere)
        errors = process.communicate(timeout=PATIENCE)[1]

    assert process.returncode == 1
    assert errors.startswith("The database does not answer: ")
    assert "Traceback" not in errors


def test_data_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.touch()

    process = start(file / "data", "report")

    assert process.communicate(timeout=PATIENCE)[1] == (
        f"Cannot create {file / 'data'}: Not a directory.\n"
    )


def start(data_dir: Path, *words: str, **more: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*COMMAND, *words],
        env={**environment(data_dir), **more},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def managed(data_dir: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*COMMAND, *words],
        env=environment(data_dir),
        capture_output=True,
        text=True,
        check=True,
    )
