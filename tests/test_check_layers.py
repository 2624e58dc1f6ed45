from pathlib import Path

import pytest

from script.check_layers import findings

HIGHER = ["workspace", "reporting"]


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('path = reverse("workspace:lead", args=[1])', "workspace:lead"),
        ('sql = "SELECT id FROM handoff_handoff WHERE lead_id = %s"', "handoff_handoff"),
        ("leads = leads.filter(handoffs__state='offered')", "handoffs__state"),
        ("count = lead.handoffs.count()", "handoffs"),
        ('task = "reporting.tasks.follow_log"', "reporting.tasks.f"),
        ('url = "admin:workspace_page_changelist"', "admin:workspace_"),
    ],
)
def test_names_of_higher_apps_are_found(tmp_path: Path, line: str, name: str) -> None:
    file = tmp_path / "lower.py"
    file.write_text(f'"""reporting:overview may be mentioned here."""\n{line}\n')

    assert list(findings(file, HIGHER, {"handoff_handoff"}, {"handoffs"})) == [(2, name)]


def test_templates_may_not_link_to_higher_apps(tmp_path: Path) -> None:
    file = tmp_path / "page.html"
    file.write_text("<p>Leads</p>\n<a href=\"{% url 'workspace:leads' %}\">All</a>\n")

    assert list(findings(file, HIGHER, set(), set())) == [(2, "workspace:leads")]


def test_names_of_lower_apps_are_fine(tmp_path: Path) -> None:
    file = tmp_path / "upper.py"
    file.write_text(
        'role = "handoff_owner"\nurl = reverse("people:sign_in")\nlead.touches.count()\n'
    )

    assert list(findings(file, HIGHER, {"handoff_handoff"}, {"handoffs"})) == []
