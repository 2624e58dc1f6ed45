"""Add a lead by hand, through the pipeline of every other way in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django import forms
from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.errors import Refused
from core.permissions import Right
from core.retries import with_retries
from handoff.lead_access import visible_leads
from handoff.pipeline import Receipt, receive
from handoff.taking import MayNotTake
from intake.normalize import InvalidTouch, Vocabulary, normalize, read_value
from leads.configuration import configuration
from leads.contact_names import name_contacts
from leads.duplicates import known_contacts
from leads.models import Contact, ExternalId, Lead, TouchKind
from leads.normalization.identity import phone
from leads.normalization.values import BadValue
from leads.touches import SetAside, TouchIn
from people.access import form_of, right_required
from people.models import User
from people.requests import signed_in

VIA: Final = "hand"
MAX_KNOWN: Final = 5
UNIDENTIFIED: Final = (
    "The chosen contact has no email address, phone number or ID, so no touch can be added. "
    "Edit the contact first, or save without choosing one."
)
# Values by which a person may be known already; each is looked up while it is typed.
IDENTIFYING: Final = ("email", "phone", "name", "company")
LOOK_UP: Final = {
    "hx-post": reverse_lazy("workspace:known_contacts"),
    "hx-trigger": "input changed delay:400ms",
    "hx-include": "closest form",
    "hx-target": "#known",
    "hx-swap": "outerHTML",
    "hx-sync": "closest form:replace",
}


class Unidentified(Refused):
    code = "contact_unidentified"


class AddLeadForm(forms.Form):
    """Read values as intake does; what it would set aside is an error beside its field."""

    email = forms.CharField(
        max_length=254, required=False, help_text="Enter an email address, a phone number, or both."
    )
    phone = forms.CharField(max_length=50, required=False)
    name = forms.CharField(max_length=200, required=False)
    title = forms.CharField(max_length=200, required=False)
    company = forms.CharField(max_length=200, required=False)
    country = forms.CharField(
        max_length=100, required=False, help_text="A name or two-letter code, such as DE."
    )
    kind = forms.ChoiceField(label="Type of touch")
    source = forms.ChoiceField(required=False)
    campaign = forms.ChoiceField(required=False)
    stated_problem = forms.CharField(
        label="Problem indicated",
        max_length=5000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="In the contact's own words where possible.",
    )
    why = forms.CharField(label="Why sales should care", max_length=300, required=False)
    take = forms.BooleanField(label="Assign to me", required=False)

    touch: TouchIn | None = None

    def __init__(self, data: Mapping[str, Any] | None, *, user: User, at: datetime) -> None:
        super().__init__(data)
        self.at = at
        config = configuration.now()
        self.vocabulary = Vocabulary.of(config)
        self.fields["kind"] = chosen("Type of touch", TouchKind.choices, required=True)
        sources = {code: row.name for code, row in config.sources.items() if row.is_active}
        self.fields["source"] = chosen("Source", sorted_by_name(sources))
        campaigns = {code: row.name for code, row in config.campaigns.items()}
        self.fields["campaign"] = chosen("Campaign", sorted_by_name(campaigns))
        if not user.may(Right.ANSWER_HANDOFFS):
            del self.fields["take"]
        for name in IDENTIFYING:
            self.fields[name].widget.attrs |= {**LOOK_UP, "autocomplete": "off"}
        self.fields["email"].widget.input_type = "email"
        self.fields["phone"].widget.input_type = "tel"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.stated.keys() & {"email", "phone"}:
            self.add_error("email", "Enter an email address or a phone number.")
            return cleaned
        try:
            self.touch = normalize(self.stated, self.vocabulary, at=self.at)
        except InvalidTouch as invalid:
            self.show([(error.field, error.message) for error in invalid.errors])
        else:
            self.show([(value["field"], value["reason"]) for value in self.touch.set_aside])
        return cleaned

    def show(self, errors: Collection[tuple[str, str]]) -> None:
        for name, message in errors:
            self.add_error(name if name in self.fields else None, message)

    @property
    def stated(self) -> dict[str, Any]:
        """Return the values of the touch that were filled in, as they were typed."""
        values = {name: value for name, value in self.cleaned_data.items() if name != "take"}
        return {name: value for name, value in values.items() if value not in ("", None)}

    @property
    def identity(self) -> dict[str, str]:
        """Return what a contact may be known by; blank where nothing usable was typed yet."""
        values = dict.fromkeys(IDENTIFYING, "")
        for name in IDENTIFYING:
            try:
                values[name] = self.read(name, self.stated.get(name, ""))
            except BadValue:
                continue
        return values

    def read(self, name: str, text: str) -> str:
        if name == "phone" and text:
            country = self.stated.get("country", "")
            return phone(text, str(read_value("country", country, self.vocabulary))).number
        return str(read_value(name, text, self.vocabulary)) if text else ""

    def touch_of(self, contact: Contact) -> TouchIn:
        """Return the touch of a contact who was chosen, found by what identifies the contact."""
        stated, typed_email = self.stated, self.identity["email"]
        system = {}
        if contact.email:
            stated["email"] = contact.email
        elif known := ExternalId.objects.filter(contact=contact, is_conflict=False).first():
            stated["external_id"], system = known.value, {"system": known.system_id}
        elif contact.phone:
            stated |= {"phone": contact.phone, "name": contact.name}
        else:
            raise Unidentified(UNIDENTIFIED)
        touch = normalize(stated, self.vocabulary, at=self.at, **system)
        if contact.email and typed_email not in ("", contact.email):
            other = SetAside(
                field="email", value=typed_email, reason="The contact has another email address."
            )
            return replace(touch, set_aside=(other,))
        return touch


def chosen(
    label: str, choices: Collection[tuple[str, str]], *, required: bool = False
) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label, choices=[("", "Choose" if required else "–"), *choices], required=required
    )


def sorted_by_name(names: Mapping[str, str]) -> list[tuple[str, str]]:
    return sorted(names.items(), key=lambda row: row[1].casefold())


@dataclass(frozen=True)
class KnownContact:
    """A contact who may be the one to add; `lead` is open, and linked if the reader may see it."""

    contact: Contact
    lead: Lead | None
    is_visible: bool
    has_this_email: bool


def known_to(reader: User, identity: Mapping[str, str]) -> list[KnownContact]:
    if not any(identity.values()):
        return []
    contacts = list(known_contacts(**identity).select_related("company")[:MAX_KNOWN])
    if not contacts:
        return []
    name_contacts(contacts)
    visible = visible_leads(reader).filter(pk=OuterRef("pk"))
    leads = Lead.objects.open().filter(contact__in=contacts).select_related("owner", "queue")
    by_contact = {lead.contact_id: lead for lead in leads.annotate(is_visible=Exists(visible))}
    return [
        KnownContact(
            contact=contact,
            lead=by_contact.get(contact.pk),
            is_visible=getattr(by_contact.get(contact.pk), "is_visible", False),
            has_this_email=bool(contact.email) and contact.email == identity["email"],
        )
        for contact in contacts
    ]


@right_required(Right.ADD_LEADS)
@require_http_methods(["GET", "HEAD", "POST"])
def add_lead(request: HttpRequest) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    if request.method != "POST":
        return show(request, AddLeadForm(None, user=user, at=at))
    form = AddLeadForm(request.POST, user=user, at=at)
    is_valid = form.is_valid()
    known = known_to(user, form.identity)
    if not is_valid:
        return show(request, form, status=422, known=known)
    contact = next(
        (row.contact for row in known if str(row.contact.pk) == request.POST.get("contact")), None
    )
    if contact is None and not {str(row.contact.pk) for row in known} <= seen(request):
        return show(request, form, status=422, known=known, asks=True)
    try:
        touch = form.touch_of(contact) if contact else form.touch
    except Unidentified as refusal:
        form.add_error(None, str(refusal))
        return show(request, form, status=422, known=known)
    assert touch is not None, "a valid form has a touch"
    taker = user if form.cleaned_data.get("take") else None
    try:
        receipt = with_retries(
            lambda: receive(touch, at=at, via=VIA, actor_id=user.pk, taker=taker)
        )
    except MayNotTake as refusal:
        form.add_error("take", str(refusal))
        return show(request, form, status=422, known=known)
    except Refused as refusal:
        form.add_error(None, str(refusal))
        return show(request, form, status=422, known=known)
    messages.success(request, outcome_text(receipt))
    if visible_leads(user).filter(pk=receipt.lead_id).exists():
        return redirect("workspace:lead", receipt.lead_id)
    return redirect("workspace:leads")


@right_required(Right.ADD_LEADS)
@form_of("workspace:add_lead")
def show_known_contacts(request: HttpRequest) -> HttpResponse:
    """Show who is known already, while the form is filled in; posted, to keep names out of logs."""
    user = signed_in(request)
    form = AddLeadForm(request.POST, user=user, at=timezone.now())
    form.is_valid()
    context = {"known": known_to(user, form.identity)}
    return render(request, "workspace/leads/add.html#known", context)


def show(
    request: HttpRequest, form: AddLeadForm, *, status: int = 200, **context: Any
) -> HttpResponse:
    return render(request, "workspace/leads/add.html", {"form": form, **context}, status=status)


def seen(request: HttpRequest) -> set[str]:
    """Return the contacts that the form showed before it was sent."""
    return set(request.POST.getlist("seen"))


def outcome_text(receipt: Receipt) -> str:
    lead = Lead.objects.select_related("owner", "queue").get(pk=receipt.lead_id)
    holder = lead.owner or f"the {lead.queue} queue"
    if not receipt.is_new:
        return f"Touch added to {lead}, which is with {holder}."
    if receipt.handoff_id is None:
        return f"{lead} added. It is not ready for sales yet, and is with {holder}."
    return f"{lead} added and offered to {holder}."
