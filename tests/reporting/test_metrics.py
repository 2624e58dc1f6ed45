"""The registry of counters and metrics, and how figures are shown."""

from datetime import date, timedelta
from itertools import pairwise

import pytest

from reporting.pages.components import tile
from reporting.pages.labels import counts_label, delta, value_label
from reporting.queries.reports import PINNED, REPORTS, SPEEDS
from reporting.queries.rollup_queries import Question, read
from reporting.queries.scope import BadScope, Key, Period, Scope, read_scope, recent
from reporting.registry.counters import COUNTERS, Basis
from reporting.registry.figures import Figure, figure
from reporting.registry.metrics import METRICS, Metric, Unit
from reporting.registry.waits import of_seconds
from reporting.rollups.build import HANDOFF_ROLLUP, LEAD_ROLLUP, ROLLUPS, Rollup

TODAY = date(2026, 3, 20)
ACCEPTANCE = METRICS["sales_acceptance"]


@pytest.mark.parametrize("rollup", ROLLUPS.values(), ids=str)
def test_rollup_has_a_column_for_each_dimension(
    rollup: Rollup,
) -> None:
    columns = {field.name for field in rollup.model._meta.concrete_fields}

    assert columns == {"id", "grain", "day", *rollup.dimensions, "counts", "waits", "wait_steps"}


@pytest.mark.parametrize("metric", METRICS.values(), ids=lambda metric: metric.code)
def test_both_parts_of_a_metric_have_the_same_basis(metric: Metric) -> None:
    assert {counter.basis for counter in metric.parts.values()} == {metric.basis}
    assert metric.wording.endswith(".")
    assert metric.version == 1


def test_no_two_metrics_have_the_same_name() -> None:
    names = [metric.name for metric in METRICS.values()]

    assert sorted(set(names)) == sorted(names)


def test_at_most_seven_metrics_are_pinned() -> None:
    assert len(PINNED) <= 7
    assert {"sales_acceptance", "time_to_first_action", "source_to_sql"} <= set(PINNED)


def test_smallest_grain_with_the_dimensions_is_read() -> None:
    assert LEAD_ROLLUP.grain_for(()) == LEAD_ROLLUP.mask(())
    assert LEAD_ROLLUP.grain_for({"owner"}) == LEAD_ROLLUP.mask(("team", "owner"))
    assert HANDOFF_ROLLUP.grain_for({"source"}) == HANDOFF_ROLLUP.mask(("source", "reason"))
    assert HANDOFF_ROLLUP.grain_for({"reason", "user"}) is None


def test_every_report_can_be_filtered_by_all_its_filters() -> None:
    where = {"source": 1, "campaign": 2, "lead_type": 3, "team": 4}
    scope = Scope(Period(TODAY, TODAY), where)

    for report in REPORTS.values():
        for group in report.groups:
            for question in report.questions(scope, group):
                needed = {*question.by, *where}
                assert ROLLUPS[question.basis].grain_for(needed) is not None, (report.name, group)


def test_rate_without_denominator_is_a_dash() -> None:
    nothing = Figure(ACCEPTANCE, 0, 0)

    assert nothing.value is None
    assert value_label(nothing) == "–"
    assert value_label(Figure(ACCEPTANCE, 0, 4)) == "0%"
    assert counts_label(Figure(ACCEPTANCE, 41, 178)) == "41 of 178"


def test_median_is_shown_as_a_duration() -> None:
    waits = of_seconds([2700, 2700, 2700, 2700])
    counts = {**dict.fromkeys(COUNTERS, 0), "contacted": 4, "handoffs": 9, "handoffs_waits": waits}

    median = figure(METRICS["time_to_first_action"], counts)

    assert median.metric.unit is Unit.MEDIAN
    assert value_label(median) == "45\N{NO-BREAK SPACE}min"
    assert counts_label(median) == "4 of 9 handoffs"


