import pytest

from people.roles import Role
from tests.factories import make_person
from tests.pages import messages_of, signed_in_as

pytestmark = pytest.mark.django_db


def test_queues_page_names_a_filter_that_it_does_not_have() -> None:
    client = signed_in_as(make_person(Role.OPERATIONS))

    assert messages_of(client.get("/queues/?team=3")) == [
        "“team” is not a filter here. All queues are shown."
    ]
    assert messages_of(client.get("/queues/")) == []
