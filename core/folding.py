"""Fold accents and case, so that “munchen” finds “München” and “jose” finds “José”.

Indexes store what the SQL returns. To change it, add new indexes and drop the old ones.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from django.contrib.postgres.search import SearchVectorField
from django.db.models import Func, TextField

# Letters that Unicode does not decompose into a plain one and a mark, and the sigma at an end.
LETTERS: Final = ("ØøŁłĐđĦħıς", "OoLlDdHhiσ")
PAIRS: Final = {"ß": "ss", "Æ": "AE", "æ": "ae", "Œ": "OE", "œ": "oe"}
MARKS: Final = r"[\u0300-\u036f]"


def fold(text: str) -> str:
    plain = text.translate(str.maketrans(*LETTERS))
    for letter, pair in PAIRS.items():
        plain = plain.replace(letter, pair)
    unmarked = re.sub(MARKS, "", unicodedata.normalize("NFD", plain))
    # One by one, as the database does: Python gives a sigma at an end another form.
    return "".join(map(str.lower, unicodedata.normalize("NFC", unmarked)))


def fold_sql(expression: str) -> str:
    """Return the same in SQL, of immutable functions, so that an index can use it.

    Text without accents is only lowercased: folding it would take eight times as long.
    """
    plain = "translate({}, '{}', '{}')".format(expression, *LETTERS)
    for letter, pair in PAIRS.items():
        plain = f"replace({plain}, '{letter}', '{pair}')"
    unmarked = f"regexp_replace(normalize({plain}, NFD), '{MARKS}', '', 'g')"
    is_ascii = f"octet_length({expression}) = char_length({expression})"
    folded = f"normalize({unmarked}, NFC)"
    return f"lower(CASE WHEN {is_ascii} THEN {expression} ELSE {folded} END)"


def text_sql(*columns: str) -> str:
    return fold_sql(" || ' ' || ".join(f"COALESCE({column}, '')" for column in columns))


def words_sql(*columns: str) -> str:
    """Return the folded words of columns, as the indexes of `words_of` store them."""
    return f"to_tsvector('simple'::regconfig, {text_sql(*columns)})"


class Folded(Func):
    template = fold_sql("(%(expressions)s)::text")
    output_field = TextField()


class FoldedWords(Func):
    template = f"to_tsvector('simple'::regconfig, {fold_sql('%(expressions)s')})"
    arg_joiner = " || ' ' || "
    output_field = SearchVectorField()


class OrEmpty(Func):
    """Coalesce without a parameter, as templates repeat the expression."""

    template = "COALESCE(%(expressions)s, '')"


def words_of(*columns: str) -> FoldedWords:
    return FoldedWords(*map(OrEmpty, columns))
