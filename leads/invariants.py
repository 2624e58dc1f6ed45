"""Check that scores and stages of leads are consistent with their breakdown and log."""

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
            f"the score is {score.lead.score}, but its breakdown adds up to {score.sum}",
        )


def stages_match_the_log(at: datetime) -> Iterator[Violation]:
    moves = LeadEvent.objects.filter(lead=OuterRef("pk")).exclude(to_stage="")
    leads = Lead.objects.annotate(
        logged=Coalesce(Subquery(moves.order_by("-pk").values("to_stage")[:1]), Value("nothing"))
    )
    wrong = leads.exclude(logged=F("stage")).order_by("pk")
    for lead_id, stage, logged in wrong.values_list("pk", "stage", "logged"):
        yield Violation(f"lead {lead_id}", f"the stage is {stage}, but the log says {logged}")


CHECKS: Final[Mapping[str, Check]] = {
    "every score is the sum of its breakdown": scores_add_up,
    "every stage matches the log": stages_match_the_log,
}
