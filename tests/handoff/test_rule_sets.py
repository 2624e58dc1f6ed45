from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from core.versioning.publishing import NotADraft, NotReady
from handoff.models import RoutingRule, RuleCondition, RuleSet
from handoff.routing import publishing
from handoff.routing.specs import RouteTarget, rule_set_from_json
from people.models import Membership, Team, User
from people.roles import Role
from tests.factories import make_person, make_rep
from tests.people.factories import MONDAY_9AM, make_team

pytestmark = pytest.mark.django_db

LATER = MONDAY_9AM + timedelta(hours=1)


@pytest.fixture
def team() -> Team:
    """Return the qualification team of a new installation, with one member."""
    team = Team.objects.get(name="Qualification")
    Membership.objects.create(team=team, user=make_rep("Sam"))
    return team


def make_user(email: str) -> User:
    return User.objects.create_user(email, name=email.split("@")[0].title())


def make_draft() -> RuleSet:
    return publishing.copy_to_draft(RuleSet.objects.get(status="published"))


def problems_of(draft: RuleSet) -> list[str]:
    with pytest.raises(NotReady) as refusal:
        publishing.publish(rule_set=draft, by=None, at=LATER)
    draft.refresh_from_db()
    assert (draft.status, draft.compiled) == ("draft", None)
    assert RuleSet.objects.get(status="published").version == 1
    return refusal.value.problems


def test_publishing_freezes_the_rules_and_retires_the_old_version(team: Team) -> None:
    draft = make_draft()
    operator = make_user("ops@example.com")

    publishing.publish(rule_set=draft, by=operator, at=LATER)

    draft.refresh_from_db()
    assert (draft.status, draft.published_by, draft.published_at) == ("published", operator, LATER)
    assert RuleSet.objects.get(version=1).status == "retired"
    assert draft.compiled is not None
    value = rule_set_from_json(draft.compiled)
    assert value == publishing.spec_of(draft)
    assert [rule.name for rule in value.rules] == [
        "Students and interns",
        "Owned accounts",
        "Demo and quote requests",
        "Consultation requests",
        "One download and nothing else",
        "Everybody else",
    ]
    demo = value.rules[2]
    assert (demo.target, demo.team_id, demo.policy_code) == (RouteTarget.POOL, team.pk, "urgent")
    assert publishing.spec_of(draft).rules[2].words == "Lead type is Demo or quote request"


def test_copy_has_the_same_rules_with_new_ids(team: Team) -> None:
    published = RuleSet.objects.get()

    draft = publishing.copy_to_draft(published)

    assert (draft.version, draft.status, draft.compiled) == (2, "draft", None)
    columns = ["position", "name", "target", "team", "policy_code", "conditions__field"]
    order = ["position", "conditions__pk"]
    assert list(draft.rules.order_by(*order).values_list(*columns)) == list(
        published.rules.order_by(*order).values_list(*columns)
    )
    assert not {rule.pk for rule in draft.rules.all()} & {r.pk for r in published.rules.all()}


def test_rule_keeps_its_key_in_every_version(team: Team) -> None:
    first = RuleSet.objects.get()
    second = publishing.copy_to_draft(first)
    publishing.publish(rule_set=second, by=None, at=LATER)

    third = publishing.copy_to_draft(second)

    keys = [rule.key for rule in third.rules.order_by("position")]
    assert keys == [rule.pk for rule in first.rules.order_by("position")]


def test_published_version_cannot_be_changed(team: Team) -> None:
    published = RuleSet.objects.get()

    with pytest.raises(NotADraft, match=r"Routing v1 is not a draft\. Copy it"):
        publishing.publish(rule_set=published, by=None, at=LATER)
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        published.rules.update(name="Mine now")
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        RuleSet.objects.update(compiled={})
    with pytest.raises(IntegrityError, match="never changed"), transaction.atomic():
        RuleSet.objects.update(status="draft")

    assert RuleSet.objects.get().published_at == MONDAY_9AM


def test_invalid_condition_names_its_rule_and_field(team: Team) -> None:
    draft = make_draft()
    demo = draft.rules.get(name="Demo and quote requests")
    demo.conditions.update(value="demmo")
    RuleCondition.objects.create(rule=demo, field="company.size", operator="is", value="big")

    assert problems_of(draft) == [
        "3. Demo and quote requests: Lead type: “demmo” is not one of its choices.",
        "3. Demo and quote requests: There is no field “company.size”.",
    ]


