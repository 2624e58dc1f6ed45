"""A counter is one entry in the registry: no column, no migration."""

from __future__ import annotations

import pytest
from django.db.models import Q

from leads.stages import Stage
from reporting.models import LogCursor
from reporting.queries.rollup_queries import Question, read, total
from reporting.queries.scope import Period, Scope
from reporting.registry import counters
from reporting.registry.counters import Basis, Counter
from reporting.rollups.build import LEAD_ROLLUP
from reporting.rollups.prove import prove
from reporting.rollups.refresh import follow_log
from tests.reporting.history import DAY, HOUR, MONDAY, make_lead, make_source, move
from tests.reporting.rollups import counts_of

pytestmark = pytest.mark.django_db

LATER = MONDAY + 60 * DAY
SKIPPED = Counter("skipped_sal", "Skipped SAL", Basis.LEADS, Q(implied__contains=["sal"]))


@pytest.fixture
def counted_before() -> None:
    """Two leads, one of which skipped a stage; counted before there is a counter of it."""
    for stage in (Stage.MQL, Stage.SQL):
        move(make_lead(source=make_source()), stage, MONDAY + HOUR)
    follow_log(at=LATER)


def total_of(code: str) -> int:
    scope = Scope(Period(MONDAY.date(), MONDAY.date()))
    return int(total(read([Question(Basis.LEADS, scope)]).tables[0], basis=Basis.LEADS)[code])


def use(monkeypatch: pytest.MonkeyPatch, *registry: Counter) -> None:
    monkeypatch.setattr(counters, "COUNTERS", {counter.code: counter for counter in registry})


@pytest.mark.usefixtures("counted_before")
def test_new_counter_is_counted_by_the_next_refresh(monkeypatch: pytest.MonkeyPatch) -> None:
    use(monkeypatch, *counters.COUNTERS.values(), SKIPPED)
    assert total_of(SKIPPED.code) == 0

    follow_log(at=LATER)

    assert total_of(SKIPPED.code) == 1
    assert total_of("leads") == 2
    assert LogCursor.objects.get().counters["leads"][-1] == SKIPPED.code
    assert prove(at=LATER) == []


@pytest.mark.usefixtures("counted_before")
def test_counters_in_another_order_keep_their_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    before = counts_of(LEAD_ROLLUP)

    use(monkeypatch, *reversed(list(counters.COUNTERS.values())))

    assert total_of("mql") == before["mql"] == 2
    follow_log(at=LATER)
    assert total_of("mql") == 2
    assert counts_of(LEAD_ROLLUP) == before


@pytest.mark.usefixtures("counted_before")
def test_removed_counter_leaves_the_others_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = [counter for code, counter in counters.COUNTERS.items() if code != "engaged"]

    use(monkeypatch, *kept)

    assert total_of("mql") == 2
    follow_log(at=LATER)
    assert total_of("mql") == 2
    assert "engaged" not in LogCursor.objects.get().counters["leads"]