@pytest.mark.parametrize(("days", "note"), [(1, "1 day"), (2, "2 days")])
def test_tile_of_a_count_shows_the_number_of_days(days: int, note: str) -> None:
    leads = figure(METRICS["leads"], {"leads": 3})

    assert tile(leads, Scope(recent(days, TODAY))).note == note


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"reason": "not_icp"}, "These figures are not counted by reason."),
        ({"reason": "not_icp", "team": 1}, "These figures are not counted by reason."),
    ],
)
def test_dimensions_without_a_grain_are_refused(where: dict[str, Key], words: str) -> None:
    question = Question(Basis.LEADS, Scope(recent(1, TODAY), where))

    with pytest.raises(BadScope, match=f"^{words}$"):
        read([question])


def test_dimensions_that_are_not_counted_together_are_refused() -> None:
    scope = Scope(recent(1, TODAY), {"reason": "not_icp", "user": 1})

    with pytest.raises(BadScope, match="are not counted by reason and user together."):
        read([Question(Basis.HANDOFFS, scope)])


@pytest.mark.parametrize(
    ("report", "shown"),
    [
        ("overview", {"leads", "engaged", "mql", "sal", "sql", "opportunity", "won"}),
        ("rejections", {"handoffs", "rejections", "cannot_evaluate"}),
        ("speed", {"handoffs", *SPEEDS}),
    ],
)
def test_report_lists_each_of_its_metrics_once(report: str, shown: set[str]) -> None:
    codes = [metric.code for metric in REPORTS[report].metrics]

    assert shown <= set(codes)
    assert len(codes) == len(set(codes))


def test_rates_change_in_points_and_counts_in_percent() -> None:
    rate = delta(Figure(ACCEPTANCE, 3, 4), Figure(ACCEPTANCE, 1, 2))
    leads = delta(Figure(METRICS["leads"], 90, 90), Figure(METRICS["leads"], 100, 100))

    assert rate is not None
    assert (rate.text, rate.direction, rate.tone) == ("+25\N{NO-BREAK SPACE}pts", "up", "good")
    assert leads is not None
    assert (leads.text, leads.direction, leads.tone) == ("−10%", "down", "")
    assert delta(Figure(ACCEPTANCE, 3, 4), Figure(ACCEPTANCE, 0, 0)) is None
    assert delta(Figure(METRICS["leads"], 900, 900), Figure(METRICS["leads"], 20, 20)) is None


@pytest.mark.parametrize(
    ("days", "steps"), [(1, 1), (7, 7), (20, 10), (30, 5), (90, 13), (365, 14)]
)
def test_period_has_few_steps(days: int, steps: int) -> None:
    period = recent(days, TODAY)

    assert period.days == days
    assert len(list(period.steps())) <= steps
    assert next(period.steps()) == period.first


@pytest.mark.parametrize("days", [1, 20, 27, 30, 90, 365])
def test_only_the_first_step_of_a_period_is_short(days: int) -> None:
    period = recent(days, TODAY)

    starts = [*period.steps(), TODAY + timedelta(1)]

    lengths = [(after - start).days for start, after in pairwise(starts)]
    assert set(lengths[1:]) <= {period.step}
    assert lengths[0] == period.step - period.missing


def test_previous_period_has_the_same_length() -> None:
    before = Period(date(2026, 3, 1), date(2026, 3, 20)).before

    assert before == Period(date(2026, 2, 9), date(2026, 2, 28))


def test_scope_survives_a_round_trip_through_an_address() -> None:
    scope = Scope(Period(date(2026, 3, 1), TODAY), {"reason": "not_icp", "source": None, "team": 4})

    parameters = dict(part.split("=") for part in scope.query().split("&"))

    assert read_scope(parameters, today=TODAY) == scope


def test_key_too_large_for_the_database_is_refused() -> None:
    with pytest.raises(BadScope, match="is not the number of a source"):
        read_scope({"source": "9" * 30}, today=TODAY)
