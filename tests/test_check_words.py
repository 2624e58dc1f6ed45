"""`script/check_words.py`, loaded from its file as `script/` is not a package."""

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from django.conf import settings


def load() -> ModuleType:
    path = Path(settings.BASE_DIR, "script/check_words.py")
    spec = importlib.util.spec_from_file_location("check_words", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


words = load()


def found(path: str, source: str) -> list[str]:
    return [
        f"{finding.line} {finding.pattern} {finding.match}"
        for finding in words.findings_in(path, source)
    ]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ('ERROR = "NaN is no number."', ["1 is-no is no number"]),
        ('ERROR = "There is no number."', []),
        ('ERROR = "It is no longer open."', []),
        ("def f():\n    # The answer is\n    # no text.\n    pass", ["2 is-no is no text"]),
        ('"""Who loses a race."""', ["1 bare-who Who"]),
        ('LABEL = "Who has it?"', []),
        ("x = 1  # a message for who has it", ["1 bare-who for who"]),
        ('SQL = "SELECT owner_id AS who"', []),
        ('"""Of one lead the touches."""', ["1 nominal-docstring Of"]),
        ('def f():\n    """Where it went."""', ["2 nominal-docstring Where"]),
        ('"""Return where it went."""', []),
        ('LABEL = "What they did"', ["1 what-clause What"]),
        ('HELP = "What happens then?"', []),
        ('LABEL = "What\'s new"', []),
        ("def give_on(): ...", ["1 calque give on"]),
        ('"""Return what was given on the command line."""', []),
        ("# It lets the offer lapse.", ["1 calque lets the offer lapse"]),
        ("# They can set both right.", ["1 calque set both right"]),
        ("# It is put right after the header.", []),
        ("organisation = recognise()", ["1 british organisation", "1 british recognise"]),
        ("class FieldCatalogue: ...", ["1 british Catalogue"]),
        ('MESSAGE = f"{name} is cancelled"', ["1 british cancelled"]),
        ("raise_hours = four(surprise, otherwise, analyses)", []),
        ('LABEL = "E-mail"', ["1 e-mail E-mail"]),
        ("SELLER_ROLE = 1", ["1 term SELLER"]),
        ('URL = "sent_back"', ["1 term sent back"]),
        ('TEXT = "Nobody has it."', ["1 nobody Nobody"]),
        ("# Nobody has it.", []),
        ('HELP = "Not before the window ends (QUA-16)."', ["1 requirement-id QUA-16"]),
        ('CODE = "UTF-16"', []),
        ("MOST_ROWS = 5", ["1 constant MOST"]),
        ("for one in rows: ...", ["1 pronoun-variable one"]),
        ("def f(asked): ...", ["1 pronoun-variable asked"]),
        ("from one import each", []),
        ("from math import floor", []),
        ("# The apps of the ground floor.", ["1 metaphor ground floor"]),
        ("# Named for the room it is about.", ["1 metaphor the room"]),
        ("# Settled by lot.", ["1 metaphor by lot"]),
        ("# There is a lot to do, and lots of time.", []),
        ("# Where there is no room beside the list.", []),
    ],
)
def test_python_is_read_by_kind_of_text(source: str, expected: list[str]) -> None:
    assert found("leads/scoring.py", source) == expected


def test_string_joined_from_several_lines_is_found_on_its_line() -> None:
    source = 'ERROR = (\n    "Sorry, "\n    f"then {value} is "\n    "no number, for who asks."\n)'

    assert found("leads/scoring.py", source) == ["3 is-no is no number", "4 bare-who for who"]


def test_name_is_reported_once_a_file() -> None:
    assert found("leads/scoring.py", "x = seller\ny = seller\n") == ["1 term seller"]


def test_file_name_is_read() -> None:
    assert found("config/demo/sellers.py", "") == ["1 term sellers"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("test_what_is_due", ["1 test-name what"]),
        ("test_manager_can_reassign_leads_of_a_former_member", []),
        (
            "test_a_b_c_d_e_f_g_h_i_j_k_l_m",
            ["1 long-test-name a b c d e f g h i j k l m"],
        ),
    ],
)
def test_test_names_have_patterns_of_their_own(name: str, expected: list[str]) -> None:
    assert found("tests/test_x.py", f"def {name}() -> None: ...") == expected


