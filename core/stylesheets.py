"""Bundle the stylesheets: one request for a page instead of one for each file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

SOURCE: Final = "css/site.css"
BUNDLE: Final = "css/pages.css"
IMPORT: Final = re.compile(r'@import url\("(?P<file>[\w-]+\.css)"\) layer\((?P<layer>[\w-]+)\);')
COMMENT: Final = re.compile(r"/\*.*?\*/\s*", re.DOTALL)
INDENT: Final = re.compile(r"^\s+", re.MULTILINE)  # and empty lines
# A selector has no space after a colon, and a line that ends so goes on in the next.
SPACE_OF_VALUE: Final = re.compile(r"^([\w-]+): ", re.MULTILINE)
LINE_END: Final = re.compile(r"(?<=[{};,])\n")


class StylesheetFinder(BaseFinder):
    """Find `BUNDLE`: `SOURCE` with the files that it imports in their layers.

    Addresses in the files stay right, because all of them are in one folder.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.storage = FileSystemStorage(settings.DATA_DIR / "stylesheets")

    def find(self, path: str, find_all: bool = False) -> Any:
        if path != BUNDLE:
            return []
        file = str(self.write())
        return [file] if find_all else file

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterable[Any]:
        self.write()
        yield BUNDLE, self.storage

    def write(self) -> Path:
        """Write the bundle if its files changed; processes may do so at the same time."""
        target = Path(self.storage.path(BUNDLE))
        text = bundled(settings.BASE_DIR / "static" / SOURCE)
        if not target.exists() or target.read_text() != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            unfinished = target.with_name(f"{uuid4()}.unfinished")
            unfinished.write_text(text)
            unfinished.rename(target)
        return target


def bundled(source: Path) -> str:
    def layer(match: re.Match[str]) -> str:
        text = (source.parent / match["file"]).read_text()
        return f"@layer {match['layer']} {{\n{text}}}"

    text = INDENT.sub("", COMMENT.sub("", IMPORT.sub(layer, source.read_text())))
    return LINE_END.sub("", SPACE_OF_VALUE.sub(r"\1:", text))
