import pytest
from django.test import Client

from config.bootstrap import bootstrap
from handoff.models import RejectionReason
from people.models import User
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
def timing(olga: User) -> RejectionReason:
    return RejectionReason.objects.get(code="bad_timing")
