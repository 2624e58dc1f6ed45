"""The charts of the report pages by keyboard, pointer and touch, and what scrolls sideways."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from people.models import User
from people.roles import Role
from reporting.tasks import follow_log
from tests.people.factories import make_user_with
from tests.reporting.history import attempt, make_lead, offer, reject, settle

SignIn = Callable[[User], Page]


@pytest.fixture
def reports(sign_in: SignIn) -> Page:
    at = timezone.now() - timedelta(days=40)
    reader = make_user_with(Role.LEADER)
    for number, reason in enumerate(["not_icp", "bad_data", "no_budget", "bad_timing"] * 3):
        handoff = offer(make_lead(opened=at, temperature=("hot", "cold")[number % 2]), at)
        attempt(handoff, at + timedelta(minutes=number * 20))
        reject(handoff, at + timedelta(hours=5), reader, reason)
    settle()
    follow_log()
    return sign_in(reader)


def focused_label(page: Page) -> str:
    return str(page.evaluate("document.activeElement.getAttribute('aria-label')"))


def test_line_chart_is_one_tab_stop_with_a_value_for_each_arrow(reports: Page) -> None:
    reports.goto("/reports/")
    points = reports.locator(".line-chart [data-point]")
    labels = points.evaluate_all("all => all.map(point => point.getAttribute('aria-label'))")
    tips = reports.locator(".line-chart .chart-tip:visible")

    points.first.focus()
    expect(tips).to_have_count(1)
    assert focused_label(reports) == labels[0]
    reports.keyboard.press("ArrowRight")
    assert focused_label(reports) == labels[1]
    expect(tips).to_contain_text(labels[1].partition(":")[0])
    reports.keyboard.press("End")
    reports.keyboard.press("ArrowRight")
    assert focused_label(reports) == labels[-1]
    assert points.evaluate_all("all => all.filter(point => point.tabIndex === 0).length") == 1

    reports.keyboard.press("Escape")
    expect(tips).to_have_count(0)
    reports.keyboard.press("ArrowLeft")
    expect(tips).to_have_count(1)
    reports.keyboard.press("Tab")
    expect(reports.locator("figure summary")).to_be_focused()


def test_line_chart_shows_values_where_one_points(reports: Page) -> None:
    reports.goto("/reports/")

    reports.locator(".line-chart [data-point]").nth(3).hover()

    expect(reports.locator(".line-chart .chart-tip:visible")).to_contain_text("Source to SQL")


def test_shares_are_one_tab_stop_with_arrows_between_parts_and_rows(reports: Page) -> None:
    reports.goto("/reports/speed/")
    first = reports.locator("[data-chart] tbody tr:first-child [data-point]")
    second = reports.locator("[data-chart] tbody tr:nth-child(2) [data-point]")

    first.first.focus()
    assert focused_label(reports).startswith("Within 15 min: 1 of 12")
    expect(reports.locator(".chart-tip:visible")).to_contain_text("1 of 12, 8%")
    reports.keyboard.press("ArrowRight")
    assert focused_label(reports) == first.nth(1).get_attribute("aria-label")
    reports.keyboard.press("ArrowDown")
    assert focused_label(reports) == second.nth(1).get_attribute("aria-label")
    reports.keyboard.press("ArrowUp")
    reports.keyboard.press("Home")
    assert focused_label(reports) == first.first.get_attribute("aria-label")


def test_heat_map_shows_at_its_edges_that_it_scrolls(reports: Page) -> None:
    reports.set_viewport_size({"width": 390, "height": 844})
    reports.goto("/reports/rejections/")
    region = reports.get_by_role("region", name="Rejections by reason")

    expect(region).to_have_attribute("data-more", "end")
    region.focus()
    reports.keyboard.press("ArrowRight")
    expect(region).to_have_attribute("data-more", "start end")
    region.evaluate("element => element.scrollTo(9999, 0)")
    expect(region).to_have_attribute("data-more", "start")
    reports.set_viewport_size({"width": 1280, "height": 844})
    expect(region).to_have_attribute("data-more", "")
