"""A draft of a scoring model is edited in place, and two editors' changes are merged."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from core.formatting import NumberStyle
from leads import scoring_models
from leads.admin.scoring_editor import editing
from leads.admin.scoring_editor.forms import ScoringForm
from leads.field_catalog import CATALOG
from leads.models import ScoringCriterion, ScoringGroup, ScoringModel
from people.roles import Role
from tests.admin_pages import url_of
from tests.factories import make_person
from tests.pages import Page, htmx, signed_in_as
from tests.people.factories import MONDAY_9AM

BANNER = ".version-banner"


@pytest.fixture
def director(draft: ScoringModel) -> ScoringCriterion:
    return criterion(draft, "Director")


def criterion(draft: ScoringModel, label: str) -> ScoringCriterion:
    return ScoringCriterion.objects.get(group__model=draft, label=label)


def sent(draft: ScoringModel, row: ScoringCriterion | None = None, **values: Any) -> dict[str, Any]:
    """Return what the page sends with a criterion open; its values are named by column."""
    groups = editing.groups_of(draft.pk)
    form = ScoringForm(editing.values_of(draft, groups), groups, CATALOG, row.pk if row else 0)
    own = {"points", "label", "half_life_days"}
    prefix = f"criterion-{form.open_id}-"
    named = {(prefix + name if name in own else name): value for name, value in values.items()}
    return {"base": form.base, "criterion": form.open_id, **named}


def condition(field: str, operator: str, value: Any, was: str) -> dict[str, Any]:
    return {"c0-field": field, "c0-operator": operator, "c0-value": value, "c0-was": was}


def test_points_half_life_and_name_are_typed(client: Client, draft: ScoringModel) -> None:
    row = criterion(draft, "Requested a demo")
    values = {"points": "30", "half_life_days": "2 weeks", "label": "Demo"}

    page = Page(client.post(url_of(draft), sent(draft, row, **values), **htmx("editor")))

    row.refresh_from_db()
    assert (row.points, row.half_life_days, row.label) == (30, 14, "Demo")
    assert "Draft: 1 change, not live" in page.text(BANNER)
    assert page.text("#scoring-said") == "Saved"
    assert "14 days" in page.values("input")


def test_condition_is_picked_typed_and_saved(
    client: Client, draft: ScoringModel, director: ScoringCriterion
) -> None:
    picked = condition("company.employees", "is", "director", "contact.seniority:one")
    page = Page(client.post(url_of(draft), sent(draft, director, **picked), **htmx("editor")))
    assert page.values("[name=c0-value]", "type") == ["number"]
    assert page.text(".rule-open .faint.small") == "Not everything is saved yet."
    director.refresh_from_db()
    assert director.field == "contact.seniority"

    typed = condition("company.employees", "at_least", "200", "company.employees:one")
    client.post(url_of(draft), sent(draft, director, **typed), **htmx("editor"))

    director.refresh_from_db()
    assert (director.field, director.operator, director.value) == (
        "company.employees",
        "at_least",
        200,
    )


def test_errors_are_beside_the_fields_and_the_rest_is_saved(
    client: Client, draft: ScoringModel
) -> None:
    row = criterion(draft, "Requested a demo")
    group = draft.groups.get(code="title")
    values = sent(draft, row, points="5000", half_life_days="soon")
    values |= {f"group-{group.pk}-cap": "35", "mql_threshold": "101"}

    page = Page(client.post(url_of(draft), values))

    assert page.status == 422
    assert page.texts(".rule-open .field-error") == [
        "Ensure this value is less than or equal to 1000.",
        "Enter days or weeks, such as 30 days, at most 3650 days.",
    ]
    assert page.has("#scale .field-error")
    assert "5000" in page.values("input")
    group.refresh_from_db()
    row.refresh_from_db()
    assert (group.cap, row.points, row.half_life_days) == (35, 25, 60)


def test_half_life_ends_with_the_signal(client: Client, draft: ScoringModel) -> None:
    row = criterion(draft, "Requested a demo")
    values = condition("contact.has_email", "is", "yes", "contact.has_email:one")

    client.post(url_of(draft), sent(draft, row, half_life_days="60 days", **values))

    row.refresh_from_db()
    assert (row.field, row.value, row.half_life_days) == ("contact.has_email", True, None)


def test_new_criterion_is_named_by_its_condition(client: Client, draft: ScoringModel) -> None:
    group = draft.groups.get(code="company")
    answer = client.post(
        url_of(draft), sent(draft, act=f"add-criterion:{group.pk}"), **htmx("editor")
    )
    row = ScoringCriterion.objects.get(label=editing.NEW_CRITERION)
    assert Page(answer).values("[name=criterion]") == [str(row.pk)]
    assert "Choose a field, a comparison and a value." in Page(answer).text(
        f"#criterion-{row.pk} .rule-finding"
    )

    values = condition("company.employees", "at_least", "900", "company.employees:one")
    client.post(url_of(draft), sent(draft, row, label=row.label, points="15", **values))

    row.refresh_from_db()
    assert row.label == "Company size is at least 900 employees"
    assert (row.group_id, row.position, row.points) == (group.pk, 6, 15)

    values = condition("company.employees", "at_least", "800", "company.employees:one")
    client.post(url_of(draft), sent(draft, row, label=row.label, **values))
    row.refresh_from_db()
    assert row.label == "Company size is at least 800 employees"


def test_name_that_is_stored_has_the_numbers_of_no_reader(
    draft: ScoringModel, director: ScoringCriterion
) -> None:
    reader = make_person(Role.OPERATIONS, number_style=NumberStyle.POINT)
    values = condition("company.employees", "at_least", "1200", "company.employees:one")

    signed_in_as(reader).post(url_of(draft), sent(draft, director, label="", **values))

    director.refresh_from_db()
    assert director.label == "Company size is at least 1,200 employees"


def order(draft: ScoringModel) -> list[str]:
    return [
        row.label
        for group in editing.groups_of(draft.pk)
        for row in sorted(group.criteria.all(), key=lambda row: (row.position, row.pk))
    ][:9]


def test_criterion_moves_within_its_group_and_to_the_next(
    client: Client, draft: ScoringModel
) -> None:
    student = criterion(draft, "Student or job seeker")
    company = draft.groups.get(code="company")

    down = sent(draft, act=f"down-criterion:{student.pk}")
    page = Page(client.post(url_of(draft), down, **htmx("editor")))

    student.refresh_from_db()
    assert student.group == company
    assert page.text("#scoring-said") == (
        "Student or job seeker is now criterion 1 of Company size and fit"
    )
    client.post(url_of(draft), down)
    assert order(draft)[6:8] == ["50 to 500 employees", "Student or job seeker"]
    for _ in range(2):
        client.post(url_of(draft), sent(draft, act=f"up-criterion:{student.pk}"))
    assert order(draft)[6:8] == ["Student or job seeker", "50 to 500 employees"]
    student.refresh_from_db()
    assert student.group.code == "title"


def test_first_and_last_criterion_stay(client: Client, draft: ScoringModel) -> None:
    before = order(draft)
    last = criterion(draft, "Personal email address")

    client.post(url_of(draft), sent(draft, act=f"up-criterion:{criterion(draft, 'C-level').pk}"))
    client.post(url_of(draft), sent(draft, act=f"down-criterion:{last.pk}"))

    assert order(draft) == before
    assert criterion(draft, "Personal email address").position == 2


def test_groups_are_added_moved_and_removed(client: Client, draft: ScoringModel) -> None:
    client.post(url_of(draft), sent(draft, act="add-group"))
    client.post(url_of(draft), sent(draft, act="add-group"))
    first, second = draft.groups.filter(label=editing.NEW_GROUP).order_by("pk")
    assert (first.code, second.code) == ("new-group", "new-group-2")

    client.post(url_of(draft), sent(draft, act=f"up-group:{first.pk}"))
    client.post(url_of(draft), sent(draft, act=f"remove-group:{second.pk}"))

    labels = list(draft.groups.order_by("position").values_list("label", flat=True))
    assert labels == [
        "Title match",
        "Company size and fit",
        "Intent",
        "New group",
        "Contact verified",
    ]


def test_criterion_is_removed(
    client: Client, draft: ScoringModel, director: ScoringCriterion
) -> None:
    answer = client.post(
        url_of(draft),
        sent(draft, director, points="wrong", act=f"remove-criterion:{director.pk}"),
        **htmx("editor"),
    )

    assert not ScoringCriterion.objects.filter(pk=director.pk).exists()
    assert Page(answer).text("#scoring-said") == "Removed Director"


def test_intent_score_comes_from_the_chosen_group(client: Client, draft: ScoringModel) -> None:
    contact, intent = draft.groups.get(code="contact"), draft.groups.get(code="intent")

    client.post(url_of(draft), sent(draft, intent=contact.pk))

    contact.refresh_from_db()
    intent.refresh_from_db()
    assert (contact.code, intent.code) == ("intent", "intent-2")


def test_changes_of_two_editors_are_both_kept(
    client: Client, draft: ScoringModel, director: ScoringCriterion
) -> None:
    mine = sent(draft, director, points="25", label="Director", mql_threshold="75")
    ScoringCriterion.objects.filter(pk=director.pk).update(label="Head")
    ScoringModel.objects.filter(pk=draft.pk).update(mql_threshold=70)

    client.post(url_of(draft), mine)

    director.refresh_from_db()
    draft.refresh_from_db()
    assert (director.points, director.label, draft.mql_threshold) == (25, "Head", 70)


def test_change_of_the_same_value_is_shown_before_it_is_replaced(
    client: Client, draft: ScoringModel, director: ScoringCriterion
) -> None:
    mine = sent(draft, director, points="25")
    ScoringCriterion.objects.filter(pk=director.pk).update(points=15)

    page = Page(client.post(url_of(draft), mine))

    director.refresh_from_db()
    assert director.points == 15
    assert "Another user changed this meanwhile" in page.text(".rule-open .field-error")
    again = {**mine, "base": page.values("[name=base]")[0]}
    client.post(url_of(draft), again)
    director.refresh_from_db()
    assert director.points == 25


def test_conflict_about_a_condition_is_at_the_condition(
    client: Client, draft: ScoringModel, director: ScoringCriterion
) -> None:
    mine = sent(
        draft, director, **condition("contact.seniority", "is", "vp", "contact.seniority:one")
    )
    ScoringCriterion.objects.filter(pk=director.pk).update(value="manager")

    page = Page(client.post(url_of(draft), mine))

    assert "Another user changed this meanwhile" in page.text(".condition .field-error")
    director.refresh_from_db()
    assert director.value == "manager"


def test_row_that_another_editor_removed_is_dropped(
    client: Client, draft: ScoringModel, director: ScoringCriterion
) -> None:
    mine = sent(draft, director, points="25", name="Fit")
    director.delete()

    assert client.post(url_of(draft), mine).status_code == 302

    draft.refresh_from_db()
    assert draft.name == "Fit"


@pytest.mark.parametrize("act", ["add-criterion:99999", "up-group:x", "down-criterion:", "no:1"])
def test_act_on_what_is_not_there_changes_nothing(
    client: Client, draft: ScoringModel, act: str
) -> None:
    before = order(draft)

    assert client.post(url_of(draft), sent(draft, act=act)).status_code == 302

    assert order(draft) == before


@pytest.mark.parametrize("base", ["", "{", "[]", json.dumps({"name": 3})])
def test_base_that_cannot_be_read_is_what_is_stored(
    client: Client, draft: ScoringModel, base: str
) -> None:
    answer = client.post(url_of(draft), {**sent(draft), "base": base, "mql_threshold": "70"})

    assert answer.status_code == 302
    draft.refresh_from_db()
    assert draft.mql_threshold == 70


def test_live_version_is_not_saved(client: Client, live: ScoringModel) -> None:
    assert client.post(url_of(live), {"name": "Mine"}).status_code == 403


def test_handoff_owner_may_publish_but_not_edit(draft: ScoringModel) -> None:
    owner = signed_in_as(make_person(Role.HANDOFF_OWNER))
    publish = reverse("admin:leads_scoringmodel_publish", args=[draft.pk])

    assert owner.post(url_of(draft), sent(draft, name="Mine")).status_code == 403
    assert not Page(owner.get(url_of(draft))).has("#scoring-form")
    assert owner.post(publish, {"note": "As agreed."}).status_code == 302

    draft.refresh_from_db()
    assert (draft.status, draft.note, draft.name) == ("published", "As agreed.", "Fit and intent")


def test_draft_published_meanwhile_is_not_changed(
    client: Client, draft: ScoringModel, director: ScoringCriterion
) -> None:
    values = sent(draft, director, points="25")
    scoring_models.publish(model=draft, by=None, at=MONDAY_9AM)

    assert client.post(url_of(draft), values).status_code == 403
    director.refresh_from_db()
    assert director.points == 20


def test_saved_draft_is_reviewed_with_what_was_typed_last(
    client: Client, draft: ScoringModel, director: ScoringCriterion
) -> None:
    values = sent(draft, director, points="25", review="yes")

    answer = client.post(url_of(draft), values, **htmx("editor"))

    publish = reverse("admin:leads_scoringmodel_publish", args=[draft.pk])
    assert answer["HX-Redirect"] == publish
    page = Page(client.get(publish))
    assert page.texts(".changes .change")[0] == (
        "Changed +25 instead of +20 when Seniority is Director"
    )


def test_review_asks_for_a_note_and_publishes(
    client: Client, live: ScoringModel, draft: ScoringModel
) -> None:
    publish = reverse("admin:leads_scoringmodel_publish", args=[draft.pk])

    refused = client.post(publish, {"note": " "})
    answer = client.post(publish, {"note": "Fewer students."}, follow=True)

    assert refused.status_code == 422
    assert Page(refused).has("form .message-error")
    assert "Fit and intent v2 is live." in Page(answer).text(".messages")
    live.refresh_from_db()
    draft.refresh_from_db()
    assert (live.status, draft.status, draft.note) == ("retired", "published", "Fewer students.")


def test_draft_with_a_blocking_finding_is_not_published(
    client: Client, draft: ScoringModel
) -> None:
    ScoringGroup.objects.filter(model=draft, code="title").update(cap=4)
    publish = reverse("admin:leads_scoringmodel_publish", args=[draft.pk])

    page = Page(client.get(publish))

    assert "Fix 1 before you publish" in page.text("main")
    assert not page.has("form .button-main")
    assert client.post(publish, {"note": "Mine"}).status_code == 409
    draft.refresh_from_db()
    assert draft.is_draft


def test_banner_says_who_saved_a_draft_last(
    client: Client, draft: ScoringModel, director: ScoringCriterion
) -> None:
    client.post(url_of(draft), sent(draft, director, points="25"))

    banner = Page(client.get(url_of(draft))).text(BANNER)
    assert re.search(r"not live Saved .+M by Olga\. Leads are scored by version 1", banner)


def test_copy_starts_without_the_note(draft: ScoringModel) -> None:
    scoring_models.publish(model=draft, by=None, at=MONDAY_9AM, note="Why")

    assert ScoringModel.objects.get(pk=draft.pk).note == "Why"
    assert scoring_models.copy_to_draft(ScoringModel.objects.get(pk=draft.pk)).note == ""
