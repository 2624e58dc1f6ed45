from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reporting.models import Restatement
from reporting.rollups.prove import begin, is_unfinished, prove_slice
from reporting.rollups.refresh import rebuild


class Command(BaseCommand):
    help = (
        "Count all figures again from the log. With --prove, compare them with a full recount, as "
        "happens every night: differences are corrected, recorded and printed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prove", action="store_true", help="recount, compare and correct")
        parser.add_argument("--json", action="store_true", help="print JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        if not options["prove"]:
            rebuild(at=at)
            self._print(options, {"rebuilt": True}, "All figures were counted again.")
            return
        begin(at=at)
        restatements: list[Restatement] = []
        while is_unfinished():
            restatements += prove_slice(at=timezone.now())
        days = [
            {
                "rollup": restatement.rollup,
                "day": str(restatement.day),
                "was": restatement.was,
                "now": restatement.now,
            }
            for restatement in restatements
        ]
        lines = [
            f"{day['rollup']} of {day['day']}: {day['was']} is now {day['now']}" for day in days
        ]
        text = "\n".join(lines) or "All figures were correct."
        self._print(options, {"restated": days}, text)

    def _print(self, options: dict[str, Any], data: dict[str, Any], text: str) -> None:
        self.stdout.write(json.dumps(data) if options["json"] else text)
