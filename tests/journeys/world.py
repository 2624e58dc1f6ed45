"""A small organization with one of everybody, for tests that ask as each of them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from django.apps import apps
from django.contrib.auth import SESSION_KEY
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from api.keys import issue_key
from api.models import ApiKey
from handoff.answers.accept import accept_handoff
from handoff.answers.cannot_evaluate import mark_cannot_evaluate
from handoff.models import Handoff, RuleSet, SlaPolicy
from handoff.reassignment import reassign
from leads.models import Campaign, ScoringModel, StageDefinition
from people.models import Absence, Membership, Team, User
from people.roles import Role
from tests.factories import make_handoff, make_person, make_rep, route_everything_to
from tests.journeys.access import TYPED, WHO
from tests.pages import signed_in_as
from tests.people.factories import MONDAY_9AM, make_team, make_user

LATER: Final = MONDAY_9AM + timedelta(minutes=5)
VERSIONED: Final = (RuleSet, ScoringModel, SlaPolicy, StageDefinition)


def addresses() -> dict[str, str]:
    """Return every route by its name, or by itself where it has none."""
    return {name or route: route for name, route in _walk(get_resolver().url_patterns)}


def _walk(
    patterns: list[URLPattern | URLResolver], space: str = "", route: str = ""
) -> Iterator[tuple[str, str]]:
    for pattern in patterns:
        here = route + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, pattern.namespace or space, here)
        else:
            yield f"{space}:{pattern.name}" if pattern.name else "", here


@dataclass(frozen=True, slots=True)
class World:
    people: dict[str, User]
    clients: dict[str, Client]
    handoff: Handoff
    accepted: Handoff
    returned: Handoff
    absence: Absence
    campaign: Campaign

    def path(self, name: str, route: str) -> str:
        """Return the address with the ids of existing rows."""
        match = re.match(r"admin/(\w+)/(\w+)/", route)
        if match and match[1] in apps.app_configs:
            newest = apps.get_model(match[1], match[2])._default_manager.order_by("-pk")[0]
            return "/" + re.sub("<(path:object_id|id)>", str(newest.pk), route)
        ids = {
            "workspace:lead": self.handoff.lead_id,
            "workspace:contact": self.handoff.lead.contact_id,
            "workspace:company": self.handoff.lead.company_id,
            "workspace:edit_card": self.handoff.lead_id,
            "workspace:edit_contact": self.handoff.lead_id,
            "workspace:add_note": self.handoff.lead_id,
            "workspace:lead_people": self.handoff.lead_id,
            "workspace:reverse": self.handoff.lead_id,
            "workspace:campaign": self.campaign.pk,
            "workspace:edit_brief": self.campaign.pk,
            "workspace:person": self.people["rep"].pk,
            "workspace:complete": self.returned.lead_id,
            "workspace:advance": self.accepted.pk,
            "workspace:end_absence": self.absence.pk,
            "workspace:set_cover": self.absence.pk,
        }
        route = route.replace("<slug:code>", "refused").replace("<int:lead_id>", "<int:pk>")
        route = route.replace("<slug:section>", "name")
        return "/" + route.replace("<int:pk>", str(ids.get(name, self.handoff.pk)))

    def ask(self, who: str, name: str, route: str, method: str) -> str:
        """Return the status of the answer, after a rollback."""
        client = self.client_of(who)
        typed = TYPED.get(name, {}) if method == "POST" else {}
        with transaction.atomic():
            answer: Any = getattr(client, method.lower())(self.path(name, route), typed)
            transaction.set_rollback(True)
        if answer.status_code == 302 and answer.url.startswith("/sign-in/"):
            return "in"
        return str(answer.status_code)

    def client_of(self, who: str) -> Client:
        client = self.clients[who]
        if who != "stranger" and SESSION_KEY not in client.session:  # signed out a moment ago
            client.force_login(self.people[who])
        return client


def make_world(*, enforce_csrf_checks: bool = False) -> World:
    people = {
        "rep": make_rep("Mia Hoffmann"),
        "other": make_rep("Tom Brandt"),
        "before": make_rep("Eva Sommer"),
        "manager": make_person(Role.SALES_MANAGER, "Ines Kaya"),
        "marketer": make_person(Role.MARKETER, "Leo Winter"),
        "owner": make_person(Role.HANDOFF_OWNER, "Ada Novak"),
        "operations": make_person(Role.OPERATIONS, "Olga Petrov"),
        "leader": make_person(Role.LEADER, "Sam Okafor"),
        "no_role": make_user("Nia New"),
        "left": make_rep("Rob Gone"),
    }
    rep = people["rep"]
    make_team(people["other"])
    team = make_team(people["before"], manager=people["manager"])
    route_everything_to(team)
    handoff = passed_on(make_handoff(), team=team, to=rep)
    accepted, returned = make_handoff(), make_handoff(phone="")
    accept_handoff(handoff_id=accepted.pk, by=rep, at=MONDAY_9AM)
    missing = ["contact.has_phone"]
    mark_cannot_evaluate(handoff_id=returned.pk, missing_fields=missing, by=rep, at=MONDAY_9AM)
    absence = Absence.objects.create(
        user=rep, starts_at=LATER + timedelta(days=7), ends_at=LATER + timedelta(days=8)
    )
    campaign = Campaign.objects.create(code="spring", name="Spring")
    clients = {
        who: Client(enforce_csrf_checks=enforce_csrf_checks, raise_request_exception=False)
        for who in WHO
    }
    for who, person in people.items():
        clients[who].force_login(person)
    User.objects.filter(pk=people["left"].pk).update(is_active=False)
    return World(people, clients, handoff, accepted, returned, absence, campaign)


def passed_on(handoff: Handoff, *, team: Team, to: User) -> Handoff:
    """Move the owner to another team, and reassign the lead to their successor."""
    assert handoff.owner is not None
    assert team.manager is not None
    Membership.objects.create(team=team, user=to)
    reassigned_id = reassign(handoff_id=handoff.pk, to=to, by=team.manager, at=MONDAY_9AM)
    Membership.objects.filter(team=team, user=handoff.owner).delete()
    make_team(handoff.owner)
    return Handoff.objects.get(pk=reassigned_id)


def make_configuration(world: World) -> None:
    """One row of everything the admin edits, versions as drafts."""
    Campaign.objects.create(code="guide", name="Pricing guide")
    issue_key("Website", [ApiKey.Scope.TOUCHES_WRITE])
    operations = signed_in_as(world.people["operations"])
    for model in VERSIONED:
        newest = model._default_manager.order_by("-pk")[0]
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}_copy"
        operations.post(reverse(name, args=[newest.pk]))
