"""A file from its first line to its last, in batches that are written whole or not at all.

What was written is known by its fingerprint, so a run that broke off is simply started again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final, Protocol, TypeVar

from intake.imports.mapping import BadMap, Map, What
from intake.imports.moves import Moves
from intake.imports.outcome import Rejects, Summary
from intake.imports.reader import BadLine, Line, Reader, opened
from intake.imports.rehearsal import Rehearsal
from intake.imports.rows import Rows
from intake.imports.touches import Touches

T = TypeVar("T")

# Small, because a batch holds the rows of its people and pools until it is written, and live
# leads wait for them. Measured: 1,000 is no faster, and takes 60 MB more.
BATCH: Final = 200


class Work(Protocol):
    def take(self, lines: Sequence[Line], summary: Summary, at: datetime) -> list[BadLine]: ...


def run(
    path: Path,
    plan: Map,
    *,
    rejects: Rejects,
    now: Callable[[], datetime],
    is_historical: bool = False,
    is_dry_run: bool = False,
    progress: Callable[[Summary], None] = lambda summary: None,
) -> Summary:
    summary = Summary()
    with opened(path) as file:
        reader = Reader(file, plan.columns)
        rejects.header = reader.header
        work = work_for(plan, Rows(plan, reader.header), is_historical, is_dry_run)
        for batch in batches(reader, BATCH):
            good = [line for line in batch if isinstance(line, Line)]
            bad = [line for line in batch if isinstance(line, BadLine)]
            bad += work.take(good, summary, now())
            for line in sorted(bad, key=lambda line: line.number):
                rejects.add(line)
            summary.lines += len(batch)
            summary.rejected += len(bad)
            progress(summary)
    return summary


def work_for(plan: Map, rows: Rows, is_historical: bool, is_dry_run: bool) -> Work:
    if plan.what is What.MOVES:
        if not is_historical:
            raise BadMap("A map of moves brings history: import it with --historical.")
        return Moves(plan, rows, is_rehearsal=is_dry_run)
    if is_historical and not {"occurred_at"} & (plan.fields.keys() | plan.constants.keys()):
        raise BadMap("History has dates: the map must say which column is occurred_at.")
    kind = Rehearsal if is_dry_run else Touches
    return kind(plan, rows, is_historical=is_historical)


def batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    source = iter(items)
    while batch := list(islice(source, size)):
        yield batch
