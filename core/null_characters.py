"""Recognize that the database refused a text with a NUL character, wherever it came from."""

from __future__ import annotations

from typing import Final

from django.db import DataError
from psycopg import errors

REFUSAL: Final = "A text contains a NUL character, which cannot be stored. Remove it and try again."


def has_null_character(error: BaseException | None) -> bool:
    if not isinstance(error, DataError):
        return False
    # The driver refuses it in a text, and the server in JSON.
    return "NUL (0x00)" in str(error) or isinstance(error.__cause__, errors.UntranslatableCharacter)
