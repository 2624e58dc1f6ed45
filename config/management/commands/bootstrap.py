import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from config.bootstrap import bootstrap


class Command(BaseCommand):
    help = "Create the defaults of an installation. Nothing existing is changed."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="Print what was created as JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        created = bootstrap(at=timezone.now())
        if options["json"]:
            self.stdout.write(json.dumps({"created": created}))
        elif created:
            self.stdout.write(f"Created {len(created)}: {', '.join(created)}.")
        else:
            self.stdout.write("All defaults exist.")
