"""Find sources and campaigns by the names of a file, and create what is missing."""

from __future__ import annotations

import difflib
from collections.abc import Container
from typing import Final

from django.db import transaction
from django.utils.text import slugify

from core.retries import with_retries
from intake.imports.details import NewCode
from intake.imports.reader import folded_name
from intake.models import CreatedCode
from leads.models import Campaign, Source
from leads.normalization.values import Text

NAME_LIMITS: Final = {Source: 100, Campaign: 150}
SIMILAR: Final = 0.8
MAX_CODE_LENGTH: Final = 50


class NewCodes:
    """Sources or campaigns by name and code, read again for each batch."""

    def __init__(self, model: type[Source] | type[Campaign]) -> None:
        self._model = model
        self.read_name = Text(NAME_LIMITS[model])
        self._by_name: dict[str, str] = {}
        self._codes: set[str] = set()
        self._names: dict[str, str] = {}
        self._created: dict[str, NewCode] = {}
        self.read_again()

    def read_again(self) -> None:
        rows = list(self._model.objects.order_by("-pk").values_list("code", "name"))
        self._names = {folded_name(name): name for _, name in rows}
        self._by_name = {folded_name(name): code for code, name in rows}
        self._codes = {code for code, _ in rows}

    def find(self, name: str) -> str | None:
        """Return the code of a name without regard to case, or of exactly this code."""
        return self._by_name.get(folded_name(name)) or (name if name in self._codes else None)

    def ensure(self, name: str, *, run_id: int | None = None) -> str:
        """Return the code of the name; create it if there is none, whatever its case."""
        return with_retries(lambda: self._ensure(name, run_id))

    def _ensure(self, name: str, run_id: int | None) -> str:
        self.read_again()
        code = self.find(name)
        if code is None:
            code = free_code(name, self._codes | self._by_name.keys())
            with transaction.atomic():
                row = self._model.objects.create(name=name, code=code)
                new = self._note(name)
                if run_id is not None:
                    CreatedCode.objects.create(
                        run_id=run_id, similar=new.similar, **{new.kind: row}
                    )
            self.read_again()
        return code

    def _note(self, name: str) -> NewCode:
        folded = folded_name(name)
        if folded not in self._created:
            close = difflib.get_close_matches(folded, self._names, n=1, cutoff=SIMILAR)
            similar = self._names[close[0]] if close else ""
            self._created[folded] = NewCode(self._model.__name__.lower(), name, similar)
        return self._created[folded]

    def created(self, name: str) -> NewCode | None:
        """Return the source or campaign if this import created it."""
        return self._created.get(folded_name(name))


def free_code(name: str, taken: Container[str]) -> str:
    base = slugify(name)[:MAX_CODE_LENGTH] or "unnamed"
    code, number = base, 2
    while code in taken:
        code, number = f"{base}-{number}", number + 1
    return code
