"""Folding in Python and in the database is one rule."""

import pytest
from django.db import connection

from core.folding import fold, fold_sql


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("München", "munchen"),
        ("Mu\u0308nchen", "munchen"),
        ("JOSÉ ÑANDÚ", "jose nandu"),
        ("Łódź, Ærø, Đorđe, Diyarbakır, İzmir", "lodz, aero, dorde, diyarbakir, izmir"),
        ("Groß & Œuvre", "gross & oeuvre"),
        ("Άθήνα ΟΔΟΣ οδος", "αθηνα οδοσ οδοσ"),
        ("山田太郎 ガギ 홍길동", "山田太郎 ガギ 홍길동"),
        ("हिन्दी محمد", "हिन्दी محمد"),
        ("O'Brien \\ 100%", "o'brien \\ 100%"),
        ("", ""),
    ],
)
def test_accents_and_case_are_folded_alike_in_python_and_sql(text: str, folded: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {fold_sql('text')} FROM (SELECT %s::text) AS row(text)", [text])
        in_sql = cursor.fetchone()[0]

    assert (fold(text), in_sql) == (folded, folded)
