"""`python -m tools.bench`: create the data, measure the paths, print a JSON line per goal."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, Namespace
from contextlib import ExitStack
from time import perf_counter
from typing import Final

from django.core.management import call_command
from django.utils import timezone

from leads.models import Lead
from reporting.rollups.refresh import rebuild
from tools.bench.data import add_leads, vacuum
from tools.bench.goals import IDS, GoalResult
from tools.bench.organization import (
    LARGE,
    BenchOrganization,
    create_organization,
    load_organization,
)
from tools.bench.paths import paths_for
from tools.bench.table import table_of
from tools.bench.world import Size, World

SMALL: Final = Size(leads=5_000, calls=50)
DAILY: Final = Size(leads=100_000)
FULL: Final = Size(leads=5_000_000, staff=LARGE)


def main() -> None:
    options = read_options(sys.argv[1:])
    if options.make:
        prepared(Size(options.make))
        return
    with ExitStack() as stack:
        world = World(size_of(options), prepared(size_of(options)), report, stack)
        findings = run(world, options)
    if not options.json:
        print(f"\n{table_of(findings)}")  # noqa: T201  (the output of the command)


def read_options(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(
        "script/bench", description="Measure the hot paths against plain controls."
    )
    parser.add_argument(
        "name", nargs="*", metavar="NAME", help=f"Goals to measure: {', '.join(IDS)}. Default: all."
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--small", action="store_true", help="5 k leads, to try the bench.")
    size.add_argument("--full", action="store_true", help="5 M leads, which takes hours.")
    size.add_argument("--make", type=int, metavar="LEADS", help="Only create so many leads.")
    parser.add_argument("--json", action="store_true", help="Print only the JSON lines, no table.")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.name if name not in IDS]:
        parser.error(f"Unknown goal {unknown[0]}. Known: {', '.join(IDS)}.")
    return options


def size_of(options: Namespace) -> Size:
    return SMALL if options.small else FULL if options.full else DAILY


def prepared(size: Size) -> BenchOrganization:
    """Create data of this size, or use that of an earlier run on this database."""
    call_command("migrate", verbosity=0)
    if Lead.objects.exists():
        return load_organization()
    start, at = perf_counter(), timezone.now()
    organization = create_organization(size.staff, at=at)
    add_leads(size.leads, until=at)
    rebuild(at=at)
    vacuum()
    report(f"{size.leads:,} leads created in {perf_counter() - start:.0f} s")
    return organization


def run(world: World, options: Namespace) -> list[GoalResult]:
    findings = []
    for path in paths_for(options.name):
        for finding in path.run(world):
            if not options.name or finding.goal.id in options.name:
                findings.append(finding)
                print(finding.as_json(), flush=True)  # noqa: T201  (the output of the command)
    return findings


def report(message: str) -> None:
    print(message, file=sys.stderr, flush=True)  # noqa: T201  (the output of the command)
