import pytest

from people.models import User
from tests.pages import Page, messages_of, page_at, signed_in_as
from tests.people.factories import make_user

pytestmark = pytest.mark.django_db

PAGE = "/time-zone/"


@pytest.fixture
def ana() -> User:
    return make_user("Ana")


def test_user_sets_their_own_time_zone(ana: User) -> None:
    answer = signed_in_as(ana).post(PAGE, {"time_zone": "America/Sao_Paulo"}, follow=True)

    assert messages_of(answer) == ["Time zone changed."]
    ana.refresh_from_db()
    assert ana.time_zone == "America/Sao_Paulo"
    assert page_at(PAGE, ana).texts("[name=time_zone] [selected]") == ["America/Sao Paulo"]


def test_unknown_time_zone_is_refused(ana: User) -> None:
    page = Page(signed_in_as(ana).post(PAGE, {"time_zone": "Mars/Olympus"}))

    assert page.status == 422
    ana.refresh_from_db()
    assert ana.time_zone == "UTC"
