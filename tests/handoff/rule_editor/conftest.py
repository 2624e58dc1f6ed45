import pytest
from django.test import Client

from config.bootstrap import bootstrap
from handoff.models import RuleSet
from handoff.routing import publishing
from people.models import Membership, Team, User
from people.roles import Role
from tests.factories import make_person
from tests.pages import signed_in_as
from tests.people.factories import MONDAY_9AM


@pytest.fixture
def olga(db: None) -> User:
    """Return the operator of a new installation whose qualification team has a rep."""
    bootstrap(at=MONDAY_9AM)
    Membership.objects.create(
        team=Team.objects.get(name="Qualification"), user=make_person(Role.REP, "Sam")
    )
    return make_person(Role.OPERATIONS, "Olga")


@pytest.fixture
def client(olga: User) -> Client:
    return signed_in_as(olga)


@pytest.fixture
def live(olga: User) -> RuleSet:
    return RuleSet.objects.get(status="published")


@pytest.fixture
def draft(live: RuleSet) -> RuleSet:
    return publishing.copy_to_draft(live)
