"""What the lead page and the inbox's work pane show, read in a fixed number of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Final

from django.db.models import Exists, OuterRef, Prefetch

from core.permissions import Right
from handoff.answers.advance import STEPS
from handoff.answers.complete import missing_codes
from handoff.lead_access import visible_leads
from handoff.models import Attempt, Handoff, RejectionReason, RoutingDecision, SlaClock
from leads import journey
from leads.checklist import Check, checklist
from leads.configuration import LeadConfiguration
from leads.configuration import configuration as lead_configuration
from leads.context import Missing, missing_context
from leads.ledger import LedgerGroup, met_groups, missed_groups
from leads.models import ContextCard, Lead, LeadEvent, LeadScore, Touch
from leads.stages import UNQUALIFIED, Stage
from people.models import Team, User
from workspace.lead.clock_status import Promise, promises
from workspace.lead.next_step import next_step
from workspace.lead.read_only import why_only_read
from workspace.lead.timeline import Names, days_of

LAST_TOUCHES: Final = 5
MOST_TOUCHES: Final = 50
MOST_EVENTS: Final = 200
WITH_LEAD: Final = (
    "contact",
    "company__owner",
    "owner",
    "queue",
    "lead_type",
    "source",
    "campaign__owner",
    "card__edited_by",
    "score_card",
)


@dataclass
class Desk:
    """One lead on somebody's desk: all that is needed to answer it."""

    lead: Lead
    user: User
    at: datetime
    handoffs: list[Handoff]
    touches: list[Touch]
    reasons: list[RejectionReason]
    config: LeadConfiguration

    @property
    def handoff(self) -> Handoff | None:
        """The open one, else the last."""
        return self.handoffs[0] if self.handoffs else None

    @property
    def is_answerable(self) -> bool:
        handoff = self.handoff
        return bool(handoff and handoff.is_open and getattr(handoff, "is_answerable", False))

    @cached_property
    def why_only_read(self) -> str:
        if self.is_answerable:
            return ""
        return why_only_read(self.lead, self.handoffs, reader=self.user)

    @property
    def is_offered(self) -> bool:
        return bool(self.handoff and self.handoff.state == Handoff.State.OFFERED)

    @property
    def may_say_no(self) -> bool:
        return self.is_answerable and self.lead.stage in UNQUALIFIED

    @property
    def is_mine(self) -> bool:
        return self.lead.owner_id == self.user.pk

    @property
    def because(self) -> str:
        """The stored words of the decision; what a manager passed on says so first (N-02)."""
        decided = (each.decision for each in self.handoffs if each.decision is not None)
        decision = next(decided, None)
        return f"{self.passed_on} {decision.because if decision else ''}".strip()

    @property
    def went_to(self) -> str:
        """Whom the decision is about: who has the handoff, or had the last one."""
        holder = (self.handoff.owner or self.handoff.queue) if self.handoff else None
        return str(holder or self.lead.owner or self.lead.queue or "nobody")

    @property
    def passed_on(self) -> str:
        if not self.handoff or not self.handoff.hop or len(self.handoffs) < 2:
            return ""
        before = self.handoffs[1]
        if before.state != Handoff.State.WITHDRAWN:
            return ""
        return f"A manager passed it on from {before.owner or before.queue}."

    @property
    def channels(self) -> list[tuple[str, str]]:
        return Attempt.Channel.choices

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        return Attempt.Outcome.choices

    @property
    def may_edit(self) -> bool:
        return self.user.may(Right.EDIT_CONTEXT)

    @property
    def returned(self) -> list[str]:
        """What marketing has to complete before it may send the lead to sales again."""
        return missing_codes(self.lead, self.handoff) if self.may_edit else []

    @property
    def steps(self) -> list[Stage]:
        """Where the rep may take it next."""
        if not self.is_answerable or self.is_offered:
            return []
        return list(STEPS.get(Stage(self.lead.stage), ()))

    @property
    def blocked_why(self) -> str:
        logged = self.handoff.attempt_count if self.handoff else 0
        return f"Opens after {self.attempts_needed} logged attempts; {logged} so far"

    @property
    def next_step(self) -> str:
        return next_step(self.lead, self.handoff, reader=self.user)

    @cached_property
    def promises(self) -> list[Promise]:
        """Of the latest handoff; the lead page shows those of the earlier ones in the timeline."""
        return promises(self.handoff.clocks.all(), at=self.at) if self.handoff else []

    @property
    def running(self) -> Promise | None:
        return next((promise for promise in self.promises if promise.is_running), None)

    @property
    def card(self) -> ContextCard | None:
        return getattr(self.lead, "card", None)

    @property
    def score_card(self) -> LeadScore | None:
        return getattr(self.lead, "score_card", None)

    @property
    def met(self) -> list[LedgerGroup]:
        return met_groups(self.score_card, self.config.scoring) if self.score_card else []

    @property
    def missed(self) -> list[LedgerGroup]:
        return missed_groups(self.score_card, self.config.scoring) if self.score_card else []

    @property
    def missing(self) -> list[Missing]:
        return missing_context(self.lead)

    @property
    def checklist(self) -> list[Check]:
        return checklist(self.lead)

    @property
    def journey(self) -> str:
        return journey.summary(self.touches)

    @property
    def last_touches(self) -> list[tuple[Touch, str]]:
        return [(touch, journey.about(touch)) for touch in self.touches[:LAST_TOUCHES]]

    @property
    def answers(self) -> list[tuple[str, Any]]:
        return journey.answers(self.touches)

    @property
    def talking_points(self) -> list[str]:
        campaign = self.lead.campaign
        return campaign.talking_points.splitlines() if campaign else []

    @property
    def attempts_needed(self) -> int:
        return self.handoff.policy.attempts_required if self.handoff else 0

    @property
    def blocked(self) -> set[str]:
        """Reasons that are closed until the agreed attempts are logged (N-14)."""
        logged = self.handoff.attempt_count if self.handoff else 0
        if logged >= self.attempts_needed:
            return set()
        return {reason.code for reason in self.reasons if reason.requires_attempts}