def test_last_rule_must_be_a_queue_for_all_leads(team: Team) -> None:
    draft = make_draft()
    last = draft.rules.get(name="Everybody else")
    RuleCondition.objects.create(rule=last, field="lead.score", operator="at_least", value=10)

    assert problems_of(draft) == [
        "The last rule, “Everybody else”, must assign all leads to a queue: "
        "target “Queue” and no conditions."
    ]


def test_inactive_rule_is_ignored(team: Team) -> None:
    draft = make_draft()
    draft.rules.filter(name="Students and interns").update(is_active=False)

    publishing.publish(rule_set=draft, by=None, at=LATER)

    draft.refresh_from_db()
    assert draft.compiled is not None
    assert "Students and interns" not in [rule["name"] for rule in draft.compiled["rules"]]

    second = make_draft()
    second.rules.filter(name="Everybody else").update(is_active=False)
    with pytest.raises(NotReady, match="The last rule, “One download and nothing else”"):
        publishing.publish(rule_set=second, by=None, at=LATER)


def test_queue_without_an_active_member_is_refused(team: Team) -> None:
    User.objects.filter(memberships__team=team).update(is_active=False)

    assert problems_of(make_draft()) == [
        "6. Everybody else: no one in Qualification may answer leads, so leads there would go "
        "unseen."
    ]


def test_queue_whose_members_may_not_answer_is_refused(team: Team) -> None:
    Membership.objects.filter(team=team).update(user=make_person(Role.MARKETER))

    assert problems_of(make_draft()) == [
        "6. Everybody else: no one in Qualification may answer leads, so leads there would go "
        "unseen."
    ]


def test_marketing_team_cannot_be_a_pool_or_queue(team: Team) -> None:
    marketing = Team.objects.get(name="Marketing")
    Membership.objects.create(team=marketing, user=make_rep())
    draft = make_draft()
    draft.rules.filter(position=2).update(team=marketing)
    draft.rules.filter(position=5).update(team=marketing)
    draft.rules.filter(position=1).update(when_nobody="queue", fallback_queue=marketing)

    why = "Marketing is a marketing team. Leads are offered to sales only."
    assert problems_of(draft) == [
        f"2. Owned accounts: {why}",
        f"3. Demo and quote requests: {why}",
        f"6. Everybody else: {why}",
    ]


def test_new_installation_may_be_unstaffed() -> None:
    assert not Membership.objects.exists()
    assert RuleSet.objects.get().status == "published"


def test_inactive_targets_are_refused(team: Team) -> None:
    draft = make_draft()
    gone = make_user("gone@example.com")
    draft.rules.filter(position=1).update(target=RoutingRule.Target.PERSON, person=gone)
    gone.is_active = False
    gone.save()
    closed = Team.objects.create(name="Closed", calendar=team.calendar, is_active=False)
    draft.rules.filter(position=2).update(team=closed)

    assert problems_of(draft) == [
        "2. Owned accounts: Gone is no longer active.",
        "3. Demo and quote requests: Closed is no longer active.",
    ]


def test_person_whom_routing_would_never_select_is_refused(team: Team) -> None:
    draft = make_draft()
    nora, mona, sam = make_rep("Nora"), make_person(Role.MARKETER, "Mona"), make_rep("Sam")
    make_team(nora, is_active=False)
    make_team(mona, sam)
    for position, person in ((1, nora), (2, mona), (3, sam)):
        draft.rules.filter(position=position).update(
            target=RoutingRule.Target.PERSON, person=person
        )

    assert problems_of(draft) == [
        "2. Owned accounts: Nora is not in an active team, so routing would never select them.",
        "3. Demo and quote requests: Mona may not answer leads, so routing would never "
        "select them.",
    ]


def test_unpublished_policy_is_refused(team: Team) -> None:
    draft = make_draft()
    draft.rules.filter(position=2).update(policy_code="platinum")

    assert problems_of(draft) == [
        "3. Demo and quote requests: SLA policy “platinum” is not published."
    ]


def test_required_field_must_be_in_the_catalog(team: Team) -> None:
    draft = make_draft()
    draft.required_fields = ["contact.title", "contact.shoe_size"]
    draft.save()

    assert problems_of(draft) == ["There is no field “contact.shoe_size” to require."]


def test_rule_may_match_on_any_condition(team: Team) -> None:
    draft = make_draft()
    rule = draft.rules.get(name="One download and nothing else")
    rule.match = RoutingRule.Match.ANY
    rule.save()

    value = publishing.spec_of(draft)

    assert value.rules[4].words == "Lead type is Content download or Number of touches is at most 1"
    assert value.rules[5].words == "every lead"
