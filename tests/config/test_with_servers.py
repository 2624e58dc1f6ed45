"""`script/manage` without a running `script/serve`."""

import json
import subprocess
import sys
from pathlib import Path

from config.with_servers import temporary_data
from tests.config.running import environment

REPORT = ["report", "sources", "--from", "2026-01-01", "--to", "2026-02-01", "--json"]


def test_a_command_on_a_new_database_finds_tables_and_says_nothing_else_on_its_output() -> None:
    with temporary_data() as data_dir:
        first, second = managed(data_dir, *REPORT), managed(data_dir, "prepare")

    assert json.loads(first.stdout)["rows"] == []
    assert first.stderr == "Preparing a new database (once; a few seconds) ...\n"
    assert second.stdout == "Nothing was missing.\n"
    assert second.stderr == ""


def managed(data_dir: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "config.with_servers", "--prepared"]
        + [sys.executable, "manage.py", *words],
        env=environment(data_dir),
        capture_output=True,
        text=True,
        check=True,
    )
