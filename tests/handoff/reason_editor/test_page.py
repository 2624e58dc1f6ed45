"""The page of the reasons: their meaning, their use and their history."""

from __future__ import annotations

import re

from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from handoff.admin.reason_editor.uses import read_uses
from handoff.answers.reject import consequence_of, reject_handoff
from handoff.models import LossReason, RejectionReason, ReversalReason
from people.models import User
from tests.admin_pages import url_of
from tests.factories import make_handoff, make_pool, owner_of
from tests.handoff.reason_editor.test_editing import act, filled_in, save, show
from tests.pages import Page, inline_code_of
from tests.statements import exactly_statements

LIST = "admin:handoff_rejectionreason_changelist"


def list_page(client: Client) -> Page:
    return Page(client.get(reverse(LIST)))


def test_each_reason_says_what_it_means(client: Client, timing: RejectionReason) -> None:
    page = list_page(client)

    row = f"#reason-{timing.pk}"
    assert page.text(f"{row} .rule-place") == "Key 4"
    assert page.text(f"{row} .rule-name") == "Bad timing bad_timing"
    assert page.texts(f"{row} .rule-words") == [
        "Need and budget exist, but not within the next six months.",
        f"then {consequence_of(timing, timezone.now())}",
    ]
    unresponsive = RejectionReason.objects.get(code="unresponsive")
    assert "Needs the attempts of the SLA policy" in page.text(f"#reason-{unresponsive.pk}")
    assert page.text("#active-title") == "7 active reasons"
    assert "5 to 9 must be active" in page.text("main")
    assert inline_code_of(page) == []


def test_page_says_that_changes_are_live(client: Client) -> None:
    assert list_page(client).text(".version-banner > p") == (
        "Changes are live when you save them. Leads rejected before keep what happened to them."
    )


def test_inactive_reasons_are_below(client: Client, timing: RejectionReason) -> None:
    assert not list_page(client).has("#inactive-title")

    act(client, "bad_timing", "switch", to="off")

    page = list_page(client)
    assert page.text("#active-title") == "6 active reasons"
    assert page.values("ul.rules > li", "id") == [f"reason-{timing.pk}"]
    assert page.has(f"#activate-{timing.pk}")
    assert len(page.all(".reason-shown")) == 6


def test_number_of_uses_leads_to_its_list(client: Client, timing: RejectionReason) -> None:
    make_pool()
    handoff = make_handoff(at=timezone.now())
    now = timezone.now()
    reject_handoff(handoff_id=handoff.pk, reason_code="bad_timing", by=owner_of(handoff), at=now)
    assert read_uses(now) == {timing.pk: 1}

    page = list_page(client)

    reach = f"#reason-{timing.pk} .rule-reach"
    assert page.text(reach) == "1 time in 90 days"
    [href] = page.links(f"{reach} a")
    assert href == "/reports/leads/?metric=rejection_reasons&reason=bad_timing"
    assert client.get(href).status_code == 200
    assert len(re.findall("Not chosen in 90 days", page.text("main"))) == 6


def test_history_says_who_changed_what(client: Client, timing: RejectionReason) -> None:
    sent = filled_in(client, url_of(timing))
    save(client, url_of(timing), sent, cool_down_days="90", key="1")
    act(client, "bad_data", "move", to="up")
    act(client, "no_authority", "switch", to="off")

    entries = list_page(client).texts(".reason-history li")

    assert [re.sub(r" · .*", "", entry) for entry in entries[:3]] == [
        "Deactivated “No authority” Olga",
        "“Bad data” moved from 7 to 6 Olga",
        "“Outside our customer profile”: Key from 1 to 4 “Bad timing”: Key from 4 to 1. Days "
        "before it may resurface from 180 to 90 Olga",
    ]
    assert entries[3].startswith("Added “Outside our customer profile”, “No budget or project")
    assert "the system" in entries[3]


