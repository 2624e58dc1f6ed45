from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from unfold.templatetags import unfold_list

from leads.models import LeadType, TitlePhrases
from people.account_mail import invite
from people.models import User
from people.roles import Role
from tests.factories import make_person, make_rep
from tests.pages import Page, signed_in_as
from tests.people.factories import make_team
from tests.plans import plans_of, pretend_large
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

USERS = "admin:people_user_changelist"


@pytest.fixture
def operations() -> Client:
    return signed_in_as(make_person(Role.OPERATIONS, "Olga"))


@pytest.mark.parametrize("reps", [1, 12])
def test_list_of_users_takes_seven_statements(reps: int, operations: Client) -> None:
    for _ in range(reps):
        make_rep()

    with exactly_statements(7):
        assert operations.get(reverse(USERS)).status_code == 200


def test_list_of_users_reads_only_notices_of_the_users_it_shows(operations: Client) -> None:
    invite(make_rep(), by=make_rep(), at=timezone.now())
    pretend_large("people_notice")

    plans = plans_of(lambda: operations.get(reverse(USERS)))

    scans = [line for plan in plans for line in plan.splitlines() if "people_notice" in line]
    assert any("notice_by_recipient" in scan for scan in scans)
    assert not any("Seq Scan" in scan or "people_notice_pkey" in scan for scan in scans)


def test_heads_of_a_list_are_made_once(operations: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    label = unfold_list.label_for_field

    def counted_label(name: Any, *args: Any, **kwargs: Any) -> Any:
        made.append(name)
        return label(name, *args, **kwargs)

    monkeypatch.setattr(unfold_list, "label_for_field", counted_label)
    for _ in range(3):
        make_rep()

    page = Page(operations.get(reverse(USERS)))

    assert len(page.all("tbody tr")) == User.objects.count()
    assert len(made) == len(set(made)) == len(page.all("thead th"))


def test_rows_of_a_list_are_selected_by_their_ids(operations: Client) -> None:
    numbers = {str(pk) for pk in TitlePhrases.objects.values_list("pk", flat=True)}

    page = Page(operations.get(reverse("admin:leads_titlephrases_changelist")))

    boxes = "tbody input[type=checkbox].action-select[name=_selected_action]"
    assert set(page.values(boxes, "value")) == numbers != set()
    assert set(page.values(boxes, "aria-label")) == {"Select record"}


def test_row_links_to_its_page_and_keeps_the_filters(operations: Client) -> None:
    rep = make_rep(name="Ada")

    page = Page(operations.get(reverse(USERS), {"q": "ada"}))

    (link,) = page.values("#result_list tbody th a", "href")
    address = reverse("admin:people_user_change", args=[rep.pk])
    assert link == f"{address}?_changelist_filters=q%3Dada"
    assert operations.get(link).status_code == 200


def test_cells_show_values_marks_and_missing_values(operations: Client) -> None:
    make_rep(name="Ada <i>")
    team = make_team(name="Empty", is_active=False)

    users = Page(operations.get(reverse(USERS), {"q": "ada"}))
    teams = Page(operations.get(reverse("admin:people_team_changelist"), {"q": team.name}))

    assert users.text("tbody .field-name") == "Ada <i>"
    assert users.values("tbody .field-is_active > div", "title") == ["True"]
    assert teams.values("tbody .field-is_active > div", "title") == ["False"]
    assert teams.text("tbody .field-manager") == "-"
    assert teams.text("tbody .field-function") == "Sales development"


def test_rows_of_an_ordered_list_are_dragged_and_send_their_places(operations: Client) -> None:
    page = Page(operations.get(reverse("admin:leads_leadtype_changelist")))

    rows = page.all("tbody[x-sort\\:item] td[x-sort\\:handle]")
    places = page.values("tbody .field-position input", "value")
    assert places == [str(place) for place in LeadType.objects.values_list("position", flat=True)]
    assert len(rows) == len(places) == len(page.values(".hiddenfields input", "value")) > 1


def test_filters_link_to_the_rows_with_each_value(operations: Client) -> None:
    ada, _ = make_rep(name="Ada"), make_rep(name="Ben", is_active=False)

    page = Page(operations.get(reverse(USERS), {"q": "a"}))

    filters = "#changelist-filter-close + div"
    assert page.texts(f"{filters} h3") == ["By is active", "By groups", "By team"]
    active = page.values(f"{filters} ul:first-of-type a[title=Yes]", "href")
    assert active == ["?is_active__exact=1&q=a"]
    shown = Page(operations.get(reverse(USERS) + active[0]))
    assert ada.name in shown.texts("tbody .field-name")
    assert "Ben" not in shown.texts("tbody .field-name")
    assert shown.texts(f"{filters} li.font-semibold") == ["Yes", "All", "All"]
