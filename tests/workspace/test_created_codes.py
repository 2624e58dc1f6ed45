"""Sources and campaigns that an import created are listed until someone has checked them."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client

from intake.models import CreatedCode, ImportRun
from leads.models import Source
from people.roles import Role
from tests.factories import make_person
from tests.intake.files import ANN, BOB, HEADER, MAP, make_file, run_import
from tests.pages import Page, messages_of, signed_in_as
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

LIST = "/data-quality/"
CREATING = MAP.replace("[fields]", "create_sources = true\n[fields]", 1)
FAIR = "cleo@third.example,Cleo,Fox,Websites,02.11.2026\n"


@pytest.fixture
def marketer() -> Client:
    return signed_in_as(make_person(Role.MARKETER))


def import_fair(folder: Path, *options: str) -> None:
    Source.objects.get_or_create(code="website", defaults={"name": "Website"})
    file = make_file(folder, HEADER + ANN + BOB + FAIR, "fair.csv")
    assert run_import(file, CREATING, "--historical", *options)[0] == 0


def listed(client: Client) -> list[str]:
    page = Page(client.get(LIST))
    return page.texts("table:first-of-type tbody tr th")


def test_created_source_is_listed_with_what_reads_alike(tmp_path: Path, marketer: Client) -> None:
    import_fair(tmp_path)

    page = Page(marketer.get(LIST))

    created = CreatedCode.objects.get()
    assert (created.source, created.run) == (Source.objects.get(name="Websites"), run_of("fair"))
    cells = page.texts("section tbody tr > *")
    assert cells[:3] == ["Websites", "Source", "Website"]
    assert cells[3].startswith("fair.csv, ")
    assert page.texts("section tbody button") == ["Keep Websites"]


def run_of(name: str) -> ImportRun:
    return ImportRun.objects.get(name=name)


def test_source_that_was_checked_leaves_the_list(tmp_path: Path, marketer: Client) -> None:
    import_fair(tmp_path)
    pk = CreatedCode.objects.get().pk

    kept = marketer.post(f"{LIST}keep/{pk}/", follow=True)
    again = marketer.post(f"{LIST}keep/{pk}/", follow=True)

    assert messages_of(kept) == ["“Websites” stays as it is."]
    assert messages_of(again) == ["Someone else checked it before. Nothing was changed."]
    assert listed(marketer) == []
    assert CreatedCode.objects.get().checked_by is not None


def test_dry_run_and_known_sources_list_nothing(tmp_path: Path, marketer: Client) -> None:
    import_fair(tmp_path, "--dry-run")
    assert listed(marketer) == []

    import_fair(tmp_path)
    import_fair(tmp_path)

    assert listed(marketer) == ["Websites"]


def test_deleted_source_is_not_listed(marketer: Client) -> None:
    run = ImportRun.objects.create(
        name="fair", file="fair.csv", is_historical=True, started_at="2026-11-02T09:00Z"
    )
    source = Source.objects.create(code="gone", name="Gone")
    CreatedCode.objects.create(run=run, source=source)
    source.delete()

    assert listed(marketer) == []


@pytest.mark.parametrize("number", [1, 12])
def test_statements_do_not_grow_with_the_created(number: int, marketer: Client) -> None:
    run = ImportRun.objects.create(
        name="fair", file="fair.csv", is_historical=True, started_at="2026-11-02T09:00Z"
    )
    for place in range(number):
        source = Source.objects.create(code=f"new-{place}", name=f"New {place}")
        CreatedCode.objects.create(run=run, source=source)
    marketer.get(LIST)

    with exactly_statements(3):
        marketer.get(LIST)
