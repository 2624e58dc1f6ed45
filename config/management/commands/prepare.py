from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from config.versions import NewerDatabase, refuse_newer_database


class Command(BaseCommand):
    help = "Migrate the database and create the defaults, with --demo also the demo data."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--demo", action="store_true", help="Load the demo data if there are no users."
        )

    def handle(self, *, demo: bool, **options: Any) -> None:
        try:
            refuse_newer_database()
        except NewerDatabase as error:
            raise CommandError(str(error)) from None
        call_command("migrate", interactive=False, verbosity=0)
        is_new = not get_user_model().objects.exists()
        call_command("bootstrap")
        if demo and is_new:
            # In one transaction, so that an interrupted start can load it again.
            with transaction.atomic():
                call_command("load_demo")
