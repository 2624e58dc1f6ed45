"""Read what a line says about the past of its lead: stages, reason, owner and amount."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from core.days import day_of
from core.formatting import number_text
from handoff.history import LeadHistory, StageReached
from handoff.models import LossReason, RejectionReason
from intake.imports.mapping import HISTORY_FIELDS
from intake.imports.reader import folded_name
from intake.normalize import MAX_CLOCK_SKEW
from leads.normalization.values import BadValue, ChoiceReader, Text, moment, quoted, suggestion
from leads.stages import CHOICES, FUNNEL, Stage, is_closed
from leads.touches import SetAside

MAX_AMOUNT: Final = Decimal(10) ** 12
CENT: Final = Decimal("0.01")
OWNER: Final = Text(200)
read_stage: Final = ChoiceReader(CHOICES)
EXITS: Final = (Stage.NURTURE, Stage.LOST, Stage.DISQUALIFIED)
AMOUNT: Final = re.compile(r"(?P<before>[^\d.,-]*)(?P<number>\d[\d.,'’ ]*)(?P<after>[^\d.,]*)")
THOUSANDS: Final = re.compile(r"\d{1,3}(?P<mark>[.,])\d{3}((?P=mark)\d{3})*")
CURRENCY: Final = re.compile(r"[A-Z]{3}")
CURRENCY_SIGNS: Final[Mapping[str, str]] = {"€": "EUR", "$": "USD", "US$": "USD", "£": "GBP"}


@dataclass(frozen=True, slots=True)
class LineHistory:
    """`owner` is how the other system names the owner; `set_aside` could not be used."""

    history: LeadHistory
    owner: str = ""
    set_aside: tuple[SetAside, ...] = ()

    @property
    def stage(self) -> Stage:
        return self.history.stages[-1].stage


@dataclass(frozen=True)
class Reasons:
    """Reasons by folded code and label; retired ones are history, too."""

    rejection: Mapping[str, RejectionReason]
    loss: Mapping[str, LossReason]

    @classmethod
    def stored(cls) -> Reasons:
        return cls(
            by_code_and_label(RejectionReason.objects.order_by("position")),
            by_code_and_label(LossReason.objects.order_by("position")),
        )


def by_code_and_label(reasons: Any) -> dict[str, Any]:
    rows = list(reasons)
    labels = {folded_name(reason.label): reason for reason in rows}
    return labels | {reason.code: reason for reason in rows}


@dataclass
class HistoryReader:
    """Reads the history of one line after the other."""

    reasons: Reasons = field(default_factory=Reasons.stored)

    def read(
        self,
        values: Mapping[str, Any],
        stage_dates: Mapping[Stage, object],
        *,
        default: Stage,
        occurred_at: datetime,
        at: datetime,
    ) -> LineHistory:
        """Return what is usable of the line, and what is not."""
        line = LineReader(values, self.reasons)
        stated = line.stage()
        if stated is None:
            # A date does not close a lead whose stage is stated, though not known here.
            shared = sharing_a_date(stage_dates)
            counted = {
                step: value
                for step, value in stage_dates.items()
                if not is_closed(step) or ("stage" not in values and step not in shared)
            }
            dates = line.dates(counted, at)
            stage = furthest(dates) or default
            end, reason = line.reason(stage)
            if end in stage_dates and end not in counted:
                dates |= line.dates({end: stage_dates[end]}, at)
            elif shared and not reason and "stage" not in values:
                line.refuse_shared_date(shared)
        else:
            stage = stated
            end, reason = line.reason(stage)
            # The closing date of an open deal is a plan.
            passed = {step for step in stage_dates if step in (stage, end)}
            passed |= {step for step in stage_dates if comes_before(step, end)}
            dates = line.dates({step: stage_dates[step] for step in passed}, at)
        amount, currency = line.amount()
        history = LeadHistory(
            stages=line.steps(stage, end, dates, occurred_at),
            continues=bool(stated or dates or reason),
            reason=reason,
            amount=amount,
            currency=currency,
        )
        return LineHistory(history, line.owner(), tuple(line.set_aside))


class LineReader:
    """The values of one line; what cannot be used is collected in `set_aside`."""

    def __init__(self, values: Mapping[str, Any], reasons: Reasons) -> None:
        self._values = values
        self._reasons = reasons
        self.set_aside: list[SetAside] = []

    def _refuse(self, name: str, value: object, reason: str) -> None:
        self.set_aside.append(SetAside(field=name, value=str(value)[:500], reason=reason))

    def refuse_shared_date(self, stages: Collection[Stage]) -> None:
        names = " and ".join(f"“{stage.label}”" for stage in stages)
        self._refuse("stage", "", f"{names} have the same date, so it does not say which applies.")

    def stage(self) -> Stage | None:
        value = self._values.get("stage", "")
        if value == "":
            return None
        try:
            return Stage(read_stage(value))
        except BadValue as bad:
            self._refuse("stage", value, str(bad))
            return None

    def dates(self, stage_dates: Mapping[Stage, object], at: datetime) -> dict[Stage, datetime]:
        dates = {}
        for stage, value in stage_dates.items():
            try:
                dates[stage] = past_moment(value, at)
            except BadValue as bad:
                self._refuse(f"stage_dates.{stage}", value, str(bad))
        return dates

    def reason(self, stage: Stage) -> tuple[Stage, str]:
        """Return the stage to which the reason leads, and the code of the reason."""
        value = self._values.get("reason")
        if value is None:
            return stage, ""
        word = folded_name(str(value))
        rejection, loss = self._reasons.rejection.get(word), self._reasons.loss.get(word)
        if stage is Stage.WON:
            self._refuse("reason", value, "A won lead has no reason.")
        elif loss is not None and (stage is Stage.LOST or (rejection is None and is_open(stage))):
            return Stage.LOST, loss.code
        elif rejection is not None and stage is not Stage.LOST:
            end = rejection.sets_in_motion.stage if is_open(stage) else stage
            return end, rejection.code
        else:
            known: Mapping[str, RejectionReason | LossReason] = (
                self._reasons.loss if stage is Stage.LOST else self._reasons.rejection
            )
            codes = list(dict.fromkeys(reason.code for reason in known.values()))
            kind = "loss reason" if stage is Stage.LOST else "rejection reason"
            text = quoted(str(value))
            self._refuse("reason", value, f"Unknown {kind} {text}. {suggestion(word, codes)}")
        return stage, ""

    def amount(self) -> tuple[Decimal | None, str]:
        value = self._values.get("amount")
        if value is None:
            return None, ""
        try:
            number, sign = read_amount(value)
            return number, read_currency(self._values.get("currency") or sign)
        except BadValue as bad:
            self._refuse("amount", value, str(bad))
            return None, ""

    def owner(self) -> str:
        value = self._values.get("owner", "")
        try:
            return str(OWNER(value))
        except BadValue as bad:
            self._refuse("owner", value, str(bad))
            return ""

    def steps(
        self, stage: Stage, end: Stage, dates: Mapping[Stage, datetime], opened_at: datetime
    ) -> tuple[StageReached, ...]:
        """Return the stages up to the last one in the order of the funnel, and of time."""
        passed = [step for step in FUNNEL if step in dates and comes_before(step, end)]
        steps: list[StageReached] = []
        last = opened_at
        for step in dict.fromkeys([*in_order([*passed, stage]), end]):
            at = dates.get(step, last)
            if day_of(at) < day_of(last):
                self._refuse(
                    f"stage_dates.{step}", at, f"“{step.label}” is dated before what preceded it."
                )
            last = max(at, last)
            steps.append(StageReached(step, last))
        return tuple(steps)


def in_order(steps: list[Stage]) -> list[Stage]:
    order = [*FUNNEL, *EXITS]
    return sorted(steps, key=order.index)


def is_open(stage: Stage) -> bool:
    return stage in FUNNEL and stage is not Stage.WON


def comes_before(step: Stage, stage: Stage) -> bool:
    """Check that a lead may have passed `step` on its way to `stage`."""
    if not is_open(step):
        return False
    return stage in EXITS or FUNNEL.index(step) < FUNNEL.index(stage)


def sharing_a_date(stage_dates: Mapping[Stage, object]) -> list[Stage]:
    """Return the closing stages whose date is also the date of another one."""
    closing = {stage: value for stage, value in stage_dates.items() if is_closed(stage)}
    values = list(closing.values())
    return [stage for stage, value in closing.items() if values.count(value) > 1]


def furthest(dates: Mapping[Stage, datetime]) -> Stage | None:
    """Return the stage of a line that names none: the last one by date."""
    order = [*FUNNEL, *EXITS]
    return max(dates, key=lambda stage: (dates[stage], order.index(stage)), default=None)


def past_moment(value: object, at: datetime) -> datetime:
    if isinstance(value, BadValue):
        raise value
    instant = moment(value)
    if instant > at + MAX_CLOCK_SKEW:
        raise BadValue("Must not be in the future.")
    return min(instant, at)


def read_amount(value: object) -> tuple[Decimal, str]:
    """Return the amount, and the currency sign or code beside it: "€ 1.200,50", "1,200 USD"."""
    match = AMOUNT.fullmatch(str(value).strip())
    if match is None or isinstance(value, bool):
        raise BadValue("Must be an amount, such as 1,200.50.")
    digits = re.sub(r"['’\s]", "", match["number"])
    if THOUSANDS.fullmatch(digits):
        digits = re.sub("[.,]", "", digits)
    decimal_mark = max(digits.rfind("."), digits.rfind(","))
    if decimal_mark >= 0:
        whole = re.sub("[.,]", "", digits[:decimal_mark])
        digits = f"{whole}.{digits[decimal_mark + 1 :]}"
    try:
        amount = Decimal(digits)
    except InvalidOperation:
        raise BadValue("Must be an amount, such as 1,200.50.") from None
    if amount >= MAX_AMOUNT:
        raise BadValue(f"Must be less than {number_text(MAX_AMOUNT, decimals=0)}.")
    return amount.quantize(CENT), (match["before"].strip() or match["after"].strip())


def read_currency(value: object) -> str:
    word = str(value or "").strip().upper()
    code = CURRENCY_SIGNS.get(word, word)
    if not code:
        raise BadValue("Name the currency of amounts in the map, such as currency = “EUR”.")
    if not CURRENCY.fullmatch(code):
        raise BadValue(f"Unknown currency {quoted(word)}. Use its three-letter code, such as USD.")
    return code


def split_history(values: dict[str, Any]) -> dict[str, Any]:
    """Take the values of history out of those of a line."""
    return {name: values.pop(name) for name in HISTORY_FIELDS if name in values}
