"""`python -m tools.bench`: make the data, run the paths, print a JSON line for each goal."""

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
from tools.bench.data import add_leads, settle
from tools.bench.goals import IDS, Finding
from tools.bench.organization import LARGE, Organization, organize, organized
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
        world = World(size_of(options), prepared(size_of(options)), say, stack)
        findings = run(world, options)
    if not options.json:
        print(f"\n{table_of(findings)}")  # noqa: T201  (the output of the command)


def read_options(words: list[str]) -> Namespace:
    parser = ArgumentParser("script/bench", description="The hot paths against bare controls.")
    parser.add_argument("name", nargs="*", metavar="NAME", help=f"of {', '.join(IDS)}; all if none")
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--small", action="store_true", help="5 k leads, to try the bench itself")
    size.add_argument("--full", action="store_true", help="5 M leads; takes hours")
    size.add_argument("--make", type=int, metavar="LEADS", help="only make so many leads")
    parser.add_argument(
        "--json", action="store_true", help="the JSON lines and no table after them"
    )
    options = parser.parse_args(words)
    if unknown := [name for name in options.name if name not in IDS]:
        parser.error(f"There is no goal {unknown[0]}; there are {', '.join(IDS)}.")
    return options


def size_of(options: Namespace) -> Size:
    return SMALL if options.small else FULL if options.full else DAILY


def prepared(size: Size) -> Organization:
    """The data of this size: made, or left by an earlier run of the bench on this database."""
    call_command("migrate", verbosity=0)
    if Lead.objects.exists():
        return organized()
    start, at = perf_counter(), timezone.now()
    organization = organize(size.staff, at=at)
    add_leads(size.leads, until=at)
    rebuild(at=at)
    settle()
    say(f"{size.leads:,} leads made in {perf_counter() - start:.0f} s")
    return organization


def run(world: World, options: Namespace) -> list[Finding]:
    findings = []
    for path in paths_for(options.name):
        for finding in path.run(world):
            if not options.name or finding.goal.id in options.name:
                findings.append(finding)
                print(finding.as_json(), flush=True)  # noqa: T201  (the output of the command)
    return findings


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)  # noqa: T201  (the output of the command)
