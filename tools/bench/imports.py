"""B1 and B3: a CSV file to routed leads, against COPY of the rows that came of it."""

from __future__ import annotations

import csv
import subprocess
import sys
from collections.abc import Iterator
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
from intake.models import ImportedLine
from leads.models import Company, Contact, ContextCard, Lead, LeadEvent, LeadScore, Touch
from people.models import Notice
from tools.bench.goals import Finding, goal_of
from tools.bench.held import most_of
from tools.bench.measure import Sample, calmest, compare
from tools.bench.organization import COUNTRIES, INDUSTRIES, SIZES
from tools.bench.undone import undone
from tools.bench.world import World

ROWS: Final = 2_000
# Each hundredth line is wrong, so that errors by row are part of the figure.
WRONG_EACH: Final = 100
WITH_REJECTS: Final = 3
# In an order in which a row comes after what it points at.
WRITTEN: Final[tuple[type[models.Model], ...]] = (
    *(Company, Contact, Lead, Touch, LeadScore, ContextCard, RoutingDecision),
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
class Table:
    """The rows of one table as COPY wrote them."""

    name: str
    columns: str
    rows: bytes


def csv_file(rows: int) -> Path:
    """People nobody knows yet, in the segments that rules tell apart."""
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
        f"ann{number}@{domain}" if number % WRONG_EACH else "no address",
        "Ann",
        f"Example {number}",
        "Director of Operations",
        f"+4930{number:08}",
        COUNTRIES[number // 7 % len(COUNTRIES)],
        f"Company {number // 3}",
        INDUSTRIES[number // 3 % len(INDUSTRIES)],
        SIZES[number % len(SIZES)][1],
        "Leads lie for days before anybody calls.",
    ]


def import_csv(path: Path, import_map: ImportMap) -> ImportSummary:
    with RejectsFile(path.with_suffix(".rejects.csv")) as rejects:
        return import_file(path, import_map, rejects=rejects, now=timezone.now)


def bench_map() -> Path:
    path = Path(settings.DATA_DIR) / "bench.toml"
    path.write_text(MAP)
    return path


def imports(world: World) -> Iterator[Finding]:
    """B1: rows a second from the file to the last event, and of COPY with the very same rows."""
    rows = min(ROWS, world.size.leads // 10)
    path, import_map = csv_file(rows), read_map(bench_map())
    tables = rows_of_import(path, import_map)
    found = calmest(
        lambda: compare(
            lambda: rows / undone(lambda: copy_in(tables)),
            lambda: rows / undone(lambda: import_csv(path, import_map)),
        )
    )
    note = f"{rows:,} lines, {found.subject.median:,.0f} a second"
    yield Finding(goal_of("CSV file to routed leads, rate ÷ COPY of the same rows"), found, note)


def rows_of_import(path: Path, import_map: ImportMap) -> list[Table]:
    """Import once, keep what it wrote in the form COPY reads, and take it back."""
    with transaction.atomic():
        lasts = {model: last_id(model) for model in WRITTEN}
        import_csv(path, import_map)
        tables = [copied(model, f"id > {lasts[model]}") for model in WRITTEN]
        tables.append(copied(ImportedLine, "true"))
        transaction.set_rollback(True)
    return tables


def last_id(model: type[models.Model]) -> int:
    last = model._default_manager.aggregate(last=models.Max("pk"))["last"]
    return int(last or 0)


def copied(model: type[models.Model], where: str) -> Table:
    name = model._meta.db_table
    columns = ", ".join(f'"{column}"' for column, _ in column_types(model).values())
    with connection.cursor() as cursor:
        out = cursor.copy(f"COPY (SELECT {columns} FROM {name} WHERE {where}) TO STDOUT")  # noqa: S608  (no input in it)
        with out as copy:
            return Table(name, columns, b"".join(bytes(part) for part in copy))


def copy_in(tables: list[Table]) -> None:
    with connection.cursor() as cursor:
        for table in tables:
            with cursor.copy(f"COPY {table.name} ({table.columns}) FROM STDIN") as copy:
                copy.write(table.rows)


def memory(world: World) -> Iterator[Finding]:
    """B3: the most a worker held while it imported a file."""
    rows = min(5 * ROWS, world.size.leads // 10)
    path = csv_file(rows)
    command = ["manage.py", "import_leads", str(path), "--map", str(bench_map())]
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.DEVNULL)
    peak = Sample((most_of(process),))
    assert process.returncode == WITH_REJECTS, f"the import ended with {process.returncode}"
    yield Finding(goal_of("memory of an import"), peak, f"{rows:,} lines")