def test_history_does_not_add_a_reason_older_than_itself(
    client: Client, timing: RejectionReason
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("TRUNCATE handoff_rejectionreasonevent")
    RejectionReason.objects.filter(pk=timing.pk).update(label="Later")
    assert list_page(client).texts(".reason-history li") == []

    save(client, url_of(timing), filled_in(client, url_of(timing)), label="Not now")

    assert list_page(client).texts(".reason-history li p:first-child") == [
        "“Not now”: Label from Later to Not now"
    ]


def test_history_compares_with_states_that_it_does_not_list(
    client: Client, timing: RejectionReason
) -> None:
    for number in range(110):
        RejectionReason.objects.filter(code="bad_data").update(help=f"Help {number}")
    save(client, url_of(timing), filled_in(client, url_of(timing)), label="Not now")

    entries = list_page(client).texts(".reason-history li")

    assert any("“Not now”: Label from Bad timing to Not now" in entry for entry in entries)


def test_list_takes_the_same_statements_for_more_reasons(client: Client) -> None:
    act(client, "not_icp", "move", to="down")
    for number in range(20):
        RejectionReason.objects.create(
            code=f"old_{number}", label="Old", route="suppress", is_active=False
        )

    with exactly_statements(7):
        list_page(client)


def test_form_and_its_answers_take_the_same_statements(
    client: Client, timing: RejectionReason
) -> None:
    url, sent = url_of(timing), filled_in(client, url_of(timing))
    act(client, "not_icp", "move", to="down")

    with exactly_statements(8):
        client.get(url)
    with exactly_statements(11):
        show(client, url, sent, cool_down_days="30")
    with exactly_statements(10):
        save(client, url, sent, cool_down_days="30", key="1")


def test_reasons_of_all_kinds_are_one_click_apart(client: Client) -> None:
    page = list_page(client)

    assert page.texts(".segments a") == ["Rejection", "Loss", "Reversal"]
    for href in page.links(".segments a"):
        assert client.get(href).status_code == 200


def test_loss_and_reversal_reasons_have_label_and_code(client: Client, olga: User) -> None:
    for model in (LossReason, ReversalReason):
        name = model._meta.model_name
        url = reverse(f"admin:handoff_{name}_add")
        sent = filled_in(client, url)
        own = {*sent} - {"base", "csrfmiddlewaretoken"}
        assert own == {"code", "derived", "is_active", "label"}

        assert save(client, url, sent, label="Merged with another company").status_code == 302

        reason = model._default_manager.get(code="merged_with_another_company")
        assert reason.position == model._default_manager.count() - 1
        sent = filled_in(client, url_of(reason))
        assert save(client, url_of(reason), sent, label="Merged").status_code == 302
        move = reverse(f"admin:handoff_{name}_move", args=[reason.pk])
        client.post(move, {"to": "up"})
        reason.refresh_from_db()
        assert (reason.label, reason.position) == ("Merged", model._default_manager.count() - 2)
        page = Page(client.get(reverse(f"admin:handoff_{name}_changelist")))
        assert not page.has(".rule-reach")
        assert page.texts(".reason-history li")[0].startswith("“Merged” moved from")


def test_loss_reason_is_deactivated_and_activated(client: Client, olga: User) -> None:
    reason = LossReason.objects.order_by("position")[0]
    url = reverse("admin:handoff_lossreason_switch", args=[reason.pk])

    client.post(url, {"to": "off"})
    reason.refresh_from_db()
    assert not reason.is_active

    client.post(url, {"to": "on"})
    reason.refresh_from_db()
    assert (reason.is_active, reason.position) == (True, LossReason.objects.count() - 1)


def test_last_active_loss_reason_cannot_be_deactivated(client: Client, olga: User) -> None:
    kept = LossReason.objects.order_by("position")[0]
    LossReason.objects.exclude(pk=kept.pk).update(is_active=False)

    page = Page(client.get(url_of(kept)))
    assert "At least one reason must stay active." in page.text("main")
    client.post(reverse("admin:handoff_lossreason_switch", args=[kept.pk]), {"to": "off"})

    kept.refresh_from_db()
    assert kept.is_active
