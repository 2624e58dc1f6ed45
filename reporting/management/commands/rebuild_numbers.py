"""Count every figure again from the first event of the log."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reporting.rollups.refresh import prove, rebuild


class Command(BaseCommand):
    help = (
        "Count every figure again from the log. With --prove, only hold the figures against a full "
        "recount, as happens every night; what differed is repaired, recorded and printed."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--prove", action="store_true", help="recount, compare and repair")
        parser.add_argument("--json", action="store_true", help="for machines")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        if not options["prove"]:
            rebuild(at=at)
            self._say(options, {"rebuilt": True}, "All figures were counted again.")
            return
        restated = prove(at=at)
        days = [
            {"rollup": one.rollup, "day": str(one.day), "was": one.was, "now": one.now}
            for one in restated
        ]
        lines = [
            f"{one['rollup']} of {one['day']}: {one['was']} is now {one['now']}" for one in days
        ]
        self._say(options, {"restated": restated}, "\n".join(lines) or "Every figure was right.")

    def _say(self, options: dict[str, Any], value: dict[str, Any], words: str) -> None:
        self.stdout.write(json.dumps(value) if options["json"] else words)
