"""Correct the contact of a lead by hand."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from core.errors import Refused
from core.permissions import Right
from core.retries import with_retries
from handoff.lead_access import visible_leads
from intake.contact_edits import edit_contact as save_contact
from leads.admin.contacts import ContactForm
from leads.models import Contact
from people.access import right_required
from people.requests import signed_in


class EditContactForm(ContactForm):
    """Read the values as intake does, and refuse to save over a change made meanwhile."""

    country = forms.CharField(
        max_length=100, required=False, help_text="A name or two-letter code, such as DE."
    )

    class Meta:
        model = Contact
        fields = ["name", "title", "email", "phone", "phone_extension", "country"]


@right_required(Right.EDIT_CONTACTS)
@require_http_methods(["GET", "HEAD", "POST"])
def edit_contact(request: HttpRequest, pk: int) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    lead = get_object_or_404(visible_leads(user).select_related("contact"), pk=pk)
    form = EditContactForm(request.POST or None, instance=lead.contact)
    is_sent = request.method == "POST"
    if is_sent and form.is_valid():
        # “Germany” for DE is the same value in another form.
        values = {
            name: form.cleaned_data[name]
            for name in form.changed_data
            if name != "seen" and form.cleaned_data[name] != form.initial[name]
        }
        try:
            with_retries(lambda: save_contact(lead_id=pk, values=values, by=user, at=at))
        except Refused as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, "Contact saved." if values else "Nothing was changed.")
            return redirect("workspace:lead", pk)
    context = {"form": form, "lead": lead}
    status = 422 if is_sent else 200
    return render(request, "workspace/lead/contact.html", context, status=status)
