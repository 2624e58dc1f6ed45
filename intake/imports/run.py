"""Import a file from its first line to its last, in batches that are written whole or not at all.

Written lines are known by their fingerprints, so an interrupted import is simply started again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

from intake.imports.dry_run import DryRun, Importer
from intake.imports.known_touches import SAMPLE_SIZE, refuse_if_known
from intake.imports.map_parsing import BadMap
from intake.imports.mapping import ImportKind, ImportMap
from intake.imports.reader import BadLine, CsvLine, CsvReader, open_csv
from intake.imports.report import ImportSummary, RejectsFile
from intake.imports.rows import RowReader
from intake.imports.stage_moves import StageMoveImport
from intake.imports.touches import TouchImport
from intake.models import ImportRun

T = TypeVar("T")

# A batch locks its contacts until it is written. With 1,000 it is no faster, and takes 60 MB more.
BATCH_SIZE: Final = 200
# Leads that are routed lock their pools too, and other leads wait for these.
LIVE_BATCH_SIZE: Final = 25


def import_file(
    path: Path,
    import_map: ImportMap,
    *,
    rejects: RejectsFile,
    now: Callable[[], datetime],
    is_historical: bool = False,
    is_dry_run: bool = False,
    allows_known: bool = False,
    progress: Callable[[ImportSummary], None] = lambda summary: None,
) -> ImportSummary:
    summary = ImportSummary()
    with open_csv(path, import_map.encoding) as file:
        reader = CsvReader(file, import_map.columns, import_map.delimiter, import_map.skip_lines)
        rejects.header = reader.header
        rows = RowReader(import_map, reader.header)
        importer = importer_for(import_map, rows, is_historical)
        if not allows_known:
            refuse_known_touches(path, import_map, importer, rows, at=now())
        if not is_dry_run:
            run = start_run(path, import_map, is_historical=is_historical, at=now())
            importer.run_id = summary.run = run.pk
        import_batch = (DryRun(importer) if is_dry_run else importer).import_batch
        for batch in batches(reader, BATCH_SIZE if is_historical else LIVE_BATCH_SIZE):
            good = [line for line in batch if isinstance(line, CsvLine)]
            bad = [line for line in batch if isinstance(line, BadLine)]
            wanted = [line for line in good if rows.is_wanted(line.cells)]
            bad += import_batch(wanted, summary, now())
            for line in sorted(bad, key=lambda line: line.number):
                rejects.add(line)
                summary.details.add_reasons(line)
            summary.lines += len(batch)
            summary.skipped += len(good) - len(wanted)
            incomplete = sum(line.is_imported for line in bad)
            summary.incomplete += incomplete
            summary.rejected += len(bad) - incomplete
            progress(summary)
        summary.blank = reader.blank_lines
        summary.first_not_utf8 = reader.first_not_utf8
    if summary.run is not None:
        ImportRun.objects.filter(pk=summary.run).update(finished_at=now())
    return summary


def start_run(path: Path, import_map: ImportMap, *, is_historical: bool, at: datetime) -> ImportRun:
    return ImportRun.objects.create(
        name=import_map.name[:200],
        file=path.name[:255],
        is_historical=is_historical,
        started_at=at,
    )


def refuse_known_touches(
    path: Path, import_map: ImportMap, importer: Importer, rows: RowReader, *, at: datetime
) -> None:
    """Raise NearlyAllKnown if the start of the file is about touches that are known already."""
    if not isinstance(importer, TouchImport):
        return
    with open_csv(path, import_map.encoding) as file:
        reader = CsvReader(file, import_map.columns, import_map.delimiter, import_map.skip_lines)
        first = [line for line in islice(reader, SAMPLE_SIZE) if isinstance(line, CsvLine)]
    lines = [line for line in first if rows.is_wanted(line.cells)]
    refuse_if_known(importer.new_touches(lines, at), compares_dates=importer.has_dates)


def importer_for(import_map: ImportMap, rows: RowReader, is_historical: bool) -> Importer:
    if import_map.kind is ImportKind.MOVES:
        if not is_historical:
            raise BadMap("Stage moves are history. Import them with --historical.")
        return StageMoveImport(import_map, rows)
    if import_map.tells_history and not is_historical:
        raise BadMap(
            "Stages, reasons, owners and amounts are history. Import them with --historical."
        )
    if is_historical and "occurred_at" not in import_map.stated_fields:
        raise BadMap("History needs dates. Map a column to occurred_at.")
    return TouchImport(import_map, rows, is_historical=is_historical)


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch
