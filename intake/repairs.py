"""Repair values that were set aside: use the right one, or dismiss it with a note.

A touch never changes. The right value goes to the contact, the company or the lead, as a correction
with its history, and the repair is kept beside the touch.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, Model, OuterRef, Q

from core.errors import Refused
from core.retries import with_retries
from core.unit_of_work import reserve_ids
from handoff.answers.complete import fill_company, refuse_duplicate
from handoff.assignment.waiting_order import keep_places
from handoff.intake_run import IntakeRun
from handoff.lead_state import lock_contact_and_lead, lock_lead_state
from handoff.models import Handoff
from handoff.rescoring import score_lead
from handoff.routed_offers import route_and_offer
from intake.normalize import CODES, Vocabulary, read_value
from leads.configuration import LeadConfiguration, configuration
from leads.contact_state import ContactState
from leads.corrections import correct
from leads.data_quality import field_label, touches_to_repair
from leads.event_log import record
from leads.events import Repaired
from leads.models import Company, Contact, Lead, Repair, Touch
from leads.normalization.identity import phone
from leads.normalization.values import BadValue
from leads.precedence import Origin
from leads.statements import COMPANY_COLUMNS, may_replace
from leads.undone import without_undone
from people.models import User

# Of a group, in one request; the page says how many are left.
MAX_AT_ONCE: Final = 200
CONTACT_FIELDS: Final = ("email", "phone", "name", "title", "seniority", "persona", "country")
COMPANY_FIELDS: Final[Mapping[str, str]] = {
    "company": "name",
    "website": "domain",
    **COMPANY_COLUMNS,
}
# The first touch of a lead says where it came from.
ORIGIN_FIELDS: Final = frozenset({"source", "campaign", "medium", "landing_page"})
LEAD_FIELDS: Final = (
    *ORIGIN_FIELDS,
    *("lead_type", "stated_problem", "product_interest", "timing", "budget_context"),
)
REPAIRABLE: Final = frozenset((*CONTACT_FIELDS, "consent", *COMPANY_FIELDS, *LEAD_FIELDS))
# These differ from contact to contact, so one value is never set for several.
OF_ONE_CONTACT: Final = frozenset({"consent", "email", "phone", "name", "company", "website"})


class BadRepair(Refused):
    code = "bad_repair"


class NotNeeded(Refused):
    """A value that no entered one can replace, as something that counts more was said since."""

    code = "not_needed"


class NoteRequired(Refused):
    code = "note_required"


@dataclass(frozen=True)
class RepairResult:
    """Counts of touches; `refusals` and `dismissals` are the reasons of those not repaired."""

    repaired: int
    left: int
    refusals: tuple[str, ...] = ()
    dismissals: tuple[str, ...] = ()


def repair_values(
    *, field: str, value: str, entered: str, by: User, at: datetime, touch_id: int | None = None
) -> RepairResult:
    """Use the entered value for one touch, or for all that wait with the same value."""
    if field not in REPAIRABLE:
        raise BadRepair("This field cannot be repaired. Dismiss the value with a note.")
    if touch_id is None and field in OF_ONE_CONTACT:
        raise BadRepair("This value differs from contact to contact. Repair each lead by itself.")
    config = configuration.now()
    clean = read_entered(field, entered, Vocabulary.of(config))

    def use(touch: Touch) -> str:
        try:
            repair(touch, field, value, clean, entered=entered, config=config, by=by, at=at)
        except NotNeeded as reason:
            dismissal = {"note": str(reason), "by": by, "at": at}
            Repair.objects.create(touch=touch, field=field, value=value, **dismissal)
            return str(reason)
        return ""

    return for_each_touch(field, value, touch_id, use)


def dismiss_values(
    *, field: str, value: str, note: str, by: User, at: datetime, touch_id: int | None = None
) -> RepairResult:
    """Take values from the list without using them; the note says why."""
    if not note.strip():
        raise NoteRequired("Enter why the value is not needed.")

    def dismiss(touch: Touch) -> str:
        Repair.objects.create(
            touch=touch, field=field, value=value, note=note.strip(), by=by, at=at
        )
        return ""

    return for_each_touch(field, value, touch_id, dismiss)


def for_each_touch(
    field: str, value: str, touch_id: int | None, run: Callable[[Touch], str]
) -> RepairResult:
    """Run each in a transaction of its own; one that is refused stays in the list.

    `run` returns why a value was dismissed instead of used. One that another person repaired or
    dismissed meanwhile is skipped.
    """
    touches = touches_to_repair(field, value)
    if touch_id is not None:
        touches = touches.filter(pk=touch_id)
    repaired, refusals, dismissals = 0, [], []
    for touch in touches.order_by("pk")[:MAX_AT_ONCE]:

        @transaction.atomic
        def attempt(touch: Touch = touch) -> str | None:
            lock_contact_and_lead(touch.lead_id)
            still_waits = touches_to_repair(field, value).filter(pk=touch.pk).exists()
            return run(touch) if still_waits else None

        try:
            dismissal = with_retries(attempt)
        except Refused as refusal:
            refusals.append(f"Lead {touch.lead_id}: {refusal}")
        else:
            repaired += dismissal == ""
            dismissals += [f"Lead {touch.lead_id}: {dismissal}"] if dismissal else []
    return RepairResult(repaired, touches.count(), tuple(refusals), tuple(dismissals))


def read_entered(field: str, entered: str, vocabulary: Vocabulary) -> Any:
    """Read the value as intake does; a phone is read with the country of its contact."""
    text = entered.strip()
    if not text:
        raise BadRepair("Enter the right value.")
    if field == "phone":
        return text
    try:
        clean = read_value(field, text, vocabulary)
    except BadValue as bad:
        raise BadRepair(str(bad)) from None
    if field == "website":
        clean = vocabulary.mail_hosts.website_domain(str(clean))
        if not clean:
            raise BadRepair("This website belongs to a mail provider, not to a company.")
    return clean


def repair(
    touch: Touch,
    field: str,
    value: str,
    clean: Any,
    *,
    entered: str,
    config: LeadConfiguration,
    by: User,
    at: datetime,
) -> None:
    state = lock_lead_state(touch.lead_id)
    is_open = state is not None
    state = state or closed_state(touch.lead_id)
    lead = state.lead
    assert lead is not None
    run = IntakeRun.on_leads([lead.pk], at=at)
    event = Repaired(touch=touch.pk, field=field)
    if field in LEAD_FIELDS:
        event = repair_lead(run, lead, touch, event, field, clean, config)
    elif field in COMPANY_FIELDS:
        repair_company(run, state, touch, COMPANY_FIELDS[field], clean, by=by, at=at)
    else:
        repair_contact(run, state, touch, field, clean, config, by=by, at=at)
    record(run.work, lead.pk, event, at=at, actor_id=by.pk)
    run.work.add(Repair(touch_id=touch.pk, field=field, value=value, entered=entered, by=by, at=at))
    if is_open and not lead.is_historical:
        offer_if_ready(run, state, lead)
    run.work.write()


def closed_state(lead_id: int) -> ContactState:
    contact, lead = lock_contact_and_lead(lead_id)
    ids: dict[type[Model], int] = {Company: reserve_ids(Company, 1)[0]}
    return ContactState(contact=contact, company=lead.company, lead=lead, ids=ids)


def refuse_replacing(instance: Contact | Company, column: str, clean: Any, touch: Touch) -> None:
    """Raise NotNeeded if a later statement or a person said something else than the value."""
    if getattr(instance, column) == clean or may_replace(
        instance, column, Origin(touch.occurred_at)
    ):
        return
    model, name = instance._meta.verbose_name, field_label(column.removesuffix("_id")).lower()
    raise NotNeeded(f"The {model} has a later or edited value for “{name}”, which stays.")


def repair_company(
    run: IntakeRun,
    state: ContactState,
    touch: Touch,
    column: str,
    clean: Any,
    *,
    by: User,
    at: datetime,
) -> None:
    """Correct the company of the lead, or add one unless the contact has a later one."""
    assert state.contact is not None
    if state.company is not None:
        refuse_replacing(state.company, column, clean, touch)
    else:
        refuse_replacing(state.contact, "company_id", None, touch)
    fill_company(run.work, state, {column: clean}, by=by, at=at)


def repair_contact(
    run: IntakeRun,
    state: ContactState,
    touch: Touch,
    field: str,
    clean: Any,
    config: LeadConfiguration,
    *,
    by: User,
    at: datetime,
) -> None:
    contact = state.contact
    assert contact is not None
    columns = {field: clean}
    if field == "phone":
        region = contact.country or (state.company.country if state.company else "")
        try:
            columns["phone"], columns["phone_extension"] = phone(clean, region)
        except BadValue as bad:
            raise BadRepair(str(bad)) from None
    elif field == "email":
        refuse_duplicate(Contact, "email", columns, contact.pk)
        host = str(clean).rpartition("@")[2]
        columns["email_is_corporate"] = bool(config.mail_hosts.corporate_domain(host))
    refuse_replacing(contact, field, columns[field], touch)
    if field == "title" and may_replace(contact, "seniority", Origin(touch.occurred_at)):
        columns["seniority"] = config.titles.seniority_of(str(clean)) or contact.seniority
    correct(run.work, contact, columns, by_id=by.pk, at=at)


def repair_lead(
    run: IntakeRun,
    lead: Lead,
    touch: Touch,
    event: Repaired,
    field: str,
    clean: Any,
    config: LeadConfiguration,
) -> Repaired:
    """Set what the lead does not say yet; where it came from only its first touch decides."""
    column = f"{field}_id" if field in CODES else field
    new = getattr(config, f"{field}s")[clean].pk if field in CODES else clean
    is_first = touch.pk == lead.first_touch_id
    present = getattr(lead, column)
    if present != new:
        if field in ORIGIN_FIELDS and not is_first:
            raise NotNeeded("Only its first touch says where a lead came from.")
        is_unset = present in ("", None) or (field == "lead_type" and is_by_default(lead, config))
        if not is_unset:
            name = field_label(field).lower()
            raise NotNeeded(f"The lead has another {name}, which stays.")
    run.work.set(lead, **{column: new})
    if field == "lead_type":
        run.work.set(lead, temperature=config.lead_types[clean].temperature)
        keep_places([lead])
    if field not in CODES or not is_first:
        return event
    return Repaired(touch=touch.pk, field=field, **{field: new})


def is_by_default(lead: Lead, config: LeadConfiguration) -> bool:
    """Return whether only the kind of a touch, and no statement or repair, decided the type."""
    kinds = [kind for kind, row in config.types_by_kind.items() if row.pk == lead.lead_type_id]
    touches = without_undone(lead.touches.all())
    stated = Q(lead_type=lead.lead_type_id) | Exists(
        Repair.objects.filter(touch=OuterRef("pk"), field="lead_type").exclude(entered="")
    )
    return (
        touches.filter(kind__in=kinds, lead_type=None).exists()
        and not touches.filter(stated).exists()
    )


def offer_if_ready(run: IntakeRun, state: ContactState, lead: Lead) -> None:
    """Score the lead, and offer it as a touch would, unless sales has or returned it."""
    facts = score_lead(run, state, lead)
    is_free = lead.returned_at is None and lead.wake_on is None
    if is_free and not Handoff.objects.open().filter(lead=lead.pk).exists():
        route_and_offer(run, state, lead, facts)
