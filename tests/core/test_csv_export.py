import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.csv_export import csv_of, original_cell, safe_cell
from tests.examples import examples


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+4930901820", "'+4930901820"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r'=1"),
        (" =1", " '=1"),
        ("＝1+1", "'＝1+1"),
        ("a;=1+1", "a;'=1+1"),
        ('a;"=1+1"', 'a;"\'=1+1"'),
        ("a\n=1+1", "a\n'=1+1"),
        ("Müller & Söhne", "Müller & Söhne"),
        ("a-b=c", "a-b=c"),
    ],
)
def test_cell_that_a_spreadsheet_runs_is_made_safe(text: str, safe: str) -> None:
    assert safe_cell(text) == safe


@given(st.text(st.sampled_from("=+-@\t\r\n;'\" aü＝"), max_size=12))
@examples(300)
def test_safe_cell_is_restored(text: str) -> None:
    safe = safe_cell(text)

    assert original_cell(safe) == text
    assert not re.search(r"(^|;|\n)[=+@＝-]", safe)


def test_numbers_stay_numbers() -> None:
    assert [safe_cell(value) for value in (-1, None, 2.5)] == [-1, None, 2.5]


def test_export_starts_with_a_byte_order_mark() -> None:
    """Case I2: Excel reads an export as UTF-8 only with this mark."""
    response = csv_of("leads", ["company"], [["Müller & Söhne"]])

    assert response.getvalue() == b"\xef\xbb\xbfcompany\r\n" + "Müller & Söhne\r\n".encode()
