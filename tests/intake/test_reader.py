import gzip
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intake.imports.reader import BadLine, CsvLine, CsvReader, UnreadableFile, open_csv


def read(text: str, *expected: str) -> list[CsvLine | BadLine]:
    return list(CsvReader(io.StringIO(text, newline=""), expected))


def read_bytes(folder: Path, data: bytes) -> list[CsvLine | BadLine]:
    path = folder / "leads.csv"
    path.write_bytes(data)
    with open_csv(path) as file:
        return list(CsvReader(file))


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
def test_delimiters_and_line_endings_are_detected(text: str) -> None:
    assert read(text) == [CsvLine(2, ["Ann", "Rome"]), CsvLine(3, ["Bob", "Oslo"])]


def test_delimiter_is_chosen_by_the_expected_columns() -> None:
    assert read("town, or place;name\nRome;Ann\n", "name") == [CsvLine(2, ["Rome", "Ann"])]


@pytest.mark.parametrize(
    "data",
    [
        "name,town\nJosé,Köln\n".encode(),
        "name,town\nJosé,Köln\n".encode("utf-8-sig"),
        "name,town\nJosé,Köln\n".encode("latin-1"),
        "name,town\nJosé,Köln\n".encode("utf-16"),
    ],
)
def test_encoding_is_detected(tmp_path: Path, data: bytes) -> None:
    assert read_bytes(tmp_path, data) == [CsvLine(2, ["José", "Köln"])]


def test_line_in_another_encoding_leaves_the_others_intact(tmp_path: Path) -> None:
    data = "name\nJosé\n".encode() + "Zoë €\n".encode("cp1252")

    assert read_bytes(tmp_path, data) == [CsvLine(2, ["José"]), CsvLine(3, ["Zoë €"])]


def test_windows_1252_letter_late_in_the_file_is_decoded(tmp_path: Path) -> None:
    data = b"name\n" + b"Ann\n" * 50_000 + "Muñoz\n".encode("cp1252")

    assert read_bytes(tmp_path, data)[-1] == CsvLine(50_002, ["Muñoz"])


def test_quoted_field_can_contain_line_breaks_delimiters_and_quotes() -> None:
    text = 'name,note\nAnn,"one\r\ntwo, ""three"""\nBob,x\n'

    assert read(text) == [CsvLine(2, ["Ann", 'one\r\ntwo, "three"']), CsvLine(4, ["Bob", "x"])]


def test_lines_with_a_wrong_number_of_columns_are_bad() -> None:
    assert read("name,town\nAnn\nBob,Oslo\nEve,Bonn,x\n") == [
        BadLine(2, ["Ann"], "Too few columns: 1 instead of 2."),
        CsvLine(3, ["Bob", "Oslo"]),
        BadLine(4, ["Eve", "Bonn", "x"], "Too many columns: 3 instead of 2."),
    ]


def test_repeated_header_is_a_bad_line() -> None:
    assert read("name,town\nAnn,Rome\nname,town\nBob,Oslo\n") == [
        CsvLine(2, ["Ann", "Rome"]),
        BadLine(3, ["name", "town"], "The line repeats the header."),
        CsvLine(4, ["Bob", "Oslo"]),
    ]


def test_empty_lines_are_skipped() -> None:
    assert read("name,town\n\nAnn,Rome\n , \n,\n\n") == [CsvLine(3, ["Ann", "Rome"])]


def test_unclosed_quote_rejects_one_line() -> None:
    lines = read('name,town\nAnn,"Rome\nBob,Oslo\nEve,"Bonn"\n')

    assert lines == [
        BadLine(2, ["Ann", '"Rome'], "Cannot read the line: ',' expected after '\"'."),
        CsvLine(3, ["Bob", "Oslo"]),
        CsvLine(4, ["Eve", "Bonn"]),
    ]


def test_unclosed_quote_on_the_last_line_rejects_one_line() -> None:
    assert read('name,town\nAnn,Rome\nBob,"Oslo\n') == [
        CsvLine(2, ["Ann", "Rome"]),
        BadLine(3, ["Bob", '"Oslo'], "Cannot read the line: unexpected end of data."),
    ]


def test_quote_closed_lines_later_rejects_one_line() -> None:
    assert read('name,town\nAnn,"Rome\nBob,Oslo\n",x\nEve,Bonn\n')[:2] == [
        BadLine(
            2,
            ["Ann", '"Rome'],
            "Too many columns: 3 instead of 2. Check for a missing closing quote.",
        ),
        CsvLine(3, ["Bob", "Oslo"]),
    ]


