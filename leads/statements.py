"""Update contact and company by what a touch states about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from core.unit_of_work import UnitOfWork
from leads.company_match import CompanyNames, Match, match_company
from leads.contact_state import ContactState
from leads.models import Company, Contact, ExternalId
from leads.normalization.identity import registered_domain
from leads.normalization.names import person_key
from leads.precedence import LATEST_COUNTS, Origin, origin_of, replaces
from leads.touches import Incoming, TouchIn

Columns = dict[str, Any]

# A value that is stated again within this time keeps its date, so that a company with many
# touches is not written with each. Consent has the exact date.
RESTATED_AFTER: Final = timedelta(hours=1)

STATED_FIELDS: Final = (
    *("email", "external_id", "name", "title", "seniority", "persona"),
    *("phone", "phone_extension", "country", "consent"),
    *("company", "website", "industry", "employees"),
    *("company_country", "region", "revenue_band", "is_target_account", "is_customer"),
    "account_owner",
)
COMPANY_COLUMNS: Final = {
    "industry": "industry",
    "employees": "employees",
    "company_country": "country",
    "region": "region",
    "revenue_band": "revenue_band",
    "is_target_account": "is_target_account",
    "is_customer": "is_customer",
    "account_owner": "owner_id",
}


def stated_values(touch: TouchIn) -> Columns:
    """Return what a touch keeps of it."""
    values = {name: getattr(touch, name) for name in STATED_FIELDS}
    return {name: value for name, value in values.items() if not is_blank(value)}


def is_blank(value: object) -> bool:
    return value is None or value == ""


def contact_statements(touch: TouchIn, company: Company | None) -> dict[str, Columns]:
    """Return the columns of each stated field; a seniority belongs to its title."""
    stated: dict[str, Columns] = {}
    if company is not None and (touch.company or touch.domain):
        stated["company_id"] = {"company_id": company.pk}
    if touch.name:
        stated["name"] = {"name": touch.name, "name_key": person_key(touch.name)}
    if touch.phone:
        stated["phone"] = {"phone": touch.phone, "phone_extension": touch.phone_extension}
    if touch.title:
        stated["title"] = {"title": touch.title, "seniority": touch.seniority}
    elif touch.seniority:
        stated["seniority"] = {"seniority": touch.seniority}
    for name in ("persona", "country", "consent"):
        if not is_blank(value := getattr(touch, name)):
            stated[name] = {name: value}
    return stated


def company_statements(touch: TouchIn) -> dict[str, Columns]:
    return {
        column: {column: value}
        for name, column in COMPANY_COLUMNS.items()
        if not is_blank(value := getattr(touch, name))
    }


def capture_contact(
    work: UnitOfWork, state: ContactState, incoming: Incoming, company: Company | None
) -> Contact:
    """Create the contact, or update its present values."""
    touch, contact = incoming.touch, state.contact
    identity = identity_columns(touch)
    statements = contact_statements(touch, company)
    if contact is None:
        contact = state.contact = Contact(
            id=state.ids[Contact],
            created_at=incoming.at,
            updated_at=incoming.at,
            **new_columns({**identity, **statements}, incoming),
        )
        work.add(contact)
        capture_external_id(work, state, touch, contact)
        return contact
    missing = {
        name: columns for name, columns in identity.items() if is_blank(getattr(contact, name))
    }
    update(work, contact, {**missing, **statements}, incoming)
    capture_external_id(work, state, touch, contact)
    return contact


def identity_columns(touch: TouchIn) -> dict[str, Columns]:
    """Return what a contact is found by; a later statement never changes it."""
    columns: dict[str, Columns] = {}
    if touch.email:
        columns["email"] = {
            "email": touch.email,
            "email_is_corporate": touch.email_is_corporate,
        }
    return columns


def capture_external_id(
    work: UnitOfWork, state: ContactState, touch: TouchIn, contact: Contact
) -> None:
    """Keep the id of the contact in the source system; as a conflict if another contact has it."""
    if not touch.external_id or state.external_id_is_known:
        return
    work.add_row(
        ExternalId,
        contact_id=contact.pk,
        system_id=touch.system,
        value=touch.external_id,
        is_conflict=state.external_id_is_taken,
    )
    state.external_id_is_known = True
    state.systems.add(touch.system)


def capture_company(work: UnitOfWork, state: ContactState, incoming: Incoming) -> Company | None:
    """Find or create the company that the touch speaks of, and update its present values.

    A contact that names another company than before moves to it, with the open lead.
    """
    touch, company, holder = incoming.touch, state.company, state.domain_holder
    match = match_company(
        CompanyNames(touch.company, touch.domain or None),
        names_of(company),
        names_of(holder),
        is_address_of_current=is_address_of(state.contact, company),
    )
    if match is not Match.CURRENT:
        if not may_move(state, incoming):
            return company
        if match is Match.NEW or holder is None:
            holder = create_company(work, state, incoming)
        company = state.company = holder
        if state.lead is not None:
            work.set(state.lead, company_id=company.pk)
    if company is not None:
        update_company(work, company, incoming, domain_is_free=holder is None)
    return company


def names_of(company: Company | None) -> CompanyNames | None:
    return CompanyNames(company.name, company.domain) if company else None


def is_address_of(contact: Contact | None, company: Company | None) -> bool:
    if contact is None or company is None or not contact.email or not company.domain:
        return False
    return registered_domain(contact.email.rpartition("@")[2]) == company.domain


def may_move(state: ContactState, incoming: Incoming) -> bool:
    contact = state.contact
    if contact is None or contact.company_id is None:
        return True
    present = origin_of("company_id", contact.origins, default_at=contact.created_at)
    return replaces("company_id", Origin(incoming.occurred_at), present)


def create_company(work: UnitOfWork, state: ContactState, incoming: Incoming) -> Company:
    touch = incoming.touch
    company = Company(
        id=state.ids[Company],
        name=touch.company or touch.domain,
        domain=touch.domain or None,
        created_at=incoming.at,
        updated_at=incoming.at,
        **new_columns(company_statements(touch), incoming),
    )
    work.add(company)
    return company


def update_company(
    work: UnitOfWork, company: Company, incoming: Incoming, *, domain_is_free: bool
) -> None:
    touch, known = incoming.touch, CompanyNames(company.name, company.domain)
    if touch.company and not known.has_name:
        work.set(company, name=touch.company, updated_at=incoming.at)
    statements = company_statements(touch)
    if touch.domain and not company.domain and domain_is_free:
        statements["domain"] = {"domain": touch.domain}
    update(work, company, statements, incoming)


def new_columns(statements: Mapping[str, Columns], incoming: Incoming) -> Columns:
    """Return the columns of a new row, with the origin of each field."""
    origin = Origin(incoming.occurred_at).to_json()
    columns = {name: value for group in statements.values() for name, value in group.items()}
    return {**columns, "origins": dict.fromkeys(statements, origin)}


def update(
    work: UnitOfWork,
    instance: Contact | Company,
    statements: Mapping[str, Columns],
    incoming: Incoming,
) -> None:
    """Make statements present values where they replace what is known."""
    new = Origin(incoming.occurred_at)
    changed: Columns = {}
    origins: dict[str, Any] = {}
    for name, columns in statements.items():
        if not may_replace(instance, name, new):
            continue
        present = origin_of(name, instance.origins, default_at=instance.created_at)
        different = {
            column: value
            for column, value in columns.items()
            if getattr(instance, column) != value and not is_edited(instance, column)
        }
        changed |= different
        is_exact = name in LATEST_COUNTS and new.at > present.at
        if different or is_exact or new.at - present.at > RESTATED_AFTER:
            origins[name] = new.to_json()
    if changed:
        work.set(instance, **changed, updated_at=incoming.at)
    if origins:
        work.set(instance, origins={**instance.origins, **origins})


def may_replace(instance: Contact | Company, name: str, new: Origin) -> bool:
    """Return whether a statement counts: nothing is known, or it replaces what is."""
    # Consent that a person made unknown is no longer open to what was stated before.
    is_open = is_blank(getattr(instance, name)) and not (
        name in LATEST_COUNTS and name in instance.origins
    )
    present = origin_of(name, instance.origins, default_at=instance.created_at)
    return is_open or replaces(name, new, present)


def is_edited(instance: Contact | Company, column: str) -> bool:
    return column not in LATEST_COUNTS and "by" in instance.origins.get(column, ())
