"""A name of 200 characters in any script fits its place, and can be read in whole."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from leads.models import Campaign, Lead, Source
from people.models import User
from people.roles import Role
from reporting.tasks import follow_log
from tests.factories import make_handoff, make_person, make_pool

SignIn = Callable[[User], Page]

WIDTHS: Final = (390, 1280)
NAMES: Final = {
    "ar": ("محمد عبد الرحمن بن سلمان الحربي " * 7)[:199] + "ي",
    "zh": "欧阳修远司马相如" * 25,
}
# A text that leaves its cell, item or card without being cut, and one that is cut where neither
# a link of the row, a title nor a scroll bar lets a reader see the rest. It starts in sight.
FAULTS: Final = """
(name) => {
  const start = name.slice(0, 40);
  const direction = /^[؀-ۿ]/.test(name) ? "rtl" : "ltr";
  const faults = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode, parent = text.parentElement;
    if (!text.data.includes(start) || !parent.checkVisibility()) continue;
    if (parent.closest(".visually-hidden, option, script, textarea, caption, title")) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    let cut = null;
    for (let at = parent; at && at !== document.body; at = at.parentElement) {
      const style = getComputedStyle(at), edge = at.getBoundingClientRect();
      if (/auto|scroll/.test(style.overflowX + style.overflowY)) break;
      if (style.overflowX === "visible" && style.webkitLineClamp === "none") continue;
      const isOutside = box.left < edge.left - 1 || box.right > edge.right + 1;
      if (isOutside || box.top < edge.top - 1 || box.bottom > edge.bottom + 1) cut = at;
      break;
    }
    const place = parent.closest("td, th, dd, li, header, .card, .message, main, nav");
    const edge = place.getBoundingClientRect();
    const row = parent.closest("tr, li");
    const readable = parent.closest("a[href], [title]") || row?.querySelector("a[href]");
    const where = `${parent.tagName}.${parent.className} in ${place.tagName}.${place.className}`;
    if (cut && !readable) faults.push(`cut: ${where}`);
    const line = cut && getComputedStyle(cut);
    if (line?.whiteSpace === "nowrap" && line.direction !== direction) faults.push(`end: ${where}`);
    const leaves = box.right > edge.right + 1 || box.left < edge.left - 1;
    if (!cut && leaves) faults.push(`out: ${where}`);
  }
  return faults;
}
"""


@pytest.fixture
def rep() -> User:
    rep = make_person(Role.REP, "Mia Hoffmann")
    make_pool(rep)
    return rep


def make_lead_named(name: str) -> Lead:
    """Return a lead whose contact, company, title, source, campaign and rep have this name."""
    handoff = make_handoff(
        at=timezone.now() - timedelta(minutes=5),
        name=name,
        title=name,
        company=name,
        industry=name[:100],
        stated_problem=name,
    )
    Source.objects.filter(pk=handoff.lead.source_id or 0).update(name=name[:100])
    Campaign.objects.filter(pk=handoff.lead.campaign_id or 0).update(name=name[:100])
    User.objects.filter(pk=handoff.owner_id or 0).update(name=name[:150])
    follow_log()
    return handoff.lead


def faults_on(page: Page, href: str, name: str) -> list[str]:
    """Open a page in both sizes, and return where the name does not fit."""
    faults = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        page.goto(href)
        over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        seen = [*page.evaluate(FAULTS, name), *([f"{over}px too wide"] if over > 0 else [])]
        faults += [f"{href} {width}: {fault}" for fault in seen]
    return faults


@pytest.mark.parametrize("script", NAMES)
def test_long_name_fits_where_reps_work(script: str, rep: User, sign_in: SignIn) -> None:
    name = NAMES[script]
    lead = make_lead_named(name)
    page = sign_in(rep)

    pages = [
        "/inbox/",
        f"/leads/{lead.pk}/",
        f"/contacts/{lead.contact_id}/",
        f"/companies/{lead.company_id}/",
        "/leads/",
        f"/search/?q={name.split(' ')[0][:8]}",
        "/reports/sources/",
        "/team/",
    ]

    assert [fault for href in pages for fault in faults_on(page, href, name)] == []


@pytest.mark.parametrize("script", NAMES)
def test_long_name_fits_in_lists_of_the_admin(script: str, rep: User, sign_in: SignIn) -> None:
    name = NAMES[script]
    make_lead_named(name)
    page = sign_in(make_person(Role.OPERATIONS, name[:150]))

    pages = [
        "/admin/",
        "/admin/leads/contact/",
        "/admin/leads/company/",
        "/admin/leads/source/",
        "/admin/people/user/",
        "/reports/leads/?metric=leads",
    ]

    assert [fault for href in pages for fault in faults_on(page, href, name)] == []


def test_whole_name_is_the_heading_of_its_page(rep: User, sign_in: SignIn) -> None:
    name = NAMES["ar"]
    lead = make_lead_named(name)
    page = sign_in(rep)

    page.goto(f"/leads/{lead.pk}/")

    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text(name)
    assert heading.evaluate("node => getComputedStyle(node).direction") == "rtl"


def test_typed_text_has_its_own_direction(sign_in: SignIn) -> None:
    page = sign_in(make_person(Role.REP, NAMES["ar"][:60]))
    at_start = "node => getComputedStyle(node).unicodeBidi"

    page.goto("/account/")

    assert page.locator("#name_name").evaluate(at_start) == "plaintext"
    assert page.locator("option").first.evaluate(at_start) == "plaintext"