def test_line_of_megabytes_is_rejected(tmp_path: Path) -> None:
    data = b"name\n" + b"x" * 3_000_000 + b"\nAnn\n"

    bad, good = read_bytes(tmp_path, data)

    assert isinstance(bad, BadLine)
    assert bad.reason == "Cannot read the line: longer than 1,048,576 characters."
    assert good == CsvLine(3, ["Ann"])


@pytest.mark.parametrize("text", ["", "\n", "  \n\n", "sep=;\n"])
def test_file_without_header_is_rejected(text: str) -> None:
    with pytest.raises(UnreadableFile, match=r"^The file has no header line\.$"):
        read(text)


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\r\nmail;name\r\na@b.example;Ana\r\n",
        '"sep=;"\r\nmail;name\r\na@b.example;Ana\r\n',
        "Export of 27 Nov\n\nmail,name\na@b.example,Ana\n",
        "\nmail,name\na@b.example,Ana\n",
        "mail,name,,\na@b.example,Ana,,\n",
        "mail,name\na@b.example,Ana,,\n",
        '"mail,name"\n"a@b.example,Ana"\n',
        '"mail,""name"""\n"a@b.example,""Ana"""\n',
        "mail,name\na@b.example,A\0na\n",
        " MAIL ,\tName\na@b.example,Ana\n",
    ],
)
def test_file_is_read_as_programs_write_it(text: str) -> None:
    """Case I1."""
    reader = CsvReader(io.StringIO(text, newline=""), ["mail", "name"])

    assert [line.cells for line in reader] == [["a@b.example", "Ana"]]


@pytest.mark.parametrize(
    "data",
    [
        gzip.compress("name,town\nJosé,Köln\n".encode()),
        "name,town\nJosé,Köln\n".encode("utf-16-le"),
        "name,town\nJosé,Köln\n".encode("utf-16-be"),
    ],
    ids=["gzip", "utf-16-le", "utf-16-be"],
)
def test_compressed_and_unmarked_files_are_read(tmp_path: Path, data: bytes) -> None:
    assert read_bytes(tmp_path, data) == [CsvLine(2, ["José", "Köln"])]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"PK\x03\x04...", "an Excel workbook or a ZIP archive"),
        (b"\xd0\xcf\x11\xe0...", "an old Excel workbook"),
        (b"%PDF-1.7", "a PDF document"),
        (b"\n<HTML><table>", "an HTML page"),
    ],
)
def test_file_of_another_kind_is_named(tmp_path: Path, data: bytes, kind: str) -> None:
    with pytest.raises(UnreadableFile, match=f"is {kind}. Open it and save it as “CSV UTF-8”"):
        read_bytes(tmp_path, data)


def test_line_that_is_not_utf8_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes(b"name\nAnn\n" + "Muñoz\n".encode("cp1252"))

    with open_csv(path) as file:
        reader = CsvReader(file)
        assert [line.cells for line in reader] == [["Ann"], ["Muñoz"]]

    assert reader.first_not_utf8 == 3


def test_named_encoding_is_used_and_no_other(tmp_path: Path) -> None:
    path = tmp_path / "leads.csv"
    path.write_bytes("name\nŁukasz\n".encode("cp1250"))

    with open_csv(path, "cp1250") as file:
        assert list(CsvReader(file)) == [CsvLine(2, ["Łukasz"])]
    with pytest.raises(UnreadableFile, match="is not utf-8"), open_csv(path, "utf-8") as file:
        list(CsvReader(file))


def test_missing_file_is_rejected(tmp_path: Path) -> None:
    with (
        pytest.raises(UnreadableFile, match=r"Cannot read .*none\.csv: No such file"),
        open_csv(tmp_path / "none.csv"),
    ):
        pass


CELLS = st.lists(st.text("ab,;\"'\n\r\t é", max_size=6), min_size=2, max_size=2)


@given(rows=st.lists(CELLS, max_size=6), tail=st.text('ab,;"\n\r é', max_size=30))
def test_reader_numbers_every_line_of_arbitrary_text(rows: list[list[str]], tail: str) -> None:
    text = "name,town\n" + "\n".join(",".join(row) for row in rows) + tail

    numbers = [line.number for line in read(text)]

    assert numbers == sorted(set(numbers))
    assert all(2 <= number <= text.count("\n") + text.count("\r") + 1 for number in numbers)
