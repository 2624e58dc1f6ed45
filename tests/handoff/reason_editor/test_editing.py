"""Reasons are edited in place, and the changes of two editors are both kept or both shown."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from handoff.models import RejectionReason
from people.roles import Role
from tests.admin_pages import url_of
from tests.factories import make_person
from tests.pages import Page, htmx, messages_of, signed_in_as

ADD = "admin:handoff_rejectionreason_add"
LIST = "admin:handoff_rejectionreason_changelist"
FORM = "#reason-form"


def filled_in(client: Client, url: str) -> dict[str, Any]:
    """Return what a browser would send of the form at an address."""
    return sent_by(Page(client.get(url)))


def sent_by(page: Page) -> dict[str, Any]:
    sent: dict[str, Any] = {}
    for control in page.all(f"{FORM} :is(input, select)[name]"):
        name, value = control.attributes["name"] or "", control.attributes.get("value") or ""
        if control.tag == "select":
            chosen = [option.attributes["value"] or "" for option in control.css("[selected]")]
            sent[name] = chosen if "multiple" in control.attributes else "".join(chosen)
        elif control.attributes.get("type") != "checkbox":
            sent[name] = value
        elif "checked" in control.attributes:
            sent[name] = "on"
    return sent


def save(client: Client, url: str, sent: dict[str, Any], **changes: Any) -> Any:
    return client.post(url, {**sent, "save": "yes", **changes})


def show(client: Client, url: str, sent: dict[str, Any], **changes: Any) -> Page:
    """Return what htmx shows of a change before it is saved."""
    return Page(client.post(url, {**sent, **changes}, **htmx("editor")))


def keys() -> dict[str, int | None]:
    active = RejectionReason.objects.filter(is_active=True)
    return dict(active.order_by("position", "pk").values_list("code", "key"))


def deactivate(*codes: str) -> None:
    RejectionReason.objects.filter(code__in=codes).update(is_active=False)


def add(client: Client, label: str, **fields: Any) -> Any:
    url = reverse(ADD)
    sent = filled_in(client, url) | {"route": "suppress"}
    return save(client, url, sent, label=label, **fields)


def test_consequences_are_shown_before_and_after_saving(
    client: Client, timing: RejectionReason
) -> None:
    url, sent = url_of(timing), filled_in(client, url_of(timing))

    page = show(client, url, sent, cool_down_days="90")

    sentences = [
        "Leads rejected with it from now on may resurface after 90 days instead of after 180 days.",
        "No lead is waiting for its date now.",
    ]
    assert page.texts(".reason-consequences li") == sentences
    timing.refresh_from_db()
    assert timing.cool_down_days == 180

    answer = client.post(url, {**sent, "cool_down_days": "90", "save": "yes"}, follow=True)

    assert messages_of(answer) == [" ".join(["Saved “Bad timing”.", *sentences])]
    timing.refresh_from_db()
    assert timing.cool_down_days == 90


def test_consequences_are_shown_without_scripts(client: Client, timing: RejectionReason) -> None:
    sent = filled_in(client, url_of(timing))

    page = Page(client.post(url_of(timing), {**sent, "requires_note": "on", "show": "yes"}))

    assert page.status == 200
    assert page.texts(".reason-consequences li") == ["Reps must add a note."]
    assert page.has("noscript")
    timing.refresh_from_db()
    assert not timing.requires_note


def test_consequences_are_read_aloud(client: Client, timing: RejectionReason) -> None:
    sent = filled_in(client, url_of(timing))

    page = show(client, url_of(timing), sent, requires_note="on")

    assert page.text("#reasons-said") == "Reps must add a note."


@pytest.mark.parametrize("base", ["", "[1]", "{", "5"])
def test_form_without_a_base_is_compared_with_the_row(
    client: Client, timing: RejectionReason, base: str
) -> None:
    sent = filled_in(client, url_of(timing))

    assert save(client, url_of(timing), sent, base=base, label="Not now").status_code == 302

    timing.refresh_from_db()
    assert timing.label == "Not now"


def test_unchanged_form_changes_nothing(client: Client, timing: RejectionReason) -> None:
    before = RejectionReason.objects.order_by("pk").values()
    sent = filled_in(client, url_of(timing))

    answer = client.post(url_of(timing), {**sent, "save": "yes"}, follow=True)

    assert messages_of(answer) == ["Saved “Bad timing”."]
    assert list(RejectionReason.objects.order_by("pk").values()) == list(before)


def test_preview_shows_what_reps_would_read(client: Client, timing: RejectionReason) -> None:
    sent = filled_in(client, url_of(timing))

    page = show(client, url_of(timing), sent, label="Not now", help="Later.", route="suppress")

    assert page.text(".reason-changed") == (
        "4 Not now Later. Closes the lead and suppresses the contact."
    )
    assert len(page.all(".reason-shown")) == 7
    # A closed lead has no date.
    assert not page.has("#reason-cool_down_days")


def test_route_that_waits_needs_a_date_beside_the_field(
    client: Client, timing: RejectionReason
) -> None:
    profile = RejectionReason.objects.get(code="not_icp")
    sent = filled_in(client, url_of(profile))

    refused = save(client, url_of(profile), sent, route="renurture")

    page = Page(refused)
    assert page.status == 422
    assert page.texts(".field:has(#reason-cool_down_days) .field-error") == [
        "Enter after how many days these leads may resurface."
    ]
    sent = filled_in(client, url_of(profile)) | {"route": "renurture"}
    page = show(client, url_of(profile), sent)
    assert not page.has(".field-error")
    assert save(client, url_of(profile), sent_by(page), cool_down_days="30").status_code == 302
    profile.refresh_from_db()
    assert (profile.route, profile.cool_down_days) == ("renurture", 30)
    assert profile.signal_kinds == ["demo_request", "quote_request", "consultation_request"]


def test_route_that_waits_for_a_signal_needs_one(client: Client) -> None:
    reason = RejectionReason.objects.get(code="unresponsive")
    sent = filled_in(client, url_of(reason))

    page = Page(save(client, url_of(reason), sent, signal_kinds=[]))

    assert page.texts(".field-error") == ["Choose at least one touch that ends their wait."]
    reason.refresh_from_db()
    assert reason.signal_kinds != []


def test_two_reasons_swap_their_keys(client: Client, timing: RejectionReason) -> None:
    sent = filled_in(client, url_of(timing))
    page = show(client, url_of(timing), sent, key="1")

    assert "1, swap with “Outside our customer profile”" in page.texts("#reason-key option")
    assert page.texts(".reason-consequences li") == [
        "“Outside our customer profile” gets the key 4 instead of 1.",
        "Reps type 1 instead of 4.",
    ]
    assert page.texts(".reason-shown kbd") == ["4", "2", "3", "1", "5", "6", "7"]

    assert save(client, url_of(timing), sent, key="1").status_code == 302
    assert (keys()["bad_timing"], keys()["not_icp"]) == (1, 4)


def test_swap_that_the_page_did_not_show_is_shown_first(
    client: Client, timing: RejectionReason
) -> None:
    sent = filled_in(client, url_of(timing))
    RejectionReason.objects.filter(code="bad_data").update(key=9)

    page = Page(save(client, url_of(timing), sent, key="9"))

    assert page.status == 422
    assert "“Bad data” has this key since you opened the page." in page.text(".field-error")
    assert (keys()["bad_timing"], keys()["bad_data"]) == (4, 9)
    assert save(client, url_of(timing), sent_by(page)).status_code == 302
    assert (keys()["bad_timing"], keys()["bad_data"]) == (9, 4)


def test_changes_of_two_editors_are_both_kept(client: Client, timing: RejectionReason) -> None:
    sent = filled_in(client, url_of(timing))
    RejectionReason.objects.filter(pk=timing.pk).update(help="Theirs.")

    assert "Another user changed “When to use it” meanwhile." in show(
        client, url_of(timing), sent, label="Not now"
    ).text(f"{FORM} .message-info")
    save(client, url_of(timing), sent, label="Not now")

    timing.refresh_from_db()
    assert (timing.label, timing.help) == ("Not now", "Theirs.")


def test_change_of_the_same_value_is_shown_before_it_is_replaced(
    client: Client, timing: RejectionReason
) -> None:
    sent = filled_in(client, url_of(timing))
    RejectionReason.objects.filter(pk=timing.pk).update(label="Theirs", route="passive")

    page = Page(save(client, url_of(timing), sent, label="Mine", route="suppress"))

    assert page.status == 422
    assert page.texts(f"{FORM} .field-error") == [
        f"Another user changed this to {theirs} meanwhile. Yours is shown here and is not saved "
        "yet. Save to replace theirs."
        for theirs in ("Theirs", "Nurture until a buying signal")
    ]
    timing.refresh_from_db()
    assert (timing.label, timing.route) == ("Theirs", "passive")
    assert save(client, url_of(timing), sent_by(page)).status_code == 302
    timing.refresh_from_db()
    assert (timing.label, timing.route) == ("Mine", "suppress")


def test_change_that_another_one_makes_void_is_not_lost_silently(
    client: Client, timing: RejectionReason
) -> None:
    sent = filled_in(client, url_of(timing))
    RejectionReason.objects.filter(pk=timing.pk).update(route="suppress")

    page = Page(save(client, url_of(timing), sent, cool_down_days="90"))

    assert page.status == 422
    assert page.texts(f"{FORM} .field-error") == [
        "Another user changed this meanwhile, and leads of this route have no “Days before it may "
        "resurface”. Save to keep theirs, or choose another one."
    ]
    assert save(client, url_of(timing), sent_by(page)).status_code == 302
    timing.refresh_from_db()
    assert (timing.route, timing.cool_down_days) == ("suppress", 180)


def test_new_reason_gets_its_code_from_the_label_and_a_free_key(client: Client) -> None:
    url = reverse(ADD)
    sent = filled_in(client, url)
    assert (sent["key"], sent["is_active"]) == ("8", "on")

    page = show(client, url, sent, label="Outside our region", route="enrich")
    assert page.values("#reason-code") == ["outside_our_region"]
    assert not page.has(".field-error")
    derived = page.values("[name=derived]")[0]
    typed = sent | {"label": "Outside Europe", "code": derived, "derived": derived}
    assert show(client, url, typed).values("#reason-code") == ["outside_europe"]
    assert show(client, url, typed, code="region").values("#reason-code") == ["region"]

    save(client, url, typed, code="region", route="enrich")

    reason = RejectionReason.objects.get(code="region")
    assert (reason.label, reason.key, reason.position) == ("Outside Europe", 8, 7)
    assert reason.is_active


def test_new_reason_needs_a_label_and_a_route(client: Client) -> None:
    page = Page(save(client, reverse(ADD), filled_in(client, reverse(ADD))))

    assert page.status == 422
    assert page.texts(".field-error") == [
        "Enter the label that reps read.",
        "Choose where rejected leads go.",
    ]


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("bad_data", "Another reason has this code. Codes are never used again."),
        ("bad data", "Use letters without accents, digits, hyphens and underscores."),
    ],
)
def test_code_that_cannot_be_used_is_refused_beside_it(
    client: Client, code: str, problem: str
) -> None:
    page = Page(add(client, "New", code=code))

    assert page.texts(".field:has(#reason-code) .field-error") == [problem]


def test_new_reason_takes_the_key_of_another_one(client: Client) -> None:
    add(client, "New", key="1")

    assert (keys()["new"], keys()["not_icp"]) == (1, 8)


def test_new_reason_leaves_the_key_of_an_inactive_one_alone(client: Client) -> None:
    deactivate("not_icp")

    add(client, "New")

    assert keys()["new"] == 8
    assert RejectionReason.objects.get(code="not_icp").key == 1


def test_tenth_reason_is_inactive_unless_another_one_is_deactivated(client: Client) -> None:
    for label in ("Eighth", "Ninth"):
        assert add(client, label).status_code == 302

    refused = Page(add(client, "Tenth", is_active="on"))
    assert refused.texts(".field-error") == [
        "At most 9 reasons may be active. Deactivate another one first."
    ]
    assert add(client, "Tenth").status_code == 302

    tenth = RejectionReason.objects.get(code="tenth")
    assert not tenth.is_active
    assert len(keys()) == 9


def test_code_is_never_changed_and_reasons_are_never_deleted(
    client: Client, timing: RejectionReason
) -> None:
    sent = filled_in(client, url_of(timing))
    delete = reverse("admin:handoff_rejectionreason_delete", args=[timing.pk])

    save(client, url_of(timing), sent, code="other", label="Not now")

    assert client.post(delete, {"post": "yes"}).status_code == 403
    timing.refresh_from_db()
    assert (timing.code, timing.label) == ("bad_timing", "Not now")


def act(client: Client, code: str, page: str, **sent: Any) -> Any:
    reason = RejectionReason.objects.get(code=code)
    url = reverse(f"admin:handoff_rejectionreason_{page}", args=[reason.pk])
    return client.post(url, sent, follow=True)


@pytest.mark.parametrize(
    ("sent", "place", "order"),
    [
        ({"to": "down"}, 2, ["no_budget", "not_icp", "no_authority"]),
        ({"to": "up"}, 1, ["not_icp", "no_budget", "no_authority"]),
        ({"before": "bad_timing"}, 3, ["no_budget", "no_authority", "not_icp"]),
        ({"before": "0"}, 1, ["not_icp", "no_budget", "no_authority"]),
    ],
)
def test_reason_moves_and_keeps_its_key(
    client: Client, sent: dict[str, str], place: int, order: list[str]
) -> None:
    before = keys()
    if sent.get("before") == "bad_timing":
        sent = {"before": str(RejectionReason.objects.get(code="bad_timing").pk)}

    answer = act(client, "not_icp", "move", **sent)

    assert messages_of(answer) == [f"Outside our customer profile is now number {place}."]
    assert list(keys())[:3] == order
    assert keys() == before


def test_reason_moves_last(client: Client) -> None:
    act(client, "not_icp", "move", to="last")

    assert list(keys())[-1] == "not_icp"


def test_reason_that_was_deactivated_meanwhile_is_not_moved(client: Client) -> None:
    deactivate("not_icp")
    before = keys()

    answer = act(client, "not_icp", "move", to="down")

    assert messages_of(answer) == [
        "Another user deactivated “Outside our customer profile”. It was not moved."
    ]
    assert keys() == before


def test_last_five_active_reasons_cannot_be_deactivated(client: Client) -> None:
    act(client, "not_icp", "switch", to="off")
    act(client, "bad_data", "switch", to="off")
    assert len(keys()) == 5

    answer = act(client, "duplicate", "switch", to="off")

    assert messages_of(answer) == [
        "At least 5 reasons must stay active. Activate another one first."
    ]
    assert len(keys()) == 5


def test_activated_reason_is_last_and_keeps_a_free_key(client: Client) -> None:
    act(client, "not_icp", "switch", to="off")
    assert list(keys())[0] == "no_budget"

    act(client, "not_icp", "switch", to="on")
    assert list(keys().items())[-1] == ("not_icp", 1)

    act(client, "not_icp", "switch", to="off")
    RejectionReason.objects.filter(code="no_budget").update(key=1)
    answer = act(client, "not_icp", "switch", to="on")
    assert messages_of(answer) == ["Outside our customer profile is active now with the key 2."]
    assert keys()["not_icp"] == 2


def test_handoff_owner_reads_and_changes_nothing(timing: RejectionReason) -> None:
    owner = signed_in_as(make_person(Role.HANDOFF_OWNER))

    page = Page(owner.get(url_of(timing)))

    assert not page.has(FORM)
    assert not page.has("[data-move]")
    assert owner.post(url_of(timing), {"label": "Mine", "save": "yes"}).status_code == 403
    assert owner.get(reverse(ADD)).status_code == 403
    for name in ("move", "switch"):
        url = reverse(f"admin:handoff_rejectionreason_{name}", args=[timing.pk])
        assert owner.post(url, {"to": "off"}).status_code == 403


@pytest.mark.parametrize("role", [Role.REP, Role.SALES_MANAGER, Role.MARKETER, Role.LEADER])
def test_other_roles_cannot_open_reasons(timing: RejectionReason, role: Role) -> None:
    person = signed_in_as(make_person(role))

    assert person.get(reverse(LIST)).status_code == 403
    assert person.get(url_of(timing)).status_code == 403
