"""Lines that are identified by the key columns of the map."""

from pathlib import Path

import pytest

from intake.models import ImportedLine
from leads.models import Contact, Lead, LeadEvent, Touch
from tests.intake.files import make_file, run_import, summary

pytestmark = pytest.mark.django_db

FILE = "mail,name,job\nann@company.example,Ann Lee,Director\nbob@firm.example,Bob,\n"
PLAN = 'name = "fair"\nkey = "mail"\n[fields]\nemail = "mail"\nname = "name"\n'
WITH_TITLE = PLAN + 'title = "job"\n'


def test_corrected_map_completes_contacts_and_counts_nothing_twice(tmp_path: Path) -> None:
    """Case I10."""
    file = make_file(tmp_path, FILE)
    run_import(file, PLAN)
    events = LeadEvent.objects.count()

    dry_run = run_import(file, WITH_TITLE, "--dry-run")
    result = run_import(file, WITH_TITLE)

    assert dry_run == (0, summary(lines=2, updated=1, already_imported=1, dry_run=True))
    assert result == (0, summary(lines=2, updated=1, already_imported=1))
    assert Contact.objects.get(email="ann@company.example").title == "Director"
    assert Lead.objects.filter(touch_count=1, stage="new").count() == 2
    assert (Touch.objects.count(), LeadEvent.objects.count()) == (2, events)


def test_same_map_again_changes_nothing(tmp_path: Path) -> None:
    file = make_file(tmp_path, FILE)
    run_import(file, WITH_TITLE)

    assert run_import(file, WITH_TITLE) == (0, summary(lines=2, already_imported=2))


def test_forgotten_constant_is_added_by_running_again(tmp_path: Path) -> None:
    file = make_file(tmp_path, FILE)
    run_import(file, PLAN)

    run_import(file, PLAN + '[constants]\nsource = "event"\nlead_type = "demo"\n')

    leads = Lead.objects.values_list("source__code", "lead_type__code", "touch_count")
    assert list(leads) == [("event", "demo", 1)] * 2


def test_incomplete_line_is_repaired_by_importing_it_again(tmp_path: Path) -> None:
    plan = PLAN + 'country = "job"\n'
    code, _ = run_import(make_file(tmp_path, FILE), plan)
    rejects = tmp_path / "leads.csv.rejects.csv"
    content = rejects.read_text(encoding="utf-8-sig").replace("Director", "PT", 1)
    fixed = make_file(tmp_path, content.replace(",Director", ",PT"), "fixed.csv")

    result = run_import(fixed, plan)

    assert (code, result) == (3, (0, summary(lines=1, updated=1)))
    assert Contact.objects.get(email="ann@company.example").country == "PT"


def test_same_person_under_another_key_is_a_repeat(tmp_path: Path) -> None:
    plan = PLAN.replace('key = "mail"', 'key = ["mail", "month"]')
    header = "mail,name,month\n"
    run_import(make_file(tmp_path, header + "ann@company.example,Ann,May\n"), plan)

    result = run_import(make_file(tmp_path, header + "ann@company.example,Ann,June\n"), plan)

    assert result == (0, summary(lines=1, repeats=1))


def test_later_line_with_the_same_key_updates_the_first(tmp_path: Path) -> None:
    content = "mail,name,job\nann@company.example,Ann Lee,\nann@company.example,Ann Lee,Director\n"

    result = run_import(make_file(tmp_path, content), WITH_TITLE)

    assert result == (0, summary(lines=2, new=1, updated=1))
    assert Contact.objects.get().title == "Director"


BY_JOB = WITH_TITLE.replace('key = "mail"', 'key = "job"')


def test_line_with_a_new_address_updates_its_own_contact(tmp_path: Path) -> None:
    run_import(make_file(tmp_path, FILE), BY_JOB)
    changed = make_file(tmp_path, FILE.replace("ann@company", "eve@company").replace("Lee", "Ek"))

    code, result = run_import(changed, BY_JOB)

    assert (code, result["updated"], result["incomplete"], result["rejected"]) == (3, 1, 1, 0)
    contacts = Contact.objects.order_by("pk").values_list("email", "name")
    assert list(contacts) == [("ann@company.example", "Ann Ek"), ("bob@firm.example", "Bob")]
    rejects = (tmp_path / "leads.csv.rejects.csv").read_text()
    assert "email: The contact keeps the address “ann@company.example”." in rejects
    assert run_import(changed, BY_JOB) == (0, summary(lines=2, already_imported=2))


def test_line_with_a_new_address_leaves_its_batch_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_import(make_file(tmp_path, FILE), BY_JOB)

    def fail(*_: object) -> None:
        raise AssertionError("the batch was imported line by line")

    monkeypatch.setattr("intake.imports.touches.TouchImport._store_one", fail)

    assert run_import(make_file(tmp_path, FILE.replace("ann@", "eve@")), BY_JOB)[0] == 3


def test_line_whose_contact_is_unknown_is_incomplete(tmp_path: Path) -> None:
    content = FILE.replace("Bob,", "Bob,Buyer")
    run_import(make_file(tmp_path, content), BY_JOB)
    ImportedLine.objects.update(touch=None)
    changed = content.replace("ann@", "eve@").replace("Bob", "Bo")

    code, result = run_import(make_file(tmp_path, changed), BY_JOB)

    counts = {name: result[name] for name in ("updated", "incomplete", "rejected")}
    assert (code, counts) == (3, {"updated": 1, "incomplete": 1, "rejected": 0})
    assert list(Contact.objects.order_by("pk").values_list("name", flat=True)) == ["Ann Lee", "Bo"]


@pytest.mark.parametrize("blank", ["", "-"])
def test_lines_without_a_key_are_told_apart_by_their_columns(tmp_path: Path, blank: str) -> None:
    plan = BY_JOB.replace("[fields]", 'empty = ["-"]\n[fields]', 1)
    lines = "".join(f"{name}@company.example,{name},{blank}\n" for name in ("ann", "bob"))
    file = make_file(tmp_path, f"mail,name,job\n{lines}")

    assert run_import(file, plan) == (0, summary(lines=2, new=2))
    assert run_import(file, plan) == (0, summary(lines=2, already_imported=2))
    assert Contact.objects.count() == 2
