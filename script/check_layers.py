#!/usr/bin/env python3
"""Find names of higher apps in lower ones: what import-linter cannot see.

An app must not name the tables, URL namespaces, modules or reverse relations of an app above it.
The order of the apps is that of the import contract in pyproject.toml. Prints path:line and the
name; exits with 1 if it found any.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final, NamedTuple

ROOT: Final = Path(__file__).resolve().parent.parent
CONTRACT: Final = "Apps depend downwards only"


def read_layers() -> dict[str, int]:
    """Return the height of each app, the lowest being 0."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    layers = next(item for item in contracts["contracts"] if item["name"] == CONTRACT)["layers"]
    return {
        app.strip(): height
        for height, layer in enumerate(reversed(layers))
        for app in layer.split("|")
    }


class Names(NamedTuple):
    """Names that each app must not use: tables of higher apps, and relations these have added."""

    tables: dict[str, set[str]]
    relations: dict[str, set[str]]


def read_names(heights: Mapping[str, int]) -> Names:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()
    from django.apps import apps

    names = Names({app: set() for app in heights}, {app: set() for app in heights})
    for model in apps.get_models():
        height = heights.get(model._meta.app_label)
        if height is None:
            continue
        for app in (app for app in heights if heights[app] < height):
            names.tables[app].add(model._meta.db_table)
        for relation in model._meta.related_objects:
            owner = heights.get(relation.related_model._meta.app_label, 0)
            for app in (app for app in heights if height <= heights[app] < owner):
                names.relations[app].add(relation.name)
    return names


def names_in(tree: ast.AST) -> Iterator[tuple[int, str, bool]]:
    """Yield line, text and whether it is a string, of strings, attributes and keyword arguments."""
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef)
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            if id(node) not in docstrings:
                yield node.lineno, node.value, True
        elif isinstance(node, ast.Attribute):
            yield node.lineno, node.attr, False
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.value.lineno, node.arg, False


def any_of(words: Iterable[str]) -> str:
    return "|".join(sorted(words)) or "(?!)"


def findings(
    path: Path, higher: list[str], tables: set[str], relations: set[str]
) -> Iterator[tuple[int, str]]:
    text = path.read_text()
    apps = any_of(higher)
    upward = re.compile(
        rf"\b(?:{any_of(tables)})\b|\b(?:{apps}):[a-z_]+|\badmin:(?:{apps})_|\b(?:{apps})\.[a-z_]+\.\w"
    )
    if path.suffix in {".html", ".jinja"}:
        for number, line in enumerate(text.splitlines(), 1):
            if match := upward.search(line):
                yield number, match[0]
        return
    backward = re.compile(rf"^(?:{any_of(relations)})(?:__|$)")
    for number, name, is_string in names_in(ast.parse(text)):
        if is_string and (match := upward.search(name)):
            yield number, match[0]
        elif backward.match(name):
            yield number, name


def main() -> int:
    heights = read_layers()
    names = read_names(heights)
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "templates/*.html", "templates/*.jinja"],  # noqa: S607  # whichever git is there
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    count = 0
    for name in listed.stdout.split():
        app = name.removeprefix("templates/").split("/")[0]
        if app not in heights or "/migrations/" in name or not (ROOT / name).exists():
            continue
        higher = [other for other in heights if heights[other] > heights[app]]
        for line, text in findings(ROOT / name, higher, names.tables[app], names.relations[app]):
            sys.stdout.write(f"{name}:{line}: {text}\n")
            count += 1
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main())
