"""Read the lead page and the inbox's lead pane in a fixed number of statements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final, NamedTuple

from django.utils import timezone
from django.utils.safestring import SafeString

from core.formatting import date_text
from core.permissions import Right
from core.raw_sql import run_together
from handoff.answers.advance import NEXT_STAGES
from handoff.answers.complete import missing_codes
from handoff.clock_kinds import FIRST_CONTACT, NEW_REQUEST
from handoff.marketing_actions import is_held_by_marketing, problem_with_consent
from handoff.models import (
    Attempt,
    Handoff,
    LossReason,
    Rejection,
    RejectionReason,
    ReversalReason,
    SlaClock,
)
from handoff.reasons import Reasons, reasons
from handoff.suppression import Suppression, suppression_of
from leads import touch_history
from leads.checklist import ChecklistItem, checklist
from leads.configuration import LeadConfiguration
from leads.configuration import configuration as lead_configuration
from leads.context_card import edition_of
from leads.data_quality import field_label
from leads.models import ContextCard, Lead, LeadScore, Touch
from leads.qualification import lacks_way_to_reach
from leads.required_context import COMPLETABLE_FIELDS, ContextField, context_fields, is_known
from leads.score_breakdown import BreakdownGroup, met_groups, missed_groups
from leads.stages import AFTER_REVERSAL, UNQUALIFIED, Stage
from people.models import Team, User
from people.readers import shape_of, values_of
from workspace.lead import queries
from workspace.lead.clock_status import ClockStatus, clock_statuses
from workspace.lead.linked_names import linked, person_href, queue_href
from workspace.lead.next_step import next_step
from workspace.refusal_messages import read_only_reason
from workspace.repair_links import address_of, may_repair

SHOWN_TOUCHES: Final = 5


class ValueToRepair(NamedTuple):
    """A value that was set aside; `href` is empty for readers who may not repair it."""

    label: str
    value: str
    reason: str
    href: str


@dataclass
class LeadPage:
    """A lead with everything a reader needs to answer it."""

    lead: Lead
    user: User
    at: datetime
    handoffs: list[Handoff]
    touches: list[Touch]
    latest_clocks: list[SlaClock]
    all_reasons: Reasons
    config: LeadConfiguration

    @property
    def handoff(self) -> Handoff | None:
        """Return the open handoff, else the latest."""
        return self.handoffs[0] if self.handoffs else None

    @property
    def is_answerable(self) -> bool:
        handoff = self.handoff
        return bool(handoff and handoff.is_open and getattr(handoff, "is_answerable", False))

    @cached_property
    def read_only_reason(self) -> str:
        if self.is_answerable:
            return ""
        return read_only_reason(self.lead, self.handoffs, reader=self.user)

    @property
    def former_handoff(self) -> Handoff | None:
        """Return the reader's latest handoff that someone else has now, for a late entry."""
        if Right.ANSWER_HANDOFFS not in self.user.rights:
            return None
        passed_on = {Handoff.State.EXPIRED, Handoff.State.WITHDRAWN}
        mine = (handoff for handoff in self.handoffs if handoff.owner_id == self.user.pk)
        return next((handoff for handoff in mine if handoff.state in passed_on), None)

    @property
    def is_offered(self) -> bool:
        return bool(self.handoff and self.handoff.state == Handoff.State.OFFERED)

    @property
    def owes_contact(self) -> bool:
        kinds = (FIRST_CONTACT, NEW_REQUEST)
        return bool(self.handoff and any(kind.is_owed(self.handoff) for kind in kinds))

    @property
    def may_reject(self) -> bool:
        return self.is_answerable and self.lead.stage in UNQUALIFIED

    @property
    def is_mine(self) -> bool:
        return self.lead.owner_id == self.user.pk

    @cached_property
    def because(self) -> str:
        """Return the stored reason of the latest decision, after any manual reassignment."""
        decisions = (handoff.decision for handoff in self.handoffs if handoff.decision is not None)
        decision = next(decisions, None)
        return f"{self.reassigned_text} {decision.because if decision else ''}".strip()

    @property
    def linked_because(self) -> SafeString:
        """Return the same with links to the people and queues that have or had the lead."""
        people = [self.lead.owner, *(handoff.owner for handoff in self.handoffs)]
        queues = [self.lead.queue, *(handoff.queue for handoff in self.handoffs)]
        hrefs = {team.name: queue_href(team.pk) for team in queues if team}
        return linked(
            self.because, hrefs | {user.name: person_href(user.pk) for user in people if user}
        )

    @cached_property
    def holder(self) -> User | Team | None:
        """Return the owner or queue of the open handoff, else of the lead."""
        holder = (self.handoff.owner or self.handoff.queue) if self.handoff else None
        return holder or self.lead.owner or self.lead.queue

    @property
    def reassigned_text(self) -> str:
        if not self.handoff or not self.handoff.hop or len(self.handoffs) < 2:
            return ""
        before = self.handoffs[1]
        was_decided = before.decision_id != self.handoff.decision_id
        if was_decided or before.state != Handoff.State.WITHDRAWN:
            return ""
        return f"Reassigned by a manager from {before.owner or before.queue}."

    @property
    def channels(self) -> list[tuple[str, str]]:
        return Attempt.Channel.choices

    @property
    def outcomes(self) -> list[tuple[str, str]]:
        return Attempt.Outcome.choices

    @property
    def rejection(self) -> Rejection | None:
        """Return the rejection of the latest handoff, if that is how it was answered."""
        return getattr(self.handoff, "rejection", None)

    @property
    def zone(self) -> str:
        return timezone.get_current_timezone_name()

    @property
    def undone_text(self) -> str:
        """Return when the import of the lead was taken back; empty if the lead counts."""
        if self.lead.undone_at is None:
            return ""
        day = date_text(timezone.localtime(self.lead.undone_at))
        return f"The import that opened this lead was taken back on {day}. It does not count."

    @property
    def may_edit(self) -> bool:
        return not self.undone_text and self.user.may(Right.EDIT_CONTEXT)

    @property
    def may_edit_contact(self) -> bool:
        return not self.undone_text and self.user.may(Right.EDIT_CONTACTS)

    @cached_property
    def returned(self) -> list[str]:
        """Return the fields that marketing has to complete before sales gets the lead again."""
        if not self.may_edit or self.lead.contact.suppressed_at is not None:
            return []
        return missing_codes(self.lead, self.handoff)

    @cached_property
    def suppression(self) -> Suppression | None:
        return suppression_of(self.lead)

    @property
    def problem_with_consent(self) -> str:
        return problem_with_consent(self.lead.contact)

    @property
    def is_out_of_reach(self) -> bool:
        return lacks_way_to_reach(self.lead)

    @property
    def is_held(self) -> bool:
        """Return whether the reader may act on the lead for marketing."""
        return self.may_edit and is_held_by_marketing(self.lead, self.handoff)

    @cached_property
    def to_complete(self) -> list[str]:
        """Return the fields to fill in: what sales asked for, else all that are unknown."""
        if self.returned or not self.is_held:
            return self.returned
        return [code for code in COMPLETABLE_FIELDS if not is_known(self.lead, code)]

    @property
    def card_edition(self) -> str:
        return edition_of(self.card)

    @property
    def next_stages(self) -> list[Stage]:
        if not self.is_answerable or self.is_offered:
            return []
        return list(NEXT_STAGES.get(Stage(self.lead.stage), ()))

    @property
    def reasons(self) -> list[RejectionReason]:
        return self.all_reasons.active_rejection

    @property
    def loss_reasons(self) -> list[LossReason]:
        return self.all_reasons.active_loss

    @property
    def may_reverse(self) -> bool:
        is_won = self.lead.stage == Stage.WON and not self.undone_text
        return is_won and self.user.may(Right.REVERSE_WON)

    @property
    def reversal_stages(self) -> list[Stage]:
        return list(AFTER_REVERSAL)

    @property
    def reversal_reasons(self) -> list[ReversalReason]:
        return self.all_reasons.active_reversal

    @property
    def blocked_text(self) -> str:
        logged = self.handoff.attempt_count if self.handoff else 0
        return f"Available after {self.attempts_needed} logged attempts ({logged} so far)"

    @property
    def next_step(self) -> str:
        step = next_step(self.lead, self.handoff, reader=self.user)
        return f"{step} {self.cover_text}".strip()

    @property
    def cover_text(self) -> str:
        """Say who covers for the owner of the open handoff, and until when."""
        handoff = self.handoff
        cover = getattr(handoff, "cover", None)
        if handoff is None or not handoff.is_open or cover is None:
            return ""
        cover_id, name, ends_at = cover
        owner, until = handoff.owner, datetime.fromisoformat(ends_at)
        assert owner is not None, "someone is covered for"
        day = date_text((until - timedelta.resolution).astimezone(owner.zone))
        if cover_id == self.user.pk:
            return f"You cover for {owner} until {day}."
        return f"{name} covers for {owner} until {day}."

    @cached_property
    def clocks(self) -> list[ClockStatus]:
        """Return the clocks of the latest handoff; the timeline shows those of earlier ones."""
        if self.handoff is None:
            return []
        # Another handoff may have become the latest between two statements.
        clocks = [clock for clock in self.latest_clocks if clock.handoff_id == self.handoff.pk]
        for clock in clocks:
            clock.handoff = self.handoff
        return clock_statuses(clocks, at=self.at)

    @property
    def running_clock(self) -> ClockStatus | None:
        return next((status for status in self.clocks if status.is_running), None)

    @property
    def card(self) -> ContextCard | None:
        return getattr(self.lead, "card", None)

    @property
    def score_card(self) -> LeadScore | None:
        return getattr(self.lead, "score_card", None)

    @cached_property
    def met_criteria(self) -> list[BreakdownGroup]:
        return met_groups(self.score_card, self.config.scoring) if self.score_card else []

    @cached_property
    def missed_criteria(self) -> list[BreakdownGroup]:
        return missed_groups(self.score_card, self.config.scoring) if self.score_card else []

    @property
    def missing_fields(self) -> list[ContextField]:
        return context_fields(self.lead)

    @cached_property
    def checklist(self) -> list[ChecklistItem]:
        return checklist(self.lead)

    @property
    def answered_count(self) -> int:
        return sum(bool(check.known) for check in self.checklist)

    @property
    def touch_summary(self) -> str:
        return touch_history.summarize(self.touches)

    @property
    def last_touches(self) -> list[tuple[Touch, str]]:
        return [
            (touch, touch_history.topic_of(touch))
            for touch in [touch for touch in self.touches if not touch.is_repeat][:SHOWN_TOUCHES]
        ]

    @cached_property
    def form_answers(self) -> list[tuple[str, Any]]:
        return touch_history.latest_answers(self.touches)

    @cached_property
    def set_aside(self) -> list[ValueToRepair]:
        is_linked = may_repair(self.user)
        return [
            ValueToRepair(
                field_label(value["field"]),
                value["value"],
                value["reason"],
                address_of(value["field"], value["value"], touch.pk) if is_linked else "",
            )
            for touch in self.touches
            if not touch_history.is_taken_back(touch)
            for value in touch.set_aside
            if [value["field"], value["value"]] not in getattr(touch, "repaired", ())
        ]

    @cached_property
    def talking_points(self) -> list[str]:
        campaign = self.lead.campaign
        return campaign.talking_points.splitlines() if campaign else []

    @property
    def attempts_needed(self) -> int:
        return self.handoff.policy.attempts_required if self.handoff else 0

    @cached_property
    def blocked(self) -> set[str]:
        """Return the codes of reasons that need more logged attempts first."""
        logged = self.handoff.attempt_count if self.handoff else 0
        if logged >= self.attempts_needed:
            return set()
        return {reason.code for reason in self.reasons if reason.requires_attempts}


def load_lead_page(lead_id: int, *, user: User, at: datetime) -> LeadPage | None:
    """Read a lead with everything needed to answer it; None if the user may not see it."""
    shape, reader = shape_of(user), values_of(user)
    leads = queries.LEAD.bound(shape, lead_id=lead_id, **reader)
    handoffs = queries.HANDOFFS.bound(shape, lead_id=lead_id, at=at, **reader)
    touches = queries.TOUCHES.bound(lead_id=lead_id)
    clocks = queries.CLOCKS.bound(lead_id=lead_id)
    run_together(leads, handoffs, touches, clocks)
    if not leads.rows:
        return None
    (lead,) = leads.rows
    lead.contact.external_id = next(iter(getattr(lead, "external_ids", ())), "")
    stamp: int | None = getattr(lead, "stamp", None)
    return LeadPage(
        lead=lead,
        user=user,
        at=at,
        handoffs=handoffs.rows,
        touches=touches.rows,
        latest_clocks=clocks.rows,
        all_reasons=reasons.at(stamp),
        config=lead_configuration.at(stamp),
    )
