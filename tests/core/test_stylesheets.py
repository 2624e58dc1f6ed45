"""One stylesheet for each page: what site.css imports is in it, in order and in its layer."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings, settings
from django.contrib.staticfiles import finders

from core.stylesheets import BUNDLE, StylesheetFinder, bundled

FOLDER = Path(settings.BASE_DIR, "static/css")


def make_source(folder: Path) -> Path:
    (folder / "a.css").write_text("/* Why. */\na:hover,\nb {\n  color: red;\n}\n\n")
    (folder / "b.css").write_text('b { background: url("../img/b.svg"); }\n')
    source = folder / "site.css"
    source.write_text(
        '@layer base, top;\n\n@import url("b.css") layer(base);\n@import url("a.css") layer(top);\n'
    )
    return source


def test_imports_are_bundled_in_order_and_in_their_layers(tmp_path: Path) -> None:
    assert bundled(make_source(tmp_path)) == (
        "@layer base, top;"
        '@layer base {b { background: url("../img/b.svg"); }}'
        "@layer top {a:hover,b {color:red;}}"
    )


def test_no_file_of_the_pages_is_left_out() -> None:
    site = (FOLDER / "site.css").read_text()
    others = {"site.css", "admin.css", "admin-frame.css"}
    files = {file.name for file in FOLDER.glob("*.css")} - others

    assert {name for name in files if f'url("{name}")' not in site} == set()
    assert "@import" not in bundled(FOLDER / "site.css")


def test_bundle_follows_its_files(tmp_path: Path, settings: LazySettings) -> None:
    folder = tmp_path / "static/css"
    folder.mkdir(parents=True)
    make_source(folder)
    settings.BASE_DIR, settings.DATA_DIR = tmp_path, tmp_path / "data"
    finder = StylesheetFinder()
    first = Path(finder.find(BUNDLE)).read_text()

    (folder / "a.css").write_text("a { color: blue; }\n")

    assert "red" in first
    assert "blue" in Path(finder.find(BUNDLE)).read_text()
    assert [name for name, _ in finder.list(None)] == [BUNDLE]
    assert [file.name for file in (tmp_path / "data/stylesheets/css").iterdir()] == ["pages.css"]


@pytest.mark.parametrize("name", ["css/pages.css", "fonts/Inter-Regular.woff2"])
def test_static_files_are_found(name: str) -> None:
    assert finders.find(name)
