from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from unfold.templatetags import unfold_list

from leads.models import TitlePhrases
from people.models import User
from people.roles import Role
from tests.factories import make_person, make_rep
from tests.pages import Page, signed_in_as
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

USERS = "admin:people_user_changelist"


@pytest.fixture
def operations() -> Client:
    return signed_in_as(make_person(Role.OPERATIONS, "Olga"))


@pytest.mark.parametrize("reps", [1, 12])
def test_list_of_users_takes_nine_statements(reps: int, operations: Client) -> None:
    for _ in range(reps):
        make_rep()

    with exactly_statements(9):
        assert operations.get(reverse(USERS)).status_code == 200


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
