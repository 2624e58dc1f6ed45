import base64
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from core.pagination import Cursor, Order, Page, page_of, read_cursor, start_of
from people.models import User
from tests.people.factories import make_user

pytestmark = pytest.mark.django_db

OLDEST_FIRST = Order("created_at", descending=False, read=datetime.fromisoformat)
NEWEST_FIRST = Order("created_at", descending=True, read=datetime.fromisoformat)


@pytest.fixture
def pages() -> Callable[[Order, Cursor | None], Page[tuple[Any, ...]]]:
    for _ in range(5):
        make_user()
    User.objects.update(created_at=datetime.fromisoformat("2026-11-02T09:00:00+00:00"))

    def page(order: Order, cursor: Cursor | None) -> Page[tuple[Any, ...]]:
        rows = User.objects.values_list("pk", "created_at")
        return page_of(
            rows, order, cursor, size=2, value_of=lambda row: row[1], key_of=lambda row: row[0]
        )

    return page


@pytest.mark.parametrize("order", [OLDEST_FIRST, NEWEST_FIRST])
def test_pages_in_both_directions_show_equal_rows_once(
    order: Order, pages: Callable[[Order, Cursor | None], Page[tuple[Any, ...]]]
) -> None:
    expected = sorted(User.objects.values_list("pk", flat=True), reverse=order.descending)

    first = pages(order, None)
    second = pages(order, first.after)
    third = pages(order, second.after)
    back = pages(order, third.before)
    start = pages(order, back.before)

    assert [row[0] for page in (first, second, third) for row in page.rows] == expected
    assert (first.before, third.after) == (None, None)
    assert [row[0] for row in back.rows] == expected[2:4]
    assert ([row[0] for row in start.rows], start.before) == (expected[:2], None)


@pytest.mark.parametrize("descending", [False, True])
def test_pages_of_a_nullable_order_end_with_the_rows_without_a_value(descending: bool) -> None:
    users = [make_user(external_id=value) for value in ("b", None, "a", None, None)]
    order = Order("external_id", descending, str, is_nullable=True)

    def page(cursor: Cursor | None) -> Page[tuple[Any, ...]]:
        rows = User.objects.values_list("pk", "external_id")
        sent = read_cursor(str(cursor)) if cursor else None
        return page_of(
            rows, order, sent, size=2, value_of=lambda row: row[1], key_of=lambda row: row[0]
        )

    first = page(None)
    second = page(first.after)
    third = page(second.after)
    back = page(third.before)

    named = [users[2].pk, users[0].pk][:: -1 if descending else 1]
    nameless = [users[1].pk, users[3].pk, users[4].pk][:: -1 if descending else 1]
    assert [row[0] for part in (first, second, third) for row in part.rows] == named + nameless
    assert (first.before, third.after) == (None, None)
    assert [row[0] for row in back.rows] == nameless[:2]
    assert page(back.before).rows == first.rows


@pytest.mark.parametrize("text", ["", "x", "%00", "AAAA", "WzEsMl0", "bnVsbA", "WyJ4IiwieSIsMF0"])
def test_a_cursor_that_was_made_up_means_the_first_page(text: str) -> None:
    assert read_cursor(text) is None


@pytest.mark.parametrize(
    "cursor",
    [
        Cursor("80", 3),
        Cursor("80", 3, before=True),
        Cursor(None, 3),
        Cursor("2026-11-02T09:00:00+00:00", 2**63),
        Cursor("2026-11-02T09:00:00+00:00", -(2**63)),
    ],
)
def test_a_cursor_of_another_list_means_the_first_page(
    cursor: Cursor, pages: Callable[[Order, Cursor | None], Page[tuple[Any, ...]]]
) -> None:
    assert pages(NEWEST_FIRST, cursor) == pages(NEWEST_FIRST, None)


def test_a_number_that_no_column_holds_starts_no_page() -> None:
    by_score = Order("score", descending=False, read=int)

    assert start_of(by_score, Cursor("80", 3)) == (80, 3)
    assert start_of(by_score, Cursor("9" * 30, 3)) is None


def test_a_cursor_survives_its_way_through_the_address() -> None:
    cursor = Cursor("2026-11-02T09:00:00.123456+00:00", 7, before=True)

    assert read_cursor(str(cursor)) == cursor


@pytest.mark.parametrize("value", ['["2026-11-02T09:00:00+00:00", Infinity, 0]', "[" * 1_500])
def test_unreadable_cursor_leads_to_the_first_page(value: str) -> None:
    assert read_cursor(base64.urlsafe_b64encode(value.encode()).decode()) is None
