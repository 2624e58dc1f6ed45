"""What must hold at any moment (N-16): each check yields what does not."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Final

from django.db.models import Sum

from core.invariants import Check, Violation
from people.models import Team


def turns_balance(at: datetime) -> Iterator[Violation]:
    unbalanced = Team.objects.annotate(sum=Sum("memberships__balance")).exclude(sum=None)
    for team in unbalanced.exclude(sum=0).order_by("pk"):
        yield Violation(f"team {team.pk}", f"its turns add up to {team.sum} and not to zero")


CHECKS: Final[Mapping[str, Check]] = {"turns of a pool add up to zero": turns_balance}
