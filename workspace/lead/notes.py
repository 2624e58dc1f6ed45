"""Notes on a lead, and the people whom they may mention."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.errors import Refused
from core.permissions import Right
from handoff import notes
from handoff.lead_access import people_who_see, visible_leads
from people.access import form_of, right_required
from people.requests import HtmxRequest, signed_in
from workspace.lead.forms import NoteForm
from workspace.lead.page import load_lead_page
from workspace.lead.views import lead_address, render_lead


@right_required(Right.SEE_LEADS)
@form_of(lead_address)
def add_note(request: HtmxRequest, pk: int) -> HttpResponse:
    user, at = signed_in(request), timezone.now()
    page = load_lead_page(pk, user=user, at=at)
    if page is None:
        raise Http404
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            note = notes.add_note(lead=page.lead, text=form.cleaned_data["text"], by=user, at=at)
        except Refused as refusal:
            form.add_error("text", str(refusal))
        else:
            messages.success(request, "Note added.")
            return redirect(f"{reverse('workspace:lead', args=[pk])}#note-{note.pk}")
    return render_lead(request, page, status=422, note_form=form)


@right_required(Right.SEE_LEADS)
@require_GET
def people(request: HtmxRequest, pk: int) -> JsonResponse:
    """Return the names that a note may mention."""
    lead = get_object_or_404(visible_leads(signed_in(request)), pk=pk)
    return JsonResponse({"people": list(people_who_see(lead).values_list("name", flat=True))})
