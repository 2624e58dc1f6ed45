"""N-56: names and figures lead somewhere, and nobody is shown a link that they may not open."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import time_machine
from django.urls import reverse

from leads.models import Lead
from reporting.tasks import follow_log
from tests.journeys.world import LATER, World, make_world
from tests.pages import Page

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

READERS = ("rep", "other", "before", "manager", "marketer", "owner", "operations", "leader")
LISTS = (
    *("workspace:inbox", "workspace:queues", "workspace:leads", "workspace:returned"),
    *("workspace:team", "workspace:data_quality", "workspace:notices"),
)
REPORTS = (
    *("/reports/", "/reports/sources/", "/reports/sources/?by=campaign", "/reports/rejections/"),
    *("/reports/sources/?by=owner", "/reports/speed/?by=user", "/reports/speed/?by=team"),
)


@pytest.fixture(autouse=True)
def _later() -> Iterator[None]:
    with time_machine.travel(LATER, tick=False):
        yield


@pytest.fixture
def world() -> World:
    world = make_world()
    Lead.objects.update(campaign=world.campaign)
    world.campaign.owner = world.people["marketer"]
    world.campaign.save()
    follow_log()
    return world


def pages_of(world: World) -> list[str]:
    lead = world.handoff.lead
    records = {
        "lead": lead.pk,
        "contact": lead.contact_id,
        "company": lead.company_id,
        "campaign": world.campaign.pk,
        "person": world.people["rep"].pk,
    }
    return [
        *(reverse(f"workspace:{name}", args=[pk]) for name, pk in records.items()),
        *(
            reverse("workspace:lead", args=[row.lead_id])
            for row in (world.accepted, world.returned)
        ),
        *(reverse("workspace:person", args=[user.pk]) for user in world.people.values()),
        *map(reverse, LISTS),
        *REPORTS,
    ]


def links_in(page: Page) -> set[str]:
    links = (href.partition("#")[0] for href in page.links("main a"))
    return {href for href in links if href.startswith(("/", "?"))}


@pytest.mark.parametrize("who", READERS)
def test_every_link_of_a_page_opens(who: str, world: World) -> None:
    client = world.client_of(who)
    opened: dict[str, int] = {}
    for path in pages_of(world):
        response = client.get(path)
        if response.status_code in {403, 404}:
            continue
        assert response.status_code == 200, path
        for href in links_in(Page(response)):
            address = f"{path.partition('?')[0]}{href}" if href.startswith("?") else href
            # The lists behind a metric differ only in their filters.
            kind = address.partition("&")[0] if address.startswith("/reports/leads/") else address
            if kind not in opened:
                opened[kind] = client.get(address, follow=True).status_code

    assert len(opened) > 10
    assert {href: status for href, status in opened.items() if status != 200} == {}


def test_names_on_the_lead_page_are_links(world: World) -> None:
    lead = Lead.objects.select_related("source").get(pk=world.handoff.lead_id)
    page = Page(world.client_of("marketer").get(f"/leads/{lead.pk}/"))

    assert {
        f"/contacts/{lead.contact_id}/",
        f"/companies/{lead.company_id}/",
        f"/campaigns/{world.campaign.pk}/",
        f"/reports/sources/?by=campaign&source={lead.source_id}",
        f"/people/{world.people['rep'].pk}/",
        f"/people/{world.people['marketer'].pk}/",
    } <= set(page.links("main a"))


def test_names_in_lists_and_reports_are_links(world: World) -> None:
    client = world.client_of("manager")
    rep, lead = f"/people/{world.people['rep'].pk}/", world.handoff.lead
    figures = f"?member={world.people['rep'].pk}#handoffs"

    for path, expected in (
        ("/leads/", {rep, f"/companies/{lead.company_id}/"}),
        ("/team/", {rep, figures, f"/companies/{lead.company_id}/"}),
        ("/reports/speed/?by=user", {rep}),
    ):
        assert expected <= set(Page(client.get(path)).links("main a")), path
