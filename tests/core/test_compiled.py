from datetime import datetime, timedelta

import pytest
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet

from core.compiled import CannotBind, CompiledQuery, CompiledSql
from leads.models import LeadEvent
from people.models import Absence, Team, User
from tests.factories import make_lead
from tests.people.factories import MONDAY_9AM, make_team, make_user
from tests.statements import exactly_statements

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def teams_called(*, name: str, ids: list[int]) -> QuerySet[Team]:
    return Team.objects.select_related("manager").filter(name=name, pk__in=ids)


def test_each_run_binds_its_own_values() -> None:
    query = CompiledQuery(teams_called)
    team, other = make_team(name="One", manager=make_user("Ada")), make_team(name="Other")
    both = [team.pk, other.pk]

    with exactly_statements(3):
        assert query.rows(name="One", ids=both) == [team]
        assert query.rows(name="Other", ids=both) == [other]
        assert query.rows(name="One", ids=[other.pk]) == []


def test_sql_has_the_values_of_each_run() -> None:
    ids_called = CompiledSql(lambda **values: teams_called(**values).values("pk"))

    (sql, params), (same_sql, other_params) = (
        ids_called.sql(name=name, ids=[pk]) for name, pk in (("One", 1), ("Other", 2))
    )

    assert (sql, params, other_params) == (same_sql, ["One", 1], ["Other", 2])


def test_queryset_is_built_only_for_a_new_shape() -> None:
    built = []

    def users(is_active: bool, *, ids: list[int]) -> QuerySet[User]:
        built.append(is_active)
        return User.objects.filter(is_active=is_active, pk__in=ids)

    query, ada = CompiledQuery(users), make_user("Ada")

    assert [query.rows(True, ids=[pk]) for pk in (ada.pk, 0, ada.pk)] == [[ada], [], [ada]]
    # Twice, to compare what is bound.
    assert built == [True, True]
    assert query.rows(False, ids=[ada.pk]) == []
    assert query.rows(True, ids=[ada.pk, 0]) == [ada]
    assert built == [True, True, False, False, True, True]


def test_rows_have_joined_rows_and_annotations() -> None:
    def teams(*, pk: int, at: datetime) -> QuerySet[Team]:
        away = Absence.objects.at(at).filter(user=OuterRef("manager"))
        managed = Team.objects.select_related("manager").annotate(is_led=~Exists(away))
        return managed.filter(pk=pk)

    team = make_team(manager=make_user("Ada"))

    row = CompiledQuery(teams).row(pk=team.pk, at=MONDAY_9AM)

    with exactly_statements(0):
        assert row is not None
        assert (str(row.manager), getattr(row, "is_led", None)) == ("Ada", True)


def test_json_is_parsed_once_in_rows_and_lists() -> None:
    def events(*, at: datetime) -> QuerySet[LeadEvent]:
        same = LeadEvent.objects.filter(pk=OuterRef("pk")).values("payload")
        at_the_time = LeadEvent.objects.filter(occurred_at=at)
        return at_the_time.annotate(payloads=ArraySubquery(same))

    payload = {"text": '"quoted"', "numbers": [1, None]}
    LeadEvent.objects.create(
        lead=make_lead(), kind="scored", occurred_at=MONDAY_9AM + DAY, payload=payload
    )

    row = CompiledQuery(events).row(at=MONDAY_9AM + DAY)

    assert row is not None
    assert (row.payload, getattr(row, "payloads", None)) == (payload, [payload])
    assert row.occurred_at == MONDAY_9AM + DAY


def test_query_without_possible_rows_sends_nothing() -> None:
    query = CompiledQuery(lambda *, pk: User.objects.filter(pk=pk).none())

    with exactly_statements(0):
        assert query.row(pk=1) is None


def test_value_that_is_computed_with_is_refused() -> None:
    query = CompiledQuery(lambda *, at: Absence.objects.filter(ends_at=at + DAY))

    with pytest.raises(CannotBind):
        query.rows(at=MONDAY_9AM)


def test_value_that_becomes_part_of_the_sql_is_refused() -> None:
    query = CompiledQuery(lambda *, size: User.objects.all()[: abs(size)])

    with pytest.raises(CannotBind):
        query.rows(size=3)
