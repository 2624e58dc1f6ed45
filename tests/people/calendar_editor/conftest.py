import pytest
from django.test import Client

from config.bootstrap import bootstrap
from people.models import User, WorkCalendar
from people.roles import Role
from tests.factories import make_person
from tests.pages import signed_in_as
from tests.people.factories import MONDAY_9AM


@pytest.fixture
def olga(db: None) -> User:
    bootstrap(at=MONDAY_9AM)
    return make_person(Role.OPERATIONS, "Olga")


@pytest.fixture
def client(olga: User) -> Client:
    return signed_in_as(olga)


@pytest.fixture
def calendar(olga: User) -> WorkCalendar:
    """Monday to Friday, 9 to 17, UTC."""
    return WorkCalendar.objects.get()
