import json
import signal
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from core.errors import Refused
from core.formatting import counted, date_time_text
from core.outages import is_temporary
from intake.imports.example_map import write_example_map
from intake.imports.known_touches import NearlyAllKnown
from intake.imports.mapping import BadMap, read_map
from intake.imports.reader import UnreadableFile
from intake.imports.report import ImportSummary, RejectsFile, free_path
from intake.imports.run import import_file
from intake.imports.undo import NoSuchRun, counts_of, undo_run
from intake.models import ImportRun

EXIT_STOPPED: Final = 1
EXIT_USAGE: Final = 2
EXIT_REJECTS: Final = 3
EXIT_INTERRUPTED: Final = 128 + signal.SIGINT
MAX_RUNS: Final = 20
HOW_TO_RESUME: Final = "Start the import again to continue."


class Command(BaseCommand):
    help = (
        "Import leads, or stage moves of leads, from a CSV file. Lines that are already imported "
        "are skipped, so start an interrupted import again to continue it. Exit codes: 0 all "
        "lines are imported, 3 some lines were rejected or are incomplete, "
        "2 the file, map or options are wrong, "
        "1 the import stopped early."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, nargs="?", help="The CSV file.")
        parser.add_argument(
            "--map",
            type=Path,
            help="The TOML file that maps columns to fields. See docs/examples.",
        )
        parser.add_argument(
            "--example-map",
            type=Path,
            metavar="NEW_MAP",
            help="Write a first map for the file, by the usual names of its columns, and stop.",
        )
        parser.add_argument(
            "--historical",
            action="store_true",
            help="Import as history: keep the dates, notify no one, start no SLA clocks.",
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="Report what would happen and write nothing."
        )
        parser.add_argument(
            "--yes",
            action="store_true",
            help="Import even if nearly all lines are touches that are known already.",
        )
        parser.add_argument("--runs", action="store_true", help="List the latest imports.")
        parser.add_argument(
            "--undo", type=int, metavar="RUN", help="Take back what an import of this number added."
        )
        parser.add_argument("--json", action="store_true", help="Print the summary as JSON.")
        parser.add_argument(
            "--rejects",
            type=Path,
            help=(
                "The file for rejected lines. Default: FILE.rejects.csv, with a number if it "
                "exists, or no file in a dry run."
            ),
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["runs"]:
            self.list_runs()
        elif options["undo"] is not None:
            self.undo(options["undo"])
        elif options["file"] is not None and options["example_map"]:
            self.write_example(options["file"], options["example_map"])
        elif options["file"] is None or options["map"] is None:
            raise CommandError(
                "Name a file and its --map, or write a first map with --example-map.",
                returncode=EXIT_USAGE,
            )
        else:
            self.import_leads(options)

    def import_leads(self, options: dict[str, Any]) -> None:
        path: Path = options["file"]
        rejects_path: Path | None = options["rejects"]
        if rejects_path is None and not options["dry_run"]:
            rejects_path = free_path(path.parent / f"{path.name}.rejects.csv")
        rejects = RejectsFile(rejects_path)
        try:
            rejects.check_not_an_input(path, options["map"])
            run = partial(
                import_file,
                path,
                read_map(options["map"]),
                rejects=rejects,
                now=timezone.now,
                is_historical=options["historical"],
                is_dry_run=options["dry_run"],
                progress=self.show_progress,
            )
            with rejects:
                summary, refusal = self.run_or_ask(run, options)
        except (BadMap, UnreadableFile) as error:
            raise CommandError(str(error), returncode=EXIT_USAGE) from None
        except Refused as error:
            raise CommandError(str(error), returncode=EXIT_STOPPED) from None
        except (OperationalError, InterfaceError) as error:
            if not is_temporary(error):
                raise
            raise CommandError(
                f"The database is not available ({str(error).strip()}). {HOW_TO_RESUME}",
                returncode=EXIT_STOPPED,
            ) from None
        except KeyboardInterrupt:
            raise CommandError(
                f"Interrupted. {HOW_TO_RESUME}", returncode=EXIT_INTERRUPTED
            ) from None
        self.report(summary, rejects, options)
        if refusal:
            raise CommandError(refusal, returncode=EXIT_USAGE)
        if summary.rejected or summary.incomplete:
            sys.exit(EXIT_REJECTS)

    def run_or_ask(
        self, run: Callable[..., ImportSummary], options: dict[str, Any]
    ) -> tuple[ImportSummary, str]:
        """Ask before touches are counted twice; refuse if there is no one to ask.

        A dry run goes on, and returns why the import would be refused.
        """
        try:
            return run(allows_known=options["yes"]), ""
        except NearlyAllKnown as known:
            refusal = f"{known} To import them all the same, add --yes."
            if options["dry_run"]:
                return run(allows_known=True), refusal
            if not sys.stdin.isatty():
                raise BadMap(refusal) from None
            if input(f"{known} Import them all the same? [y/N] ").strip().lower() != "y":
                raise BadMap("Nothing was imported.") from None
        return run(allows_known=True), ""

    def list_runs(self) -> None:
        runs = list(ImportRun.objects.order_by("-pk")[:MAX_RUNS])
        counts = counts_of(runs)
        for run in runs:
            line_count, lead_count = counts.get(run.pk, (0, 0))
            size = f"{counted(line_count, 'line', 'lines')}, {counted(lead_count, 'lead', 'leads')}"
            state = (
                f"taken back {date_time_text(timezone.localtime(run.undone_at))}"
                if run.undone_at
                else "finished"
                if run.finished_at
                else "not finished"
            )
            started = date_time_text(timezone.localtime(run.started_at))
            self.stdout.write(f"{run.pk}  {started}  {run.name}  {run.file}  {size}  {state}")

    def undo(self, run_id: int) -> None:
        try:
            result = undo_run(run_id, at=timezone.now())
        except NoSuchRun as refusal:
            raise CommandError(str(refusal), returncode=EXIT_USAGE) from None
        except KeyboardInterrupt:
            raise CommandError(
                "Interrupted. Undo the run again to continue.", returncode=EXIT_INTERRUPTED
            ) from None
        if result.was_undone:
            self.stdout.write(f"Run {run_id} was taken back before. Nothing was changed.")
            return
        closed = counted(result.closed, "lead was closed", "leads were closed")
        reduced = counted(result.reduced, "lead counts", "leads count")
        restored = counted(result.restored, "lead is as it was", "leads are as they were")
        done = f"{restored} before" if result.moved else f"{closed}, {reduced} without its touches"
        self.stdout.write(
            f"Run {run_id} of {result.run.file} was taken back: {done}, "
            f"{len(result.left):,} left as they are."
        )
        for lead_id, reason in result.left.items():
            self.stdout.write(f"Lead {lead_id}: {reason}.")

    def write_example(self, path: Path, target: Path) -> None:
        try:
            write_example_map(path, target)
        except (BadMap, UnreadableFile) as error:
            raise CommandError(str(error), returncode=EXIT_USAGE) from None
        self.stdout.write(f"Wrote {target}. Check it, and then try it with --dry-run.")

    def show_progress(self, summary: ImportSummary) -> None:
        if self.stderr.isatty():
            self.stderr.write(
                f"\r{summary.lines:,} lines, {summary.rejected:,} rejected", ending=""
            )
            self.stderr.flush()

    def report(self, summary: ImportSummary, rejects: RejectsFile, options: dict[str, Any]) -> None:
        listed = summary.rejected + summary.incomplete
        has_file = bool(listed) and rejects.path is not None
        if options["json"]:
            written = {"rejects": str(rejects.path) if has_file else None}
            is_dry_run = {"dry_run": options["dry_run"]}
            self.stdout.write(json.dumps({**is_dry_run, **summary.as_json(), **written}))
            return
        if self.stderr.isatty():
            self.stderr.write("")
        would = "would be " if options["dry_run"] else ""
        self.stdout.write(
            f"{summary.lines:,} lines: {summary.imported:,} {would}imported "
            f"({summary.new:,} new leads, {summary.repeats:,} repeats, "
            f"{summary.updated:,} updates, {summary.moved:,} stage moves), "
            f"{summary.already_imported:,} already imported, {summary.skipped:,} skipped, "
            f"{summary.incomplete:,} {would}incomplete, {summary.rejected:,} {would}rejected."
        )
        if summary.run is not None:
            hint = f" Take it back with --undo {summary.run}." if summary.added else ""
            self.stdout.write(f"Run {summary.run}.{hint}")
        if summary.blank:
            lines = counted(summary.blank, "blank line was", "blank lines were")
            self.stdout.write(f"{lines} skipped.")
        if summary.first_not_utf8:
            self.stdout.write(
                f"From line {summary.first_not_utf8} on, the file is not UTF-8 and was read as "
                "Windows-1252. If letters are wrong, add the encoding to the map, such as "
                'encoding = "cp1250".'
            )
        for line in summary.details.lines(is_dry_run=options["dry_run"]):
            self.stdout.write(line)
        if has_file:
            self.stdout.write(f"Rejected and incomplete lines with reasons: {rejects.path}")
