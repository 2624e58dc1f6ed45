from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.management.database_tools import run


class Command(BaseCommand):
    help = "Write a backup of the database to a new file. The product may run meanwhile."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *, file: Path, **options: Any) -> None:
        if file.exists():
            raise CommandError(f"{file} exists. Choose another name.")
        unfinished = file.with_name(f"{file.name}.unfinished")
        try:
            # It holds personal data, so only its owner may read it.
            unfinished.touch(mode=0o600)
            run("pg_dump", "--format=custom", "--no-owner", f"--file={unfinished}")
            unfinished.rename(file)
        except OSError as error:
            raise CommandError(f"Could not write {file}: {error.strerror}.") from None
        finally:
            unfinished.unlink(missing_ok=True)
        self.stdout.write(f"Wrote {file} ({file.stat().st_size:,} bytes).")
