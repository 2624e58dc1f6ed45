import json
import signal
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from core.errors import Refused
from intake.imports.mapping import BadMap, read_map
from intake.imports.outcome import Rejects, Summary
from intake.imports.reader import UnreadableFile
from intake.imports.run import run

BROKE_OFF = 1
USAGE = 2
WITH_REJECTS = 3
INTERRUPTED = 128 + signal.SIGINT


class Command(BaseCommand):
    help = (
        "Import leads, or the moves of leads, from a CSV file. What is in already is not taken "
        "again, so an import that broke off is simply started again. Exit code 0: every line is "
        "in; 3: some were rejected; 2: the file, the map or the options do not fit together; "
        "1: it broke off."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--map", type=Path, required=True, help="Which column means what; see docs/examples."
        )
        parser.add_argument(
            "--historical",
            action="store_true",
            help="Keep the file's dates; nobody is told, and no clock starts.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Write nothing; say what would happen."
        )
        parser.add_argument("--json", action="store_true", help="Print the summary as JSON.")
        parser.add_argument(
            "--rejects",
            type=Path,
            help="Where bad lines go; otherwise FILE.rejects.csv, or nowhere in a dry run.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path = options["file"]
        beside = None if options["dry_run"] else path.parent / f"{path.name}.rejects.csv"
        rejects = Rejects(options["rejects"] or beside)
        try:
            rejects.check_apart(path, options["map"])
            with rejects:
                summary = run(
                    path,
                    read_map(options["map"]),
                    rejects=rejects,
                    now=timezone.now,
                    is_historical=options["historical"],
                    is_dry_run=options["dry_run"],
                    progress=self.show_progress,
                )
        except (BadMap, UnreadableFile) as error:
            raise CommandError(str(error), returncode=USAGE) from None
        except Refused as error:
            raise CommandError(str(error), returncode=BROKE_OFF) from None
        except (OperationalError, InterfaceError) as error:
            raise CommandError(
                f"The database went away ({str(error).strip()}). Start the import again to go on.",
                returncode=BROKE_OFF,
            ) from None
        except KeyboardInterrupt:
            raise CommandError(
                "Interrupted. Start the import again to go on.", returncode=INTERRUPTED
            ) from None
        self.report(summary, rejects, options)
        if summary.rejected:
            sys.exit(WITH_REJECTS)

    def show_progress(self, summary: Summary) -> None:
        if self.stderr.isatty():
            self.stderr.write(
                f"\r{summary.lines:,} lines, {summary.rejected:,} rejected", ending=""
            )
            self.stderr.flush()

    def report(self, summary: Summary, rejects: Rejects, options: dict[str, Any]) -> None:
        has_file = bool(summary.rejected) and rejects.path is not None
        if options["json"]:
            written = {"rejects": str(rejects.path) if has_file else None}
            is_dry_run = {"dry_run": options["dry_run"]}
            self.stdout.write(json.dumps({**is_dry_run, **summary.as_json(), **written}))
            return
        if self.stderr.isatty():
            self.stderr.write("")
        would = "would be " if options["dry_run"] else ""
        self.stdout.write(
            f"{summary.lines:,} lines: {summary.taken:,} {would}imported "
            f"({summary.new:,} new leads, {summary.repeats:,} repeats, {summary.moved:,} moves), "
            f"{summary.already_imported:,} already imported, {summary.rejected:,} {would}rejected."
        )
        if has_file:
            self.stdout.write(f"Rejected lines with their reasons: {rejects.path}")
            return
        for bad in rejects.first:
            self.stdout.write(f"Line {bad.number}: {bad.reason}")
        if more := summary.rejected - len(rejects.first):
            self.stdout.write(f"And {more:,} more; --rejects FILE keeps them all.")
