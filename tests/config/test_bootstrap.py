import json
from io import StringIO

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command

from config.bootstrap import bootstrap
from core.versioning.models import ContentStatus
from handoff.models import RejectionReason, RuleSet, SlaPolicy, SlaTarget
from leads.live_catalog import live_catalog
from leads.models import LeadType, ScoringModel, Source, StageDefinition
from leads.stages import Stage
from people.models import Team, User, WorkCalendar
from people.roles import Role
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db


def run_command() -> list[str]:
    out = StringIO()
    call_command("bootstrap", "--json", stdout=out)
    created: list[str] = json.loads(out.getvalue())["created"]
    return created


def test_bootstrap_creates_all_defaults() -> None:
    bootstrap(at=MONDAY_9AM)

    assert set(Group.objects.values_list("name", flat=True)) == {role.label for role in Role}
    assert WorkCalendar.objects.get().current_edition is not None
    assert dict(Team.objects.values_list("name", "function")) == {
        "Marketing": "marketing",
        "Qualification": "sdr",
    }
    assert dict(LeadType.objects.values_list("code", "is_hand_raise")) == {
        "demo": True,
        "consultation": True,
        "download": False,
        "low_intent": False,
    }
    assert Source.objects.filter(code="organic-search", is_active=True).exists()


def test_second_bootstrap_creates_nothing() -> None:
    Source.objects.all().delete()

    assert len(run_command()) == 11

    assert run_command() == []


def test_bootstrap_keeps_edited_and_retired_defaults() -> None:
    bootstrap(at=MONDAY_9AM)
    Team.objects.filter(name="Qualification").update(name="Inside sales")
    LeadType.objects.filter(code="demo").update(name="Show me", temperature="warm")
    RejectionReason.objects.filter(code="bad_timing").update(is_active=False, cool_down_days=90)
    Source.objects.filter(code="partner").delete()

    assert bootstrap(at=MONDAY_9AM) == []

    assert Team.objects.get(function="sdr").name == "Inside sales"
    demo = LeadType.objects.get(code="demo")
    assert (demo.name, demo.temperature) == ("Show me", "warm")
    bad_timing = RejectionReason.objects.get(code="bad_timing")
    assert (bad_timing.is_active, bad_timing.cool_down_days) == (False, 90)
    assert not Source.objects.filter(code="partner").exists()


def test_default_versions_are_published() -> None:
    bootstrap(at=MONDAY_9AM)

    published = {"status": ContentStatus.PUBLISHED, "published_at": MONDAY_9AM}
    assert StageDefinition.objects.filter(**published).count() == len(Stage)
    assert ScoringModel.objects.filter(**published).count() == 1
    assert SlaPolicy.objects.filter(**published).count() == 2
    assert RuleSet.objects.filter(**published).count() == 1


def test_default_definitions_are_complete() -> None:
    bootstrap(at=MONDAY_9AM)

    for definition in StageDefinition.objects.all():
        assert definition.buyer_did
        assert definition.company_looks_like
        assert definition.problem_shows
        assert definition.sales_does_next


def test_default_scoring_model_has_agreed_weights() -> None:
    bootstrap(at=MONDAY_9AM)

    model = ScoringModel.objects.get()
    assert dict(model.groups.values_list("code", "cap")) == {
        "title": 30,
        "company": 25,
        "intent": 35,
        "contact": 10,
    }
    assert (model.mql_threshold, model.auto_accept_intent) == (75, 70)


def test_default_sla_targets() -> None:
    bootstrap(at=MONDAY_9AM)

    first_contact = SlaTarget.objects.filter(policy__code="standard", clock="first_contact")
    assert dict(first_contact.values_list("temperature", "within_minutes")) == {"": 480, "hot": 60}
    assert not SlaTarget.objects.filter(counts_business_time=False).exists()
    assert SlaPolicy.objects.get(is_default=True).code == "standard"


def test_default_reasons_have_routes() -> None:
    bootstrap(at=MONDAY_9AM)

    assert list(
        RejectionReason.objects.order_by("position").values_list(
            "code", "route", "cool_down_days", "requires_attempts"
        )
    ) == [
        ("not_icp", "suppress", None, False),
        ("no_budget", "renurture", 365, False),
        ("no_authority", "return", None, False),
        ("bad_timing", "renurture", 180, False),
        ("duplicate", "link", None, False),
        ("unresponsive", "passive", None, True),
        ("bad_data", "enrich", None, False),
    ]


def test_required_context_is_in_the_catalog() -> None:
    bootstrap(at=MONDAY_9AM)

    required = {code for row in LeadType.objects.all() for code in row.required_context}

    assert required <= live_catalog().keys()


def test_operations_edit_configuration_but_not_history_or_permissions() -> None:
    bootstrap(at=MONDAY_9AM)
    operator = User.objects.create_user("ops@example.com", name="Ops", is_staff=True)
    operator.groups.add(Group.objects.get(name=Role.OPERATIONS.label))

    allowed = operator.get_all_permissions()

    assert {"handoff.change_routingrule", "people.add_user", "api.add_apikey"} <= allowed
    assert not {
        right
        for right in allowed
        if right.endswith(("_lead", "_leadevent", "_handoff", "_touch", "_group", "_permission"))
    }
    assert "handoff.delete_rejectionreason" not in allowed


def test_rep_has_no_admin_permissions() -> None:
    bootstrap(at=MONDAY_9AM)
    rep = User.objects.create_user("rep@example.com", name="Sam")
    rep.groups.add(Group.objects.get(name=Role.REP.label))

    assert rep.get_all_permissions() == set()
