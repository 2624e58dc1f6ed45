"""B1, B3 and B4: from a CSV file to routed leads, against COPY of the resulting rows."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from core.unit_of_work import column_types
from handoff.models import Handoff, RoutingDecision, SlaClock
from intake.imports.mapping import ImportMap, read_map
from intake.imports.report import ImportSummary, RejectsFile
from intake.imports.run import import_file
from intake.models import ImportedLine, ImportRun
from leads.models import Company, Contact, ContextCard, Lead, LeadEvent, LeadScore, Touch
from people.models import Notice
from tools.bench.goals import GoalResult, goal_of
from tools.bench.http_paths import sending
from tools.bench.measure import (
    Sample,
    compare,
    compare_each,
    most_stable,
    most_stable_of_each,
    p95,
    times,
    warm_up,
)
from tools.bench.organization import COUNTRIES, INDUSTRIES, SIZES
from tools.bench.process_memory import peak_megabytes
from tools.bench.rollback import rolled_back
from tools.bench.web import PRODUCT
from tools.bench.world import World
from tools.devserver.embedded.system import wait_until

ROWS: Final = 2_000
# Each hundredth line is invalid, so that the result includes the handling of errors.
INVALID_EVERY: Final = 100
EXIT_REJECTS: Final = 3
# So long that the touches end first.
LONG_FILE: Final = 20_000
IMPORTS: Final = 3
PATIENCE: Final = 120
# In the order of foreign keys.
WRITTEN: Final[tuple[type[models.Model], ...]] = (
    *(ImportRun, Company, Contact, Lead, Touch, LeadScore, ContextCard, RoutingDecision),
    *(Handoff, SlaClock, LeadEvent, Notice),
)
MAP: Final = """
name = "bench"
[fields]
external_id = "id"
occurred_at = "date"
email = "email"
name = ["first", "last"]
title = "title"
phone = "phone"
country = "country"
company = "company"
industry = "industry"
employees = "employees"
stated_problem = "problem"
[constants]
kind = "demo_request"
lead_type = "demo"
source = "website"
"""
HEADER: Final = (
    *("id", "date", "email", "first", "last", "title", "phone", "country", "company"),
    *("industry", "employees", "problem"),
)

_files = count(1)


@dataclass(frozen=True)
class CopiedTable:
    """The rows of a table in the format of COPY."""

    name: str
    columns: str
    rows: bytes


def csv_file(rows: int) -> Path:
    """Write a file of new contacts in the segments of the rules."""
    path = Path(settings.DATA_DIR) / f"bench-{next(_files)}.csv"
    day, run_id = timezone.now().date().isoformat(), uuid4().hex[:8]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(line(number, run_id, day) for number in range(rows))
    return path


def line(number: int, run_id: str, day: str) -> list[Any]:
    domain = f"{run_id}-{number // 3}.example"
    return [
        f"{run_id}-{number}",
        day,
        f"ann{number}@{domain}" if number % INVALID_EVERY else "no address",
        "Ann",
        f"Example {number}",
        "Director of Operations",
        f"+4930{number:08}",
        COUNTRIES[number // 7 % len(COUNTRIES)],
        f"Company {number // 3}",
        INDUSTRIES[number // 3 % len(INDUSTRIES)],
        SIZES[number % len(SIZES)][1],
        "Leads wait for days before a rep calls.",
    ]


def import_csv(path: Path, import_map: ImportMap) -> ImportSummary:
    with RejectsFile(path.with_suffix(".rejects.csv")) as rejects:
        return import_file(path, import_map, rejects=rejects, now=timezone.now)


def bench_map() -> Path:
    path = Path(settings.DATA_DIR) / "bench.toml"
    path.write_text(MAP)
    return path


def imports(world: World) -> Iterator[GoalResult]:
    """B1: rows per second of an import, and of COPY with all rows it writes or with the leads."""
    rows = min(ROWS, world.size.leads // 10)
    path, import_map = csv_file(rows), read_map(bench_map())
    tables = rows_of_import(path, import_map)
    leads = [table for table in tables if table.name == Lead._meta.db_table]
    controls = [
        lambda: rows / rolled_back(lambda: copy_in(tables)),
        # Without their contacts, so nothing to check at the end.
        lambda: rows / rolled_back(lambda: copy_in(leads), is_checked=False),
    ]
    # The import that wrote the rows has warmed up the subject.
    warm_up(controls)
    comparisons = most_stable_of_each(
        lambda: compare_each(
            controls,
            lambda: rows / rolled_back(lambda: import_csv(path, import_map)),
            rounds=IMPORTS,
            warm_ups=0,
        )
    )
    of_all, of_leads = comparisons
    rate = f"{of_all.subject.median:,.0f} lines per second, of a file of {rows:,}"
    note = f"{rate}; {of_leads.ratio:.2g} of COPY of the lead rows alone"
    yield GoalResult(goal_of("CSV file to routed leads, rate ÷ COPY of all rows"), of_all, note)


def rows_of_import(path: Path, import_map: ImportMap) -> list[CopiedTable]:
    """Import once, keep the written rows in the format of COPY, and roll back."""
    with transaction.atomic():
        lasts = {model: last_id(model) for model in WRITTEN}
        import_csv(path, import_map)
        tables = [copied(model, f"id > {lasts[model]}") for model in WRITTEN]
        tables.append(copied(ImportedLine, f"touch_id > {lasts[Touch]}"))
        transaction.set_rollback(True)
    return tables


def last_id(model: type[models.Model]) -> int:
    last = model._default_manager.aggregate(last=models.Max("pk"))["last"]
    return int(last or 0)


def copied(model: type[models.Model], where: str) -> CopiedTable:
    name = model._meta.db_table
    columns = ", ".join(f'"{column}"' for column, _ in column_types(model).values())
    with connection.cursor() as cursor:
        out = cursor.copy(f"COPY (SELECT {columns} FROM {name} WHERE {where}) TO STDOUT")  # noqa: S608  (no input in it)
        with out as copy:
            return CopiedTable(name, columns, b"".join(bytes(part) for part in copy))


def copy_in(tables: list[CopiedTable]) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            with cursor.copy(f"COPY {table.name} ({table.columns}) FROM STDIN") as copy:
                copy.write(table.rows)


def while_importing(world: World) -> Iterator[GoalResult]:
    """B4: touches over HTTP while another process imports a file."""
    send = sending(world, PRODUCT)

    def quiet() -> float:
        return p95(times(send, world.size.calls))

    def busy() -> float:
        with importing(csv_file(min(LONG_FILE, world.size.leads))) as process:
            taken = p95(times(send, world.size.calls))
            assert process.poll() is None, "the import ended before the touches"
        return taken

    warm_up([quiet])
    comparison = most_stable(lambda: compare(quiet, busy, rounds=IMPORTS, warm_ups=0), max_runs=2)
    yield GoalResult(goal_of("intake p95 while a file is imported ÷ quiet"), comparison)


@contextmanager
def importing(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Import the file in another process, from its first rows on until the end of the block."""
    before = ImportedLine.objects.count()
    command = ["manage.py", "import_leads", str(path), "--map", str(bench_map())]
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    try:
        has_begun = wait_until(lambda: ImportedLine.objects.count() > before, PATIENCE)
        assert has_begun, "the import does not begin"
        yield process
    finally:
        process.terminate()
        process.wait()


def memory(world: World) -> Iterator[GoalResult]:
    """B3: the peak memory of an import."""
    rows = min(5 * ROWS, world.size.leads // 10)
    path = csv_file(rows)
    command = ["manage.py", "import_leads", str(path), "--map", str(bench_map())]
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    peak = Sample((peak_megabytes(process),))
    assert process.returncode == EXIT_REJECTS, f"the import ended with {process.returncode}"
    yield GoalResult(goal_of("memory of an import"), peak, f"{rows:,} lines")
