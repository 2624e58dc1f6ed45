"""Check, publish and copy versions of SLA policies."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from core.versioning.copying import copy_version
from core.versioning.models import ContentStatus
from core.versioning.publishing import NotReady, locked_draft, replace_published
from handoff.clock_kinds import CLOCK_KINDS
from handoff.models import SlaPolicy
from people.models import User


def problems_of(policy: SlaPolicy) -> list[str]:
    problems = [
        f"Add a target for “{kind.label}” without lead type and temperature. "
        "It applies to all leads that no other target covers."
        for kind in CLOCK_KINDS.values()
        if not kind.falls_back_on
        and not policy.targets.filter(clock=kind.code, lead_type=None, temperature="").exists()
    ]
    if not policy.is_default and not _other_policies(policy).filter(is_default=True).exists():
        problems.append("Make this policy the default, because no other published policy is.")
    return problems


@transaction.atomic
def publish(*, policy: SlaPolicy, by: User | None, at: datetime, note: str = "") -> None:
    draft = locked_draft(policy)
    if problems := problems_of(draft):
        raise NotReady(problems)
    if draft.is_default:
        _other_policies(draft).update(is_default=False)
    draft.note = note or draft.note
    rivals = SlaPolicy.objects.filter(code=draft.code)
    replace_published(draft, rivals=rivals, by=by, at=at)


def copy_to_draft(policy: SlaPolicy) -> SlaPolicy:
    siblings = SlaPolicy.objects.filter(code=policy.code)
    return copy_version(policy, siblings=siblings, children={"targets": {}}, without=["note"])


def _other_policies(policy: SlaPolicy) -> QuerySet[SlaPolicy]:
    published = SlaPolicy.objects.filter(status=ContentStatus.PUBLISHED)
    return published.exclude(code=policy.code)
