from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, connection, transaction

from config.bootstrap import bootstrap
from handoff.models import RejectionReason
from handoff.rejection_routes import PASSIVE, RENURTURE, SUPPRESS, RejectionRoute

pytestmark = pytest.mark.django_db

MONDAY_9AM = datetime(2026, 3, 2, 9, tzinfo=UTC)


def add_reasons(*codes: str) -> None:
    RejectionReason.objects.bulk_create(
        RejectionReason(code=code, label=code, route=SUPPRESS.code) for code in codes
    )


def check_now() -> None:
    """Run the checks of the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


@transaction.atomic
def save_and_check(reason: RejectionReason) -> None:
    reason.save()
    check_now()


@pytest.fixture(autouse=True)
def _seven_reasons() -> None:
    bootstrap(at=MONDAY_9AM)


def test_tenth_active_reason_is_refused_by_form_and_database() -> None:
    add_reasons("eighth", "ninth")
    tenth = RejectionReason(code="tenth", label="Tenth", route=SUPPRESS.code)

    with pytest.raises(ValidationError, match="At most 9 reasons may be active"):
        tenth.full_clean()
    with pytest.raises(IntegrityError, match="between 5 and 9"):
        save_and_check(tenth)

    assert RejectionReason.objects.filter(is_active=True).count() == 9


def test_last_five_active_reasons_cannot_be_deactivated() -> None:
    RejectionReason.objects.filter(code__in=["not_icp", "bad_data"]).update(is_active=False)
    check_now()
    duplicate = RejectionReason.objects.get(code="duplicate")
    duplicate.is_active = False

    with pytest.raises(ValidationError, match="At least 5 reasons must stay active"):
        duplicate.full_clean()
    with pytest.raises(IntegrityError, match="between 5 and 9"):
        save_and_check(duplicate)

    assert RejectionReason.objects.filter(is_active=True).count() == 5


def test_active_reason_can_be_replaced_in_one_transaction() -> None:
    add_reasons("eighth", "ninth")
    with transaction.atomic():
        add_reasons("tenth")
        RejectionReason.objects.filter(code="ninth").update(is_active=False)
        check_now()

    assert RejectionReason.objects.filter(is_active=True).count() == 9


@pytest.mark.parametrize("change", [{"code": "renamed"}, None])
def test_reason_code_never_changes(change: dict[str, Any] | None) -> None:
    row = RejectionReason.objects.filter(code="bad_data")

    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        row.update(**change) if change else row.delete()

    assert row.exists()


@pytest.mark.parametrize(
    ("route", "problem"),
    [
        (RENURTURE, "Enter after how many days these leads may resurface."),
        (PASSIVE, "Choose at least one touch that ends their wait."),
    ],
)
def test_reason_lacks_what_its_leads_wait_for(route: RejectionRoute, problem: str) -> None:
    reason = RejectionReason.objects.get(code="bad_data")
    reason.route, reason.cool_down_days, reason.signal_kinds = route.code, None, []

    with pytest.raises(ValidationError, match=problem):
        reason.full_clean()

    reason.cool_down_days, reason.signal_kinds = 180, ["demo_request"]
    reason.full_clean()


def test_route_that_closes_the_lead_needs_neither_date_nor_signals() -> None:
    reason = RejectionReason.objects.get(code="bad_data")
    reason.route, reason.cool_down_days, reason.signal_kinds = SUPPRESS.code, None, []

    reason.full_clean()
