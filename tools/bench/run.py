"""`python -m tools.bench`: create the data, measure the paths, print a JSON line a goal.

`python -m tools.bench growth` measures the requests on several sizes instead.
"""

from __future__ import annotations

import os
import sys
from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from time import perf_counter
from typing import Final

from django.core.management import call_command
from django.db import transaction
from django.utils import timezone

from leads.models import Lead
from reporting.rollups.refresh import rebuild
from tools.bench.connections import PLACES
from tools.bench.data import add_leads, foreign_keys_checked_at_once, vacuum
from tools.bench.databases import copy_empty_database, fill_database
from tools.bench.goals import OTHERS, Goal
from tools.bench.growth import SIZES, growth, growth_table
from tools.bench.organization import (
    LARGE,
    BenchOrganization,
    create_organization,
    load_organization,
)
from tools.bench.pages import PAGES
from tools.bench.paths import IDS, paths_for
from tools.bench.table import table_of
from tools.bench.world import Size, World

SMALL: Final = Size(leads=5_000, calls=20)
DAILY: Final = Size(leads=100_000)
GROWTH: Final = "growth"
# The measured inbox and the lead with a long history need as many.
MIN_LEADS: Final = 300
FULL: Final = Size(leads=5_000_000, staff=LARGE)

Preparation = Callable[[], None]


def main() -> None:
    options, start = read_options(sys.argv[1:]), perf_counter()
    if options.make:
        prepared(Size(options.make))
        return
    with ExitStack() as stack:
        organization = prepared(size_of(options), preparations(options))
        world = World(size_of(options), organization, report, stack)
        table = run_growth(world, options) if is_growth(options) else run(world, options)
    # Without PostgreSQL, which is not a child of this process.
    cpu = sum(os.times()[:4])
    report(f"{perf_counter() - start:.0f} s; the bench and its web servers took {cpu:.0f} s of CPU")
    if not options.json:
        print(f"\n{table}")  # noqa: T201  (the output of the command)


def is_growth(options: Namespace) -> bool:
    return bool(options.name == [GROWTH])


def read_options(arguments: list[str]) -> Namespace:
    parser = ArgumentParser(
        "script/bench",
        description="Measure the hot paths against plain controls.",
        epilog=description_of_goals(),
        formatter_class=RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "name",
        nargs="*",
        metavar="NAME",
        help="Goals to measure, or “growth” for each request on several sizes. Default: all goals.",
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--small", action="store_true", help="5 k leads, to try the bench.")
    size.add_argument("--full", action="store_true", help="5 M leads, which takes hours.")
    size.add_argument(
        "--sizes",
        type=sizes,
        default=SIZES,
        metavar="LEADS,LEADS",
        help="The sizes of growth. Default: 10000,100000,1000000, which takes about 40 minutes.",
    )
    size.add_argument("--make", type=int, metavar="LEADS", help="Only create so many leads.")
    parser.add_argument("--json", action="store_true", help="Print only the JSON lines, no table.")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.name if name not in IDS and not is_growth(options)]:
        parser.error(f"Unknown goal {unknown[0]}. Known: {', '.join(IDS)}.")
    return options


def sizes(text: str) -> tuple[int, ...]:
    """Parse the sizes of growth, of which it compares at least two."""
    parsed = tuple(sorted({int(size) for size in text.split(",")}))
    if len(parsed) < 2 or parsed[0] < MIN_LEADS:
        raise ValueError
    return parsed


def description_of_goals() -> str:
    """Return a line a goal, and one for those that every request has."""
    goals = sorted((*OTHERS, *(page.goal_of_ratio for page in PAGES)), key=by_id)
    lines = [f"{goal.id:4}{goal.label}" for goal in goals]
    lines += [
        f"{place.id:4}each request: {place.name} on a new connection ÷ warm" for place in PLACES
    ]
    return "\n".join(lines)


def by_id(goal: Goal) -> tuple[str, int]:
    return goal.id[0], int(goal.id[1:])


def size_of(options: Namespace) -> Size:
    if is_growth(options):
        return Size(leads=max(options.sizes))
    return SMALL if options.small else FULL if options.full else DAILY


def preparations(options: Namespace) -> list[Preparation]:
    """Return what is made beside the data, such as databases with fewer leads."""
    if is_growth(options):
        return [partial(fill_database, leads) for leads in options.sizes[:-1]]
    size = size_of(options)
    return [partial(path.prepare, size) for path in paths_for(options.name) if path.prepare]


def prepared(size: Size, beside: Sequence[Preparation] = ()) -> BenchOrganization:
    """Create data of this size, or use that of an earlier run on this database.

    What is made beside it uses another core, as one session fills the database.
    """
    call_command("migrate", verbosity=0)
    if Lead.objects.exists():
        return load_organization()
    if beside:
        copy_empty_database()
    start = perf_counter()
    with ThreadPoolExecutor(1) as second_core:
        made = [second_core.submit(make) for make in beside]
        organization = create_data(size)
        for future in made:
            future.result()
    report(f"{size.leads:,} leads created in {perf_counter() - start:.0f} s")
    return organization


def create_data(size: Size) -> BenchOrganization:
    at = timezone.now()
    organization = create_organization(size.staff, at=at)
    with transaction.atomic(), foreign_keys_checked_at_once():
        add_leads(size.leads, until=at)
    rebuild(at=at)
    vacuum()
    return organization


def run(world: World, options: Namespace) -> str:
    """Print each finding as it comes, and return their table."""
    findings = []
    for path in paths_for(options.name):
        start = perf_counter()
        for finding in path.run(world):
            if not options.name or finding.goal.id in options.name:
                findings.append(finding)
                print(finding.as_json(), flush=True)  # noqa: T201  (the output of the command)
        report(f"{', '.join(sorted(path.ids))} in {perf_counter() - start:.0f} s")
    return table_of(findings)


def run_growth(world: World, options: Namespace) -> str:
    rows = []
    for row in growth(world, options.sizes):
        rows.append(row)
        print(row.result.as_json(), flush=True)  # noqa: T201  (the output of the command)
    return growth_table(rows)


def report(message: str) -> None:
    print(message, file=sys.stderr, flush=True)  # noqa: T201  (the output of the command)
