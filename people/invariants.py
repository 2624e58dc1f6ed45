from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from django.db.models import Sum

from core.invariants import Check, Violation
from people.models import Team


def round_robin_balances(at: datetime) -> Iterator[Violation]:
    unbalanced = Team.objects.annotate(sum=Sum("memberships__balance")).exclude(sum=None)
    for team in unbalanced.exclude(sum=0).order_by("pk"):
        yield Violation(
            f"team {team.pk}", f"its round robin balances add up to {team.sum}, not to zero"
        )


CHECKS: Final[Mapping[str, Check]] = {
    "round robin balances of a team add up to zero": round_robin_balances
}
