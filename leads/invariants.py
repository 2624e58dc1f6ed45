"""What must hold for every lead at any moment (N-16, N-25)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from core.invariants import Check, Violation
from leads.models import Lead, LeadEvent, LeadScore
from people.availability import MAY_ANSWER, STAFF
from people.models import Team

# What is offered waits for somebody who may answer it; what nobody has waits with marketing.
WATCHED: Final = STAFF.filter(MAY_ANSWER | Q(team__function=Team.Function.MARKETING))


def open_leads_have_somebody(at: datetime) -> Iterator[Violation]:
    """History that was imported waits for nobody until it is offered."""
    offered = Lead.objects.filter(handoffs__isnull=False).values("pk")
    leads = Lead.objects.open().filter(Q(is_historical=False) | Q(pk__in=offered))
    for lead in leads.filter(owner__is_active=False).order_by("pk"):
        yield Violation(f"lead {lead.pk}", f"it is with user {lead.owner_id}, who has left")
    is_staffed = Exists(WATCHED.filter(team=OuterRef("queue")))
    waiting = leads.filter(~is_staffed, owner=None).values_list("queue").annotate(Count("pk"))
    for team_id, number in waiting.order_by("queue"):
        yield Violation(f"team {team_id}", f"{number} leads wait there and nobody works in it")


def scores_add_up(at: datetime) -> Iterator[Violation]:
    ledger = Func(F("ledger"), function="leads_ledger_total", output_field=IntegerField())
    wrong = LeadScore.objects.annotate(sum=ledger, shown=Greatest(F("total"), Value(0))).exclude(
        Q(total=F("sum")) & Q(lead__score=F("shown"))
    )
    for score in wrong.select_related("lead").order_by("lead"):
        yield Violation(
            f"lead {score.lead_id}",
            f"it shows {score.lead.score} points and its ledger adds up to {score.sum}",
        )


def stages_are_what_the_log_says(at: datetime) -> Iterator[Violation]:
    moves = LeadEvent.objects.filter(lead=OuterRef("pk")).exclude(to_stage="")
    leads = Lead.objects.annotate(
        logged=Coalesce(Subquery(moves.order_by("-pk").values("to_stage")[:1]), Value("nothing"))
    )
    wrong = leads.exclude(logged=F("stage")).order_by("pk")
    for lead_id, stage, logged in wrong.values_list("pk", "stage", "logged"):
        yield Violation(f"lead {lead_id}", f"it stands at {stage} and the log says {logged}")


CHECKS: Final[Mapping[str, Check]] = {
    "every open lead has an active owner or a staffed queue": open_leads_have_somebody,
    "every score is the sum of its ledger": scores_add_up,
    "every stage is what the log says": stages_are_what_the_log_says,
}
