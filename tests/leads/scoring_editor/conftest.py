import pytest
from django.test import Client

from config.bootstrap import bootstrap
from leads import scoring_models
from leads.models import ScoringModel
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
def live(olga: User) -> ScoringModel:
    return ScoringModel.objects.get(status="published")


@pytest.fixture
def draft(live: ScoringModel) -> ScoringModel:
    return scoring_models.copy_to_draft(live)
