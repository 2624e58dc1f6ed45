"""The kinds of reasons that have a page; another kind is another entry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from handoff.admin.reason_editor.forms import (
    LossReasonForm,
    Reason,
    ReasonForm,
    RejectionReasonForm,
    ReversalReasonForm,
)
from handoff.admin.reason_editor.uses import read_uses, waiting_after_change
from handoff.admin.reason_editor.words import OF_ANY, OF_REJECTIONS
from handoff.models import LossReason, RejectionReason, ReversalReason
from handoff.models.answers import MAX_ACTIVE, MIN_ACTIVE

Words = Callable[[Any, Any], str]


@dataclass(frozen=True)
class ReasonKind:
    """`row` shows what a reason means, `preview` how it is chosen; both are templates or empty.

    `count_uses` counts by id how often each was chosen, `also` words what a change leaves as it is.
    """

    model: type[Reason]
    form: type[ReasonForm]
    title: str
    text: str
    kept: str
    limits: str
    words: tuple[Words, ...] = OF_ANY
    note: str = ""
    also: Callable[[Any, Any], str] = lambda old, new: ""
    count_uses: Callable[[datetime], Mapping[int, int]] = lambda at: {}
    row: str = ""
    preview: str = ""

    @property
    def short_title(self) -> str:
        return self.title.removesuffix(" reasons")

    @property
    def name(self) -> str:
        return str(self.model._meta.model_name)

    def address(self, page: str) -> str:
        return f"admin:handoff_{self.name}_{page}"


KINDS: Final[Mapping[type[Any], ReasonKind]] = {
    kind.model: kind
    for kind in (
        ReasonKind(
            RejectionReason,
            RejectionReasonForm,
            "Rejection reasons",
            "Reps choose one of the active reasons when they reject a lead. It decides what "
            "happens to the lead.",
            "Leads rejected before keep what happened to them.",
            f"{MIN_ACTIVE} to {MAX_ACTIVE}",
            words=OF_REJECTIONS,
            note="The numbers count rejected handoffs by the day of their offer, as the rejections "
            "report does.",
            also=waiting_after_change,
            count_uses=read_uses,
            row="handoff/reasons/_rejection.html",
            preview="handoff/reasons/_preview.html",
        ),
        ReasonKind(
            LossReason,
            LossReasonForm,
            "Loss reasons",
            "Reps choose one of the active reasons when they close a qualified lead or an "
            "opportunity as lost.",
            "Leads lost before keep their reason.",
            "1 or more",
        ),
        ReasonKind(
            ReversalReason,
            ReversalReasonForm,
            "Reversal reasons",
            "Sales managers and operations choose one of the active reasons when they reverse a "
            "won deal.",
            "Deals reversed before keep their reason.",
            "1 or more",
        ),
    )
}
