"""The page of an SLA policy: live versions are read, drafts say how they differ."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handoff.admin.policy_editor.reading import Attainment, read_attainments
from handoff.models import SlaClock, SlaPolicy
from people.models import User
from people.roles import Role
from tests.admin_pages import url_of
from tests.factories import make_handoff, make_person
from tests.pages import Page, inline_code_of, signed_in_as
from tests.people.factories import MONDAY_9AM
from tests.statements import exactly_statements

BANNER = ".version-banner"
LIST = "admin:handoff_slapolicy_changelist"


def page_of(client: Client, policy: SlaPolicy, query: str = "") -> Page:
    return Page(client.get(url_of(policy) + query))


def test_targets_read_as_sentences(client: Client, live: SlaPolicy) -> None:
    page = page_of(client, live)

    assert page.texts(".policy-sentence")[:3] == [
        "Response within 4 working hours for all other leads",
        "Response within 30 working minutes for hot leads",
        "Response within 1 working hour for Consultation request leads",
    ]
    assert inline_code_of(page) == []


def test_live_version_says_so_and_how_to_change_it(client: Client, live: SlaPolicy) -> None:
    page = page_of(client, live)

    assert "Live since" in page.text(BANNER)
    assert "Select Edit to change them in a draft." in page.text(BANNER)
    assert not page.has("#policy-form")


def test_ladder_shows_the_steps_of_the_chosen_target(client: Client, live: SlaPolicy) -> None:
    hot = live.targets.get(clock="answer", temperature="hot")

    page = page_of(client, live, f"?target={hot.pk}")

    assert page.text(".policy-tabs [aria-current]") == "Response, hot leads"
    steps = page.texts(".ladder-step")
    assert steps[0] == "Warn the owner At 80% of the target After 24 working minutes"
    assert steps[1].endswith("When it is due After 30 working minutes")
    assert steps[2].startswith("Reassign When it is overdue")
    assert page.values(".ladder-warn", "cx") == ["56.8%"]


def test_edit_makes_a_draft_once(client: Client, live: SlaPolicy) -> None:
    copy_url = reverse("admin:handoff_slapolicy_copy", args=[live.pk])

    first = client.post(copy_url)
    second = client.post(copy_url)

    draft = SlaPolicy.objects.get(status="draft")
    assert [first.url, second.url] == [url_of(draft)] * 2  # type: ignore[attr-defined]
    assert "Draft: no changes yet" in page_of(client, draft).text(BANNER)


def test_draft_says_in_words_what_it_changes(client: Client, draft: SlaPolicy) -> None:
    draft.targets.filter(clock="answer", temperature="hot").update(within_minutes=20)
    draft.targets.filter(clock="first_contact", temperature="hot").delete()

    page = page_of(client, draft)

    assert "Draft: 2 changes, not live" in page.text(BANNER)
    assert page.texts(".version-notes li")[:2] == [
        "Response for hot leads: Within from 30 working minutes to 20 working minutes",
        "Removed: First contact within 1 working hour for hot leads",
    ]
    assert page.texts(".policy-target-head .badge") == ["Changed"]


def test_page_lists_the_rules_that_use_the_policy(client: Client, live: SlaPolicy) -> None:
    urgent = SlaPolicy.objects.get(code="urgent")

    assert "Demo and quote requests" in page_of(client, urgent).texts(".version-notes a")
    assert "Demo and quote requests" not in page_of(client, live).texts(".version-notes a")


def test_attainment_is_recounted_from_the_timers(live: SlaPolicy) -> None:
    for hours in (1, 2, 30):
        make_handoff(at=MONDAY_9AM + timedelta(hours=hours))
    at = MONDAY_9AM + timedelta(hours=60)
    first, second, _ = SlaClock.objects.filter(kind="answer").order_by("pk")
    first.stopped_at, first.is_met = first.started_at + timedelta(minutes=1), True
    first.save()
    second.breached_at = second.due_at
    second.save()

    counted = read_attainments(live.code, at)["answer"]

    timers = list(SlaClock.objects.filter(kind="answer", target__policy__code=live.code))
    due = [
        row for row in timers if row.due_at <= at and (row.is_met is not None or row.breached_at)
    ]
    met = [row for row in due if row.is_met]
    running = [row for row in timers if row.stopped_at is None]
    assert counted == Attainment(running=len(running), due=len(due), met=len(met))
    assert (counted.running, counted.due, counted.met) == (2, 2, 1)
    assert counted.percent == "50%"


def test_page_says_which_timers_its_percentages_count(client: Client, live: SlaPolicy) -> None:
    due = timezone.now() - timedelta(hours=1)
    handoff = make_handoff(at=due - timedelta(hours=1))
    handoff.clocks.filter(kind="answer").update(due_at=due, stopped_at=due, is_met=True)

    page = page_of(client, live)

    assert page.texts(".policy-attained")[0].startswith("Met 100%1 of 1 timers due in 30 days")
    assert "Reports count handoffs, by the day of their first offer." in page.text("main")


def test_page_takes_the_same_statements_for_more_targets(client: Client, draft: SlaPolicy) -> None:
    page_of(client, draft)
    draft.targets.filter(clock="new_request").delete()

    with exactly_statements(14):
        page_of(client, draft)


def test_list_has_every_policy_and_what_each_version_changed(
    client: Client, draft: SlaPolicy
) -> None:
    page = Page(client.get(reverse(LIST)))

    assert page.texts(".card h2") == ["Standard Live version 1 Default", "Urgent Live version 1"]
    assert url_of(draft) in page.links(".card-head a")
    assert "Response within 30 working minutes for hot leads" in page.texts(".policy-sentences li")


def test_list_takes_the_same_statements_for_more_versions(client: Client, draft: SlaPolicy) -> None:
    client.get(reverse(LIST))

    with exactly_statements(4):
        client.get(reverse(LIST))


def test_rep_cannot_open_policies(olga: User, live: SlaPolicy) -> None:
    rep = signed_in_as(make_person(Role.REP))

    assert rep.get(url_of(live)).status_code in {302, 403}
    assert rep.get(reverse(LIST)).status_code in {302, 403}
