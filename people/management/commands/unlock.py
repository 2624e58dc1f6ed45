from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from people.lockout import unlock


class Command(BaseCommand):
    help = "Unlock the sign-in of an account, wherever wrong passwords for it came from."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="The email address of the account.")

    def handle(self, *, email: str, **options: Any) -> None:
        if unlock(email):
            self.stdout.write(f"{email} can sign in again.")
        else:
            self.stdout.write(f"{email} is not locked: no wrong password was counted lately.")
