"""Consequences over the latest leads, recounted one by one from the full breakdown."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from handoff.models import Handoff
from leads import scoring
from leads.admin.scoring_editor.latest import Move, compare, read_latest, tally, usable_model
from leads.admin.scoring_editor.reading import read_editor
from leads.facts import PATHS, facts_from_row, signal_dates
from leads.field_catalog import CATALOG
from leads.models import Lead, ScoringCriterion, ScoringModel
from leads.scoring import model_from_rows
from people.roles import Role
from tests.factories import make_lead, make_person

NOW = timezone.now()


@pytest.fixture
def leads(live: ScoringModel) -> list[Lead]:
    """Make leads that opened lately and differ in their score, and one from before."""
    days = [1, 3, 8, 20, 45]
    rows = [
        make_lead(at=NOW - timedelta(days=1), seniority="vp"),
        make_lead(at=NOW - timedelta(days=3), seniority="student", employees=5),
        make_lead(at=NOW - timedelta(days=8), kind="content_download", lead_type="download"),
        make_lead(at=NOW - timedelta(days=20), kind="webinar_attended", employees=None, phone=""),
        make_lead(at=NOW - timedelta(days=45)),
    ]
    assert len(rows) == len(days)
    return rows


def lower(draft: ScoringModel, points: int) -> None:
    draft.mql_threshold = points
    draft.save()


def recounted(version: ScoringModel, lead: Lead) -> int:
    row = Lead.objects.filter(pk=lead.pk).values_list(*PATHS).get()
    model = model_from_rows(version)
    return scoring.score(model, facts_from_row(row), signal_dates(row[-1]), NOW).total


def test_mqls_under_both_versions_equal_a_recount(
    leads: list[Lead], live: ScoringModel, draft: ScoringModel
) -> None:
    ScoringCriterion.objects.filter(group__model=draft, label="50 to 500 employees").update(
        points=2
    )
    lower(draft, 50)
    recent = [lead for lead in leads if lead.opened_at > NOW - timedelta(days=30)]
    totals = {lead.pk: (recounted(live, lead), recounted(draft, lead)) for lead in recent}
    is_mql = {pk: (now >= 75, then >= 50) for pk, (now, then) in totals.items()}

    editor = read_editor(draft, Lead.objects.all(), NOW)
    comparison = editor.comparison

    assert comparison is not None
    assert comparison.leads == len(recent) == 4
    assert comparison.live_mqls == sum(now for now, _ in is_mql.values())
    assert comparison.draft_mqls == sum(then for _, then in is_mql.values())
    moved = [pk for pk, (now, then) in is_mql.items() if now != then]
    assert list(comparison.moves) == [Move(pk, *totals[pk], is_mql[pk][1]) for pk in moved]
    assert comparison.moves
    assert comparison.gained + comparison.lost == len(moved)
    assert [row.lead.pk for row in editor.moved] == moved


def test_total_without_words_equals_the_breakdown(leads: list[Lead], live: ScoringModel) -> None:
    model = usable_model(live.groups.order_by("position"), 75, CATALOG)
    recent = read_latest(Lead.objects.all(), [model], NOW)

    counted = tally(model, recent, NOW)

    by_id = {lead.pk: lead for lead in leads}
    assert counted.totals == [recounted(live, by_id[lead.pk]) for lead in recent]
    director = ScoringCriterion.objects.get(group__model=live, label="Director")
    met = [lead for lead in recent if lead.facts.get("contact.seniority") == "director"]
    assert counted.met[director.pk] == len(met) == 2


def test_criterion_is_decisive_where_the_score_differs_without_it(
    leads: list[Lead], draft: ScoringModel
) -> None:
    group = draft.groups.get(code="contact")
    phone = group.criteria.get(label="Phone number")
    whole = usable_model([group], 75, CATALOG)
    recent = read_latest(Lead.objects.all(), [whole], NOW)
    counted = tally(whole, recent, NOW)
    phone_id = phone.pk
    phone.delete()
    fresh = draft.groups.get(code="contact")

    without = tally(usable_model([fresh], 75, CATALOG), recent, NOW)

    differing = [a != b for a, b in zip(counted.totals, without.totals, strict=True)]
    assert counted.met[phone_id] == 3
    assert counted.decisive[phone_id] == sum(differing) == 0


def test_points_that_halved_to_none_are_not_lost_to_the_cap(live: ScoringModel) -> None:
    group = live.groups.get(code="intent")
    demo = group.criteria.get(label="Requested a demo")
    model = usable_model([group], 75, CATALOG)
    later = NOW + timedelta(days=600)
    make_lead(at=NOW - timedelta(days=1))
    recent = read_latest(Lead.objects.all(), [model], NOW)

    counted = tally(model, recent, later)

    assert (counted.totals, counted.met[demo.pk], counted.decisive[demo.pk]) == ([0], 1, 1)


def test_versions_with_the_same_rows_move_no_lead(leads: list[Lead], live: ScoringModel) -> None:
    model = usable_model(live.groups.order_by("position"), 75, CATALOG)
    recent = read_latest(Lead.objects.all(), [model], NOW)
    counted = tally(model, recent, NOW)

    assert compare(recent, model, model, counted, counted).moves == []


def test_only_leads_that_the_reader_may_see_are_counted(
    leads: list[Lead], draft: ScoringModel
) -> None:
    rep = make_person(Role.REP)
    handoff = Handoff.objects.filter(lead=leads[0]).get()
    Lead.objects.filter(pk=handoff.lead_id).update(owner=rep, queue=None)
    lower(draft, 100)

    seen = read_editor(draft, Lead.objects.held_for(rep), NOW)
    unseen = read_editor(draft, Lead.objects.held_for(make_person(Role.REP)), NOW)

    assert [row.lead for row in seen.moved] == [leads[0]]
    assert seen.tally.leads == 1
    assert unseen.tally.leads == 0
