import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.imports.reader import BadLine, Line, Reader, UnreadableFile, opened


def read(text: str, *expected: str) -> list[Line | BadLine]:
    return list(Reader(io.StringIO(text, newline=""), expected))


def read_bytes(folder: Path, data: bytes) -> list[Line | BadLine]:
    path = folder / "leads.csv"
    path.write_bytes(data)
    with opened(path) as file:
        return list(Reader(file))


@pytest.mark.parametrize(
    "text",
    [
        "name,town\nAnn,Rome\nBob,Oslo\n",
        "name,town\r\nAnn,Rome\r\nBob,Oslo\r\n",
        "name,town\rAnn,Rome\rBob,Oslo",
        "name;town\nAnn;Rome\nBob;Oslo\n",
        "name\ttown\nAnn\tRome\nBob\tOslo\n",
        '"name","town"\n"Ann","Rome"\n"Bob","Oslo"\n',
    ],
)
def test_a_file_is_the_same_whatever_its_delimiter_and_line_endings(text: str) -> None:
    assert read(text) == [Line(2, ["Ann", "Rome"]), Line(3, ["Bob", "Oslo"])]


def test_the_delimiter_is_the_one_that_finds_the_expected_columns() -> None:
    assert read("town, or place;name\nRome;Ann\n", "name") == [Line(2, ["Rome", "Ann"])]


@pytest.mark.parametrize(
    "data",
    [
        "name,town\nJosé,Köln\n".encode(),
        "name,town\nJosé,Köln\n".encode("utf-8-sig"),
        "name,town\nJosé,Köln\n".encode("latin-1"),
        "name,town\nJosé,Köln\n".encode("utf-16"),
    ],
)
def test_the_encoding_is_recognized(tmp_path: Path, data: bytes) -> None:
    assert read_bytes(tmp_path, data) == [Line(2, ["José", "Köln"])]


def test_one_line_in_another_encoding_spoils_no_other(tmp_path: Path) -> None:
    data = "name\nJosé\n".encode() + "Zoë €\n".encode("cp1252")

    assert read_bytes(tmp_path, data) == [Line(2, ["José"]), Line(3, ["Zoë €"])]


def test_a_late_windows_1252_letter_is_read_as_written(tmp_path: Path) -> None:
    data = b"name\n" + b"Ann\n" * 50_000 + "Muñoz\n".encode("cp1252")

    assert read_bytes(tmp_path, data)[-1] == Line(50_002, ["Muñoz"])


def test_a_quoted_field_may_have_line_breaks_delimiters_and_quotes() -> None:
    text = 'name,note\nAnn,"one\r\ntwo, ""three"""\nBob,x\n'

    assert read(text) == [Line(2, ["Ann", 'one\r\ntwo, "three"']), Line(4, ["Bob", "x"])]


def test_lines_with_too_few_or_too_many_columns_are_bad_and_the_others_good() -> None:
    assert read("name,town\nAnn\nBob,Oslo\nEve,Bonn,x\n") == [
        BadLine(2, ["Ann"], "Too few columns: 1 instead of 2."),
        Line(3, ["Bob", "Oslo"]),
        BadLine(4, ["Eve", "Bonn", "x"], "Too many columns: 3 instead of 2."),
    ]


def test_a_second_header_is_no_lead() -> None:
    assert read("name,town\nAnn,Rome\nname,town\nBob,Oslo\n") == [
        Line(2, ["Ann", "Rome"]),
        BadLine(3, ["name", "town"], "This is the header again."),
        Line(4, ["Bob", "Oslo"]),
    ]


def test_empty_lines_are_passed_over() -> None:
    assert read("name,town\n\nAnn,Rome\n , \n,\n\n") == [Line(3, ["Ann", "Rome"])]


def test_a_quote_that_is_never_closed_costs_one_line() -> None:
    lines = read('name,town\nAnn,"Rome\nBob,Oslo\nEve,"Bonn"\n')

    assert lines == [
        BadLine(2, ["Ann", '"Rome'], "The line cannot be read: ',' expected after '\"'."),
        Line(3, ["Bob", "Oslo"]),
        Line(4, ["Eve", "Bonn"]),
    ]


def test_a_quote_left_open_on_the_last_line_costs_one_line() -> None:
    assert read('name,town\nAnn,Rome\nBob,"Oslo\n') == [
        Line(2, ["Ann", "Rome"]),
        BadLine(3, ["Bob", '"Oslo'], "The line cannot be read: unexpected end of data."),
    ]


def test_a_quote_that_closes_lines_later_costs_one_line() -> None:
    assert read('name,town\nAnn,"Rome\nBob,Oslo\n",x\nEve,Bonn\n')[:2] == [
        BadLine(2, ["Ann", '"Rome'], "Too many columns: 3 instead of 2. Is a quote left open?"),
        Line(3, ["Bob", "Oslo"]),
    ]


def test_a_line_of_megabytes_is_bad_and_skipped(tmp_path: Path) -> None:
    data = b"name\n" + b"x" * 3_000_000 + b"\nAnn\n"

    bad, good = read_bytes(tmp_path, data)

    assert isinstance(bad, BadLine)
    assert bad.reason == "The line cannot be read: longer than 1,048,576 characters."
    assert good == Line(3, ["Ann"])


@pytest.mark.parametrize("text", ["", "\n", "  \nAnn\n"])
def test_a_file_without_a_header_is_refused(text: str) -> None:
    with pytest.raises(UnreadableFile, match=r"^The file has no header line\.$"):
        read(text)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(UnreadableFile, match=r"none\.csv cannot be read: No such file"),
        opened(tmp_path / "none.csv"),
    ):
        pass


CELLS = st.lists(st.text("ab,;\"'\n\r\t é", max_size=6), min_size=2, max_size=2)


@given(rows=st.lists(CELLS, max_size=6), tail=st.text('ab,;"\n\r é', max_size=30))
def test_no_text_breaks_the_reader_and_every_line_is_numbered(
    rows: list[list[str]], tail: str
) -> None:
    text = "name,town\n" + "\n".join(",".join(row) for row in rows) + tail

    numbers = [line.number for line in read(text)]

    assert numbers == sorted(set(numbers))
    assert all(2 <= number <= text.count("\n") + text.count("\r") + 1 for number in numbers)
