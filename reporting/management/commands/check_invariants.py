from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.utils import timezone

from core.invariants import Violation, progress_to
from reporting.invariants import CHECKS

MAX_SHOWN: Final = 100
# Clears the line of a terminal.
CLEAR: Final = "\x1b[K"


class Command(BaseCommand):
    help = (
        "Check the invariants of the database: every open lead and handoff has an owner or a "
        "queue, every SLA has a running timer, and scores, round robin balances and figures add "
        "up. Changes nothing. Exits with code 1 if an invariant is violated, and lists at most "
        f"{MAX_SHOWN} violations of each."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        violations = {}
        for name, check in CHECKS.items():
            self._show(name)
            with progress_to(partial(self._show, name)):
                violations[name] = list(islice(check(at), MAX_SHOWN))
        self._show("")
        self.stdout.write(_as_json(violations) if options["json"] else _as_text(violations))
        if any(violations.values()):
            raise SystemExit(1)

    def _show(self, name: str, share: float | None = None) -> None:
        if self.stderr.isatty():
            done = "" if share is None else f": {share:.0%}"
            self.stderr.write(f"\r{CLEAR}{name}{done}", ending="")


def _as_json(violations: Mapping[str, Sequence[Violation]]) -> str:
    rows = [
        {"check": name, "subject": violation.subject, "says": violation.says}
        for name, of_check in violations.items()
        for violation in of_check
    ]
    return json.dumps({"holds": not rows, "checks": list(violations), "violations": rows}, indent=2)


def _as_text(violations: Mapping[str, Sequence[Violation]]) -> str:
    lines = []
    for name, of_check in violations.items():
        lines.append(f"{'violated' if of_check else 'holds':8}  {name}")
        lines += [f"{'':10}{violation.subject}: {violation.says}" for violation in of_check]
    return "\n".join(lines)
