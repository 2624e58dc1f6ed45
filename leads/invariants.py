"""What must hold for every lead at any moment (N-16, N-25)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from django.db.models import F, Func, IntegerField, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Greatest

from core.invariants import Check, Violation
from leads.models import Lead, LeadEvent, LeadScore


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
    "every score is the sum of its ledger": scores_add_up,
    "every stage is what the log says": stages_are_what_the_log_says,
}
