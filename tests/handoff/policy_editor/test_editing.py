"""A draft of an SLA policy is edited in place, and two editors' changes are merged."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handoff.admin.policy_editor import editing
from handoff.models import SlaPolicy, SlaTarget
from handoff.sla import versions
from people.roles import Role
from tests.admin_pages import url_of
from tests.factories import make_person
from tests.pages import Page, htmx, signed_in_as
from tests.people.factories import MONDAY_9AM

BANNER = ".version-banner"


@pytest.fixture
def hot(draft: SlaPolicy) -> SlaTarget:
    return draft.targets.get(clock="answer", temperature="hot")


def sent(draft: SlaPolicy, **values: Any) -> dict[str, Any]:
    return {"base": json.dumps(dict(editing.values_of(draft))), **values}


def within(target: SlaTarget, text: str) -> dict[str, str]:
    return {f"{target.pk}-within_minutes": text}


def minutes(target: SlaTarget) -> int:
    target.refresh_from_db()
    return target.within_minutes


def test_duration_is_typed_in_words(client: Client, draft: SlaPolicy, hot: SlaTarget) -> None:
    answer = client.post(
        url_of(draft), sent(draft, **within(hot, "20 working minutes")), **htmx("editor")
    )

    page = Page(answer)
    assert minutes(hot) == 20
    assert "Draft: 1 change, not live" in page.text(".version-banner")
    assert page.text("#policy-said") == "Saved"
    assert "20 minutes" in page.values("input")


def test_error_is_beside_the_field_and_the_rest_is_saved(
    client: Client, draft: SlaPolicy, hot: SlaTarget
) -> None:
    values = {**within(hot, "2 days"), f"{hot.pk}-warn_at_percent": "50"}

    page = Page(client.post(url_of(draft), sent(draft, **values)))

    assert page.status == 422
    assert page.text(".policy-targets .field-error").startswith("Enter hours or minutes")
    assert "2 days" in page.values("input")
    hot.refresh_from_db()
    assert (hot.within_minutes, hot.warn_at_percent) == (30, 50)


def test_step_is_removed_and_added(client: Client, draft: SlaPolicy, hot: SlaTarget) -> None:
    client.post(url_of(draft), sent(draft, step=f"off:{hot.pk}"))
    hot.refresh_from_db()
    assert not hot.reassigns_on_breach

    client.post(url_of(draft), sent(draft, step=f"on:{hot.pk}"))
    hot.refresh_from_db()
    assert hot.reassigns_on_breach


def test_target_is_added_and_removed(client: Client, draft: SlaPolicy) -> None:
    new = {"add": "answer", "answer-temperature": "warm", "answer-within_minutes": "2 hours"}

    assert client.post(url_of(draft), sent(draft, **new)).status_code == 302

    target = draft.targets.get(temperature="warm")
    assert target.within_minutes == 120
    client.post(url_of(draft), sent(draft, remove=target.pk))
    assert not draft.targets.filter(temperature="warm").exists()


def test_second_target_for_the_same_leads_is_refused(client: Client, draft: SlaPolicy) -> None:
    new = {"add": "answer", "answer-temperature": "hot", "answer-within_minutes": "2 hours"}

    page = Page(client.post(url_of(draft), sent(draft, **new)))

    assert page.status == 422
    assert page.text(".policy-new .field-error").startswith("There is a target for these leads")
    assert draft.targets.filter(clock="answer", temperature="hot").count() == 1


def test_changes_of_two_editors_are_both_kept(
    client: Client, draft: SlaPolicy, hot: SlaTarget
) -> None:
    mine = sent(draft, **within(hot, "20"), name="Standard")
    draft.name = "Regular"
    draft.save()

    client.post(url_of(draft), mine)

    draft.refresh_from_db()
    assert (draft.name, minutes(hot)) == ("Regular", 20)


def test_change_of_the_same_value_is_shown_before_it_is_replaced(
    client: Client, draft: SlaPolicy, hot: SlaTarget
) -> None:
    mine = sent(draft, **within(hot, "20"))
    hot.within_minutes = 45
    hot.save()

    page = Page(client.post(url_of(draft), mine))

    assert minutes(hot) == 45
    assert "Another user changed this meanwhile" in page.text(".policy-targets .field-error")
    client.post(url_of(draft), sent(draft, **within(hot, "20")))
    assert minutes(hot) == 20


def test_live_version_is_not_saved(client: Client, live: SlaPolicy) -> None:
    assert client.post(url_of(live), {"name": "Mine"}).status_code == 403


def test_handoff_owner_may_publish_but_not_edit(draft: SlaPolicy, hot: SlaTarget) -> None:
    owner = signed_in_as(make_person(Role.HANDOFF_OWNER))
    publish = reverse("admin:handoff_slapolicy_publish", args=[draft.pk])

    assert owner.post(url_of(draft), sent(draft, **within(hot, "20"))).status_code == 403
    assert not Page(owner.get(url_of(draft))).has("#policy-form")
    assert owner.post(publish, {"note": "As agreed."}).status_code == 302

    draft.refresh_from_db()
    assert (draft.status, draft.note) == ("published", "As agreed.")


def test_review_shows_the_changes_in_words(
    client: Client, draft: SlaPolicy, hot: SlaTarget
) -> None:
    hot.within_minutes = 20
    hot.save()
    url = reverse("admin:handoff_slapolicy_publish", args=[draft.pk])

    page, refused = Page(client.get(url)), client.post(url, {"note": " "})

    assert page.texts(".changes .change") == [
        "Changed Response for hot leads Within: 30 working minutes becomes 20 working minutes"
    ]
    assert refused.status_code == 422
    assert Page(refused).has("form .message-error")


def test_draft_without_a_general_target_is_not_published(client: Client, draft: SlaPolicy) -> None:
    draft.targets.filter(clock="answer", lead_type=None, temperature="").delete()
    url = reverse("admin:handoff_slapolicy_publish", args=[draft.pk])

    assert "Add a target for “Response”" in Page(client.get(url)).text(".policy-problem")
    assert client.post(url, {"note": "Mine"}).status_code == 409
    assert SlaPolicy.objects.get(pk=draft.pk).is_draft


def test_saved_draft_is_reviewed_with_what_was_typed_last(
    client: Client, draft: SlaPolicy, hot: SlaTarget
) -> None:
    answer = client.post(
        url_of(draft), sent(draft, review="yes", **within(hot, "20")), **htmx("editor")
    )

    assert answer["HX-Redirect"] == reverse("admin:handoff_slapolicy_publish", args=[draft.pk])
    assert minutes(hot) == 20


def test_draft_published_meanwhile_is_not_changed(
    client: Client, draft: SlaPolicy, hot: SlaTarget
) -> None:
    values = sent(draft, **within(hot, "20"))
    versions.publish(policy=draft, by=None, at=MONDAY_9AM)

    assert client.post(url_of(draft), values).status_code == 403
    assert minutes(hot) == 30


def test_banner_says_who_saved_a_draft_last(
    client: Client, draft: SlaPolicy, hot: SlaTarget
) -> None:
    client.post(url_of(draft), sent(draft, **within(hot, "20")))

    assert re.search(r"not live Saved .+M by Olga\.", Page(client.get(url_of(draft))).text(BANNER))


def test_draft_changed_by_no_user_names_nobody(
    client: Client, draft: SlaPolicy, hot: SlaTarget
) -> None:
    hot.delete()

    banner = Page(client.get(url_of(draft))).text(BANNER)
    assert re.search(r"1 change, not live Saved [^.]+M\. New leads", banner)
