"""Derive the seniority of a contact from the job title.

A title has parts (“Director, Student Services”) and complements (“VP of Student Affairs”). The
first part that names a position counts, without its complement, and of several positions in it
the last one: “CEO's assistant” is an assistant. A word for students or interns is about the
person only at the end of its part or when no other position is named.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final, NamedTuple

SENIORITIES: Final = ("c_level", "vp", "director", "manager", "staff", "intern", "student")
LEARNERS: Final = frozenset({"intern", "student"})
PARTS: Final = re.compile(r"[,;:|()\[\]–—]|\s-\s")
COMPLEMENT: Final = re.compile(
    r"\s(?:of|for|to|at|in|with|de|des|du|del|della|di|da|do|der|von|für|im|bei)\s.*"
)
CONJUNCTION: Final = re.compile(r"[&+/]|\s(?:and|und|et|y|e)\s")
POSSESSIVE: Final = re.compile(r"['’]s\b")
WORD: Final = r"[\w-]+"


class Reading(NamedTuple):
    """A seniority code, or empty, and the phrase of the title that decided."""

    seniority: str = ""
    phrase: str = ""


class TitleTable:
    """Phrases with the seniority they mean, or none if they say nothing about the person.

    The longest phrase wins, and * stands for one word.
    """

    def __init__(self, rows: Iterable[tuple[str, str]]) -> None:
        self._seniority = {
            phrase: seniority for seniority, phrases in rows for phrase in phrases_in(phrases)
        }
        self._phrases = sorted(self._seniority, key=most_words_first)
        self._pattern = re.compile("|".join(map(group_of, self._phrases)) or r"(?!)")
        self.read = lru_cache(maxsize=10_000)(self._read)

    def seniority_of(self, title: str) -> str:
        return self.read(title).seniority

    def _read(self, title: str) -> Reading:
        folded = POSSESSIVE.sub("", title.casefold()).replace(".", "")
        for part in PARTS.split(folded):
            position = COMPLEMENT.sub("", f" {part.strip()} ")
            readings = [self._last(piece.strip()) for piece in CONJUNCTION.split(position)]
            if named := [reading for reading in readings if reading.seniority]:
                return min(named, key=lambda reading: SENIORITIES.index(reading.seniority))
        return Reading()

    def _last(self, piece: str) -> Reading:
        piece = " ".join(piece.split())
        matches = [
            (match.end() == len(piece), Reading(self._seniority[phrase], match.group()))
            for match in self._pattern.finditer(piece)
            if (phrase := self._phrases[(match.lastindex or 1) - 1])
        ]
        named = [(is_last, reading) for is_last, reading in matches if reading.seniority]
        about_person = [
            reading for is_last, reading in named if is_last or reading.seniority not in LEARNERS
        ]
        readings = about_person or [reading for _, reading in named]
        return readings[-1] if readings else Reading()


def phrases_in(text: str) -> list[str]:
    phrases = (" ".join(phrase.casefold().split()) for phrase in re.split(r"[,\n]", text))
    return [phrase for phrase in phrases if phrase]


def most_words_first(phrase: str) -> tuple[int, int]:
    return -phrase.count(" "), phrase.count("*")


def group_of(phrase: str) -> str:
    words = (WORD if word == "*" else re.escape(word) for word in phrase.split())
    return rf"((?<![\w-]){' '.join(words)}(?![\w-]))"