def open_desk(lead_id: int, *, user: User, at: datetime) -> Desk | None:
    """Read a lead with all that is needed to answer it; None when it is not for this person."""
    lead = visible_leads(user).select_related(*WITH_LEAD).filter(pk=lead_id).first()
    if lead is None:
        return None
    touches = lead.touches.select_related("campaign").order_by("-occurred_at", "-pk")
    reasons = RejectionReason.objects.filter(is_active=True).order_by("position", "pk")
    return Desk(
        lead=lead,
        user=user,
        at=at,
        handoffs=handoffs_of(lead, user),
        touches=list(touches[:MOST_TOUCHES]),
        reasons=list(reasons),
        config=lead_configuration.now(),
    )


def handoffs_of(lead: Lead, user: User) -> list[Handoff]:
    mine = Handoff.objects.answerable_by(user).filter(pk=OuterRef("pk"))
    clocks = SlaClock.objects.select_related("target", "handoff").order_by("due_at", "pk")
    found = (
        lead.handoffs.select_related("owner", "queue", "policy", "decision", "rejection__reason")
        .annotate(is_answerable=Exists(mine))
        .prefetch_related(Prefetch("clocks", queryset=clocks))
        .order_by("-offered_at", "-pk")
    )
    return list(found)


def history(desk: Desk) -> dict[str, Any]:
    """What only the whole page shows: the log in words, attempts, decisions, earlier pursuits."""
    lead = desk.lead
    events = list(lead.events.order_by("-occurred_at", "-pk")[:MOST_EVENTS])
    decisions = list(RoutingDecision.objects.filter(lead=lead).order_by("-decided_at", "-pk"))
    attempts = Attempt.objects.filter(lead=lead).select_related("by").order_by("-occurred_at")
    earlier = (
        visible_leads(desk.user)
        .filter(contact=lead.contact_id)
        .exclude(pk=lead.pk)
        .select_related("owner", "source", "lead_type")
        .order_by("-opened_at")
    )
    return {
        "days": days_of(events, names_in(events, desk, decisions)),
        "attempts": list(attempts),
        "earlier": list(earlier),
        **why(decisions),
    }


def why(decisions: Sequence[RoutingDecision]) -> dict[str, Any]:
    """The latest decision, and the latest that the rules took: being late asks a pool, no rule."""
    decision = decisions[0] if decisions else None
    by_rules = next((each for each in decisions if "late" not in each.trace), None)
    pool = decision.trace.get("pool") if decision else None
    return {
        "decision": decision,
        "by_rules": by_rules,
        "tried": rules_tried(by_rules) if by_rules else [],
        "pool": pool["name"] if pool else "",
        "asked": candidates(pool["people"]) if pool else [],
    }


OUTCOMES: Final = {"chosen": "matched", "nobody": "nobody"}


def rules_tried(decision: RoutingDecision) -> list[dict[str, Any]]:
    """The stored trace as the trace component wants it: rule by rule, person by person."""
    return [
        {
            "place": place,
            "name": rule["name"],
            "outcome": OUTCOMES.get(rule["outcome"], "failed"),
            "text": "Something it asks for is unknown." if rule["outcome"] == "unknown" else "",
            "explanation": rule["criteria"],
            "candidates": candidates(rule.get("people", [])),
        }
        for place, rule in enumerate(decision.trace["rules"], start=1)
    ]


def candidates(people: Sequence[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(person["name"], person["excluded"] or "could take it") for person in people]


def names_in(
    events: Sequence[LeadEvent], desk: Desk, decisions: Sequence[RoutingDecision]
) -> Names:
    """The names of everybody and everything the log mentions."""
    actors = {event.actor_id for event in events if event.actor_id}
    users = {event.payload["user"] for event in events if event.payload.get("user")} | actors
    teams = {event.payload["team"] for event in events if event.payload.get("team")}
    reasons = RejectionReason.objects.values_list("code", "label")
    return Names(
        users=dict(User.objects.filter(pk__in=users).values_list("pk", "name")),
        teams=dict(Team.objects.filter(pk__in=teams).values_list("pk", "name")),
        reasons=dict(reasons),
        touches={touch.pk: journey.in_words(touch) for touch in desk.touches},
        decisions={decision.pk: decision.because for decision in decisions},
    )
