"""The examples of the documentation are run as they are written there."""

import re
from datetime import UTC, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Final

import pytest
from django.core.management import call_command
from time_machine import travel

from intake.imports.mapping import HISTORY_FIELDS, KEYS, TABLES, TOUCH_FIELDS, read_map
from leads.models import Lead, LeadEvent
from people.models import User
from tests.factories import make_rep
from tests.intake.files import run_import, summary

pytestmark = pytest.mark.django_db

DOCS: Final = Path(__file__).parents[2] / "docs" / "admin" / "imports.md"
FILE: Final = re.compile(
    r"^`([a-z]+\.(?:csv|toml))`\n\n```[a-z]*\n(.*?)```", re.MULTILINE | re.DOTALL
)
RUN: Final = re.compile(
    r"^```\n\$ script/manage import_leads ([^\n]*)\n(.*?)```", re.MULTILINE | re.DOTALL
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, content in FILE.findall(DOCS.read_text(encoding="utf-8")):
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


@travel(datetime(2026, 11, 28, 9, tzinfo=UTC), tick=False)
def test_commands_print_what_the_docs_show(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    ((command, expected),) = RUN.findall(DOCS.read_text(encoding="utf-8"))
    out = StringIO()

    with pytest.raises(SystemExit):
        call_command("import_leads", *command.split(), stdout=out)

    assert out.getvalue() == expected


def test_example_of_another_crm_does_what_the_docs_say(folder: Path) -> None:
    rita = make_rep()
    User.objects.filter(pk=rita.pk).update(email="rita@ours.example")
    plan = (folder / "crm.toml").read_text(encoding="utf-8")

    for options, counts in (
        (["--dry-run"], summary(lines=5, new=4, skipped=1) | {"dry_run": True}),
        ([], summary(lines=5, new=4, skipped=1)),
        ([], summary(lines=5, already_imported=4, skipped=1)),
    ):
        assert run_import(folder / "crm.csv", plan, "--historical", *options) == (0, counts)

    olaf = User.objects.get(name="Olaf Old")
    leads = Lead.objects.order_by("opened_at")
    assert list(leads.values_list("contact__name", "stage", "owner", "amount", "currency")) == [
        ("Ada Ek", "won", rita.pk, Decimal(1200), "USD"),
        ("Ben Ito", "lost", olaf.pk, None, ""),
        ("Cat Roy", "nurture", rita.pk, None, ""),
        ("Dan Fox", "engaged", rita.pk, None, ""),
    ]
    reasons = LeadEvent.objects.exclude(payload__reason=None).order_by("occurred_at")
    assert list(reasons.values_list("to_stage", "payload__reason")) == [
        ("nurture", "no_budget"),
        ("lost", "price"),
    ]


@pytest.mark.parametrize("name", sorted({*KEYS, *TABLES, *TOUCH_FIELDS, *HISTORY_FIELDS}))
def test_every_key_and_field_is_in_the_reference(name: str) -> None:
    reference = DOCS.read_text(encoding="utf-8").partition("## Map reference")[2]

    assert re.search(rf"`{name}`|\[{name}[.\]]", reference)


def test_example_maps_are_valid(folder: Path) -> None:
    for path in (folder / "fair.toml", folder / "crm.toml"):
        assert read_map(path).columns
