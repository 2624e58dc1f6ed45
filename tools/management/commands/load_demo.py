import json
from argparse import ArgumentParser
from time import monotonic
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.bootstrap import bootstrap
from leads.models import Lead
from people.models import User
from tools.demo.load import load
from tools.demo.organization import logins


class Command(BaseCommand):
    help = "Load the demo organization with twelve months of history into an empty installation."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--share",
            type=float,
            default=1.0,
            help="Scale the number of contacts. Use 0.1 for a quick load.",
        )
        parser.add_argument(
            "--anywhere",
            action="store_true",
            help="Also load into an installation that is not local. Its passwords are public.",
        )

    def handle(self, *, share: float, anywhere: bool, **options: Any) -> None:
        if not (settings.IS_LOCAL or anywhere):
            raise CommandError(
                "The passwords of the demo are public, so it loads into local installations only. "
                "Use --anywhere to load it anyway."
            )
        if User.objects.exists():
            raise CommandError(
                "This installation already has users. The demo requires a new database."
            )
        if not 0 < share <= 10:
            raise CommandError("--share must be above 0 and at most 10.")
        started = monotonic()
        self.stdout.write(
            "Loading the demo organization with a year of leads. This takes a minute."
        )
        at = timezone.now()
        bootstrap(at=at)
        load(at=at, share=share, report=self.report)
        self.write_logins()
        leads = Lead.objects.count()
        self.report(f"Loaded {leads:,} leads in {monotonic() - started:.0f} seconds.")

    def report(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def write_logins(self) -> None:
        """Write the logins to the file from which `script/serve` prints them."""
        settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
        (settings.DATA_DIR / "demo-logins.json").write_text(json.dumps(logins(), indent=2))
