from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from config.bootstrap import bootstrap
from handoff.models import RejectionReason
from people.roles import Role
from tests.admin_pages import errors_of, open_page
from tests.factories import make_person
from tests.pages import signed_in_as
from tests.people.factories import MONDAY_9AM

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    bootstrap(at=MONDAY_9AM)
    return signed_in_as(make_person(Role.OPERATIONS, "Olga"))


def test_tenth_active_reason_is_refused_with_a_message(client: Client) -> None:
    sent = {"label": "New", "route": "suppress", "fault": "none", "is_active": "on"}
    url = reverse("admin:handoff_rejectionreason_add")
    for code in ("eighth", "ninth"):
        assert client.post(url, sent | {"code": code}).status_code == 302

    answer = client.post(url, sent | {"code": "tenth"})

    assert "At most 9 reasons may be active. Deactivate another one first." in errors_of(answer)
    assert RejectionReason.objects.filter(is_active=True).count() == 9


def test_last_five_active_reasons_cannot_be_deactivated_in_admin(client: Client) -> None:
    RejectionReason.objects.filter(code__in=["not_icp", "bad_data"]).update(is_active=False)
    reason = RejectionReason.objects.get(code="duplicate")
    url, sent = open_page(client, reason)
    del sent["is_active"]

    answer = client.post(url, sent)

    assert "At least 5 reasons must stay active" in errors_of(answer)
    assert RejectionReason.objects.filter(is_active=True).count() == 5


def test_reasons_can_be_reordered_by_dragging(client: Client) -> None:
    url = reverse("admin:handoff_rejectionreason_changelist")
    page: Any = client.get(url)
    forms = page.context["cl"].formset.forms
    sent = {
        "_save": "Save",
        "seen_order": page.context["seen_order"],
        "form-TOTAL_FORMS": "7",
        "form-INITIAL_FORMS": "7",
        **{f"form-{row}-id": str(form.instance.pk) for row, form in enumerate(forms)},
        **{f"form-{row}-position": str(6 - row) for row in range(7)},
    }

    assert client.post(url, sent).status_code == 302
    order = list(RejectionReason.objects.order_by("position").values_list("code", flat=True))
    assert (order[0], order[-1]) == ("bad_data", "not_icp")

    answer = client.post(url, sent, follow=True)
    assert "Another user changed this after you opened it" in errors_of(answer)


def test_reason_cannot_be_deleted_and_its_code_not_edited(client: Client) -> None:
    reason = RejectionReason.objects.get(code="bad_data")
    url, sent = open_page(client, reason)

    client.post(url, sent | {"code": "other", "label": "Wrong data"})
    delete = reverse("admin:handoff_rejectionreason_delete", args=[reason.pk])
    assert client.post(delete, {"post": "yes"}).status_code == 403

    reason.refresh_from_db()
    assert (reason.code, reason.label) == ("bad_data", "Wrong data")


def keys() -> dict[str, int | None]:
    active = RejectionReason.objects.filter(is_active=True)
    return dict(active.order_by("position", "pk").values_list("code", "key"))


def test_keys_stay_when_a_reason_is_added_before_the_others(client: Client) -> None:
    before = keys()
    assert list(before.values()) == [1, 2, 3, 4, 5, 6, 7]
    sent = {"label": "New", "route": "suppress", "fault": "none", "is_active": "on", "key": ""}

    client.post(reverse("admin:handoff_rejectionreason_add"), sent | {"code": "new"})
    RejectionReason.objects.filter(code="new").update(position=0)

    assert keys() == before | {"new": 8}


def test_key_of_another_active_reason_is_refused(client: Client) -> None:
    url, sent = open_page(client, RejectionReason.objects.get(code="duplicate"))

    refused = client.post(url, sent | {"key": "1"})
    assert "Another active reason has this key." in errors_of(refused)

    assert client.post(url, sent | {"key": "9"}).status_code == 302
    assert keys()["duplicate"] == 9


def test_new_reason_leaves_the_key_of_a_retired_one_alone(client: Client) -> None:
    RejectionReason.objects.filter(code="not_icp").update(is_active=False)
    sent = {"label": "New", "route": "suppress", "fault": "none", "is_active": "on", "key": ""}

    client.post(reverse("admin:handoff_rejectionreason_add"), sent | {"code": "new"})

    assert keys()["new"] == 8
    assert RejectionReason.objects.get(code="not_icp").key == 1
