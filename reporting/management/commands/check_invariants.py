"""Prove that nothing is in a state that must never be."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from itertools import islice
from typing import Any, Final

from django.core.management.base import BaseCommand
from django.utils import timezone

from core.invariants import Violation
from reporting.invariants import CHECKS

SHOWN: Final = 100


class Command(BaseCommand):
    help = (
        "Prove that nothing is in a state that must never be: leads and handoffs without anybody, "
        "promises without a clock, scores, turns or figures that do not add up. Changes nothing. "
        f"Exit code 1 when something is violated; at most {SHOWN} cases of each are listed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        found = {name: list(islice(check(at), SHOWN)) for name, check in CHECKS.items()}
        self.stdout.write(_as_json(found) if options["json"] else _as_text(found))
        if any(found.values()):
            raise SystemExit(1)


def _as_json(found: dict[str, list[Violation]]) -> str:
    violations = [
        {"check": name, "subject": violation.subject, "says": violation.says}
        for name, violations in found.items()
        for violation in violations
    ]
    return json.dumps(
        {"holds": not violations, "checks": list(found), "violations": violations}, indent=2
    )


def _as_text(found: dict[str, list[Violation]]) -> str:
    lines = []
    for name, violations in found.items():
        lines.append(f"{'violated' if violations else 'holds':8}  {name}")
        lines += [f"{'':10}{violation.subject}: {violation.says}" for violation in violations]
    return "\n".join(lines)