def test_tests_may_cite_requirement_ids_and_quote_nobody() -> None:
    source = 'TEXT = "Nobody"  # QUA-16'

    assert found("tests/leads/test_x.py", source) == []
    assert found("leads/x.py", source) == ["1 nobody Nobody", "1 requirement-id QUA-16"]


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("<p>This is no\n  page.</p>", ["1 is-no is no page"]),
        ("<h2>Lead</h2>\n<p>Who has it</p>", ["2 bare-who Who"]),
        ("<p>{{ name }} is <b>no</b> role</p>", ["1 is-no is no role"]),
        ('<a title="Why nobody has it" href="/x/">Lead</a>', ["1 nobody nobody"]),
        ('<a href="{% url "x" a > b %}" class="seller-row">x</a>', ["1 term seller"]),
        ("<p>Saved; go on.</p>", ["1 semicolon Saved"]),
        ("<p>a&nbsp;b</p>", []),
        ("{# Somebody; QUA-16 #}", ["1 requirement-id QUA-16"]),
        ('{{ owner|default:"nobody" }}', ["1 nobody nobody"]),
        ('{% include "a.html" with label="Sent back to marketing" %}', ["1 term Sent back"]),
        ('{%- set label = "Sent back to marketing" -%}', ["1 term Sent back"]),
    ],
)
@pytest.mark.parametrize("name", ["list.html", "rows.jinja"])
def test_templates_are_read_as_shown(name: str, source: str, expected: list[str]) -> None:
    assert found(f"templates/leads/{name}", source) == expected


def test_documents_are_read_without_their_code() -> None:
    source = (
        "A *seller*.\n\n```sh\nscript/manage x --note 'NaN is no number'\n```\n\n- Who has it.\n"
    )

    assert found("docs/x.md", source) == ["1 term seller", "7 bare-who Who"]


def test_scripts_and_styles_are_read() -> None:
    script = '// A row\n// is no link.\nconst label = "Seller";\n'
    style = "/* The colours. */\n.seller-row { color: red }\n"

    assert found("static/x.js", script) == ["2 is-no is no link", "3 term Seller"]
    assert found("static/x.css", style) == ["1 british colours", "2 term seller"]


def test_suggestion_is_the_american_spelling() -> None:
    (finding,) = words.findings_in("x.py", "# Normalised.")

    assert str(finding) == "x.py:1: british: “Normalised”: Normalized"


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a repository of a file with two findings, and an untracked file."""
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    (tmp_path / "leads").mkdir()
    (tmp_path / "leads/a.py").write_text("seller = colour\n")
    subprocess.run(["git", "add", "."], cwd=tmp_path, check=True)
    (tmp_path / "leads/b.py").write_text("seller = colour\n")
    monkeypatch.setattr(words, "ROOT", tmp_path)
    monkeypatch.setattr(words, "ALLOWED", ())
    monkeypatch.setattr(sys, "argv", ["check_words.py"])
    return tmp_path


@pytest.mark.usefixtures("repository")
def test_findings_of_tracked_files_are_printed_and_fail(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert words.main() == 1

    assert capsys.readouterr().out == (
        "leads/a.py:1: british: “colour”: color\nleads/a.py:1: term: “seller”: sales rep, rep\n"
    )


@pytest.mark.usefixtures("repository")
def test_counts_are_a_table_by_pattern_and_folder(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["check_words.py", "--counts"])

    assert words.main() == 1

    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [
        ["leads", "all"],
        ["british", "1", "1"],
        ["term", "1", "1"],
        ["all", "2", "2"],
    ]


@pytest.mark.usefixtures("repository")
def test_allowed_findings_pass_and_an_unused_allowance_fails(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed = words.Allowed("*", "leads/*.py", "*", "an example")
    monkeypatch.setattr(words, "ALLOWED", (allowed,))
    assert words.main() == 0

    unused = words.Allowed("term", "people/*", "*", "an example")
    monkeypatch.setattr(words, "ALLOWED", (allowed, unused))
    assert words.main() == 1

    assert capsys.readouterr().out == "No longer needed in ALLOWED: term in people/*\n"
