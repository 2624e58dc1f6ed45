"""Compare the names of people regardless of case, accents, punctuation and order."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

WORD: Final = re.compile(r"\w+")


def words_of(name: str) -> list[str]:
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    return WORD.findall("".join(c for c in decomposed if not unicodedata.combining(c)))


@lru_cache(maxsize=10_000)
def person_key(name: str) -> str:
    """Return the same key for “Ana Lima”, “LIMA, Ana” and “Ána Lima”."""
    return " ".join(sorted(words_of(name)))
