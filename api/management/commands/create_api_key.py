import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from api.keys import issue_key
from api.models import ApiKey
from leads.models import Source


class Command(BaseCommand):
    help = "Issue an API key and print its secret, once: only a hash of it is kept."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", help="Who will use it, such as “Website forms”.")
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=ApiKey.Scope.values,
            help="What it may do; may be given several times.",
        )
        parser.add_argument("--source", help="Code of the source of touches that name none.")
        parser.add_argument("--requests-per-minute", type=int)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        source = None if options["source"] is None else self.source(options["source"])
        limit = options["requests_per_minute"]
        try:
            key, secret = issue_key(
                options["name"], options["scope"], source, requests_per_minute=limit
            )
        except ValidationError as error:
            wrong = [f"{name}: {' '.join(found)}" for name, found in error.message_dict.items()]
            raise CommandError("; ".join(wrong), returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps({"id": key.pk, "name": key.name, "secret": secret}))
        else:
            self.stdout.write(secret)
            self.stderr.write("Keep it now: it cannot be shown again.")

    def source(self, code: str) -> Source:
        try:
            return Source.objects.get(code=code)
        except Source.DoesNotExist:
            known = ", ".join(Source.objects.order_by("code").values_list("code", flat=True))
            raise CommandError(
                f"There is no source “{code}”. Known: {known}.", returncode=2
            ) from None
