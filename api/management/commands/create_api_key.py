import json
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from api.keys import issue_key
from api.models import ApiKey
from leads.external_ids import ensure_system, system_name
from leads.models import Source, SourceSystem


class Command(BaseCommand):
    help = "Create an API key and print it. It is shown only once, because only a hash is stored."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "name", help="The client that will use the key, such as “Website forms”."
        )
        parser.add_argument(
            "--scope",
            action="append",
            required=True,
            choices=ApiKey.Scope.values,
            help="An action that the key allows. Repeat the option for several scopes.",
        )
        parser.add_argument("--source", help="The code of the source for touches without one.")
        parser.add_argument(
            "--system",
            help=(
                "The source system of the external ids that the client sends. "
                "Default: one with the name of the key."
            ),
        )
        parser.add_argument(
            "--requests-per-minute", type=int, help="The rate limit. Default: 1200."
        )
        parser.add_argument("--json", action="store_true", help="Print JSON.")

    def handle(self, *args: Any, **options: Any) -> None:
        source = None if options["source"] is None else self.source(options["source"])
        system = None if options["system"] is None else self.system(options["system"])
        limit = options["requests_per_minute"]
        try:
            key, secret = issue_key(
                options["name"],
                options["scope"],
                source,
                system=system,
                requests_per_minute=limit,
            )
        except ValidationError as error:
            errors = [
                f"{name}: {' '.join(messages)}" for name, messages in error.message_dict.items()
            ]
            raise CommandError("; ".join(errors), returncode=2) from None
        if options["json"]:
            self.stdout.write(json.dumps({"id": key.pk, "name": key.name, "secret": secret}))
        else:
            self.stdout.write(secret)
            self.stderr.write("Save this key now. It is not shown again.")

    def system(self, name: str) -> SourceSystem:
        if not system_name(name):
            raise CommandError("--system must be a name.", returncode=2)
        return SourceSystem.objects.get(pk=ensure_system(name))

    def source(self, code: str) -> Source:
        try:
            return Source.objects.get(code=code)
        except Source.DoesNotExist:
            known = ", ".join(Source.objects.order_by("code").values_list("code", flat=True))
            raise CommandError(f"Unknown source “{code}”. Known: {known}.", returncode=2) from None
