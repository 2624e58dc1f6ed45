"""Files and maps for tests of the import, and the import command."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any, Final

from django.core.management import CommandError, call_command

MAP: Final = """
name = "fair"
[fields]
email = "mail"
name = ["first", "last"]
source = "source"
occurred_at = "date"
[dates]
formats = ["%d.%m.%Y %H:%M", "%d.%m.%Y"]
zone = "Europe/Berlin"
[values.source]
"Website form" = "website"
"""
HEADER: Final = "mail,first,last,source,date\n"
ANN: Final = "ann@company.example,Ann,Lee,website,02.11.2026 09:30\n"
BOB: Final = "bob@firm.example,Bob,,Website form,02.11.2026\n"


def make_file(folder: Path, content: str | bytes, name: str = "leads.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def run_import(file: Path, plan: str = MAP, *options: str) -> tuple[int, dict[str, Any]]:
    """Run the command; return its exit code, and its counts or the message as `error`."""
    code, result = run_in_detail(file, plan, *options)
    result.pop("details", None)
    return code, result


def run_in_detail(file: Path, plan: str = MAP, *options: str) -> tuple[int, dict[str, Any]]:
    """Run the command; return its exit code, and its summary or the message as `error`."""
    map_file = file.with_suffix(".toml")
    map_file.write_text(plan, encoding="utf-8")
    out = StringIO()
    try:
        call_command("import_leads", file, "--map", map_file, "--json", *options, stdout=out)
    except CommandError as error:
        return error.returncode, {"error": str(error)}
    except SystemExit as end:
        return int(end.code or 0), result_in(out)
    return 0, result_in(out)


def result_in(out: StringIO) -> dict[str, Any]:
    """Return the printed summary without the number of the run, which differs each time."""
    result: dict[str, Any] = json.loads(out.getvalue())
    del result["run"]
    return result


def summary(**counts: Any) -> dict[str, Any]:
    names = ("lines", "new", "repeats", "updated", "moved", "already_imported", "incomplete")
    zeros = dict.fromkeys((*names, "rejected", "skipped", "blank", "first_not_utf8"), 0)
    return {"dry_run": False, "rejects": None, **zeros, **counts}
