"""The page of a campaign: brief, results, feedback and leads."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from core.history import recorded_for
from core.permissions import Right
from leads.models import Campaign
from people.access import form_of, right_required
from people.requests import HtmxRequest, signed_in
from reporting.queries.scope import DEFAULT_DAYS, BadScope, Scope, read_period, recent, today
from workspace.campaigns.forms import BriefForm
from workspace.campaigns.page import CampaignPage, load_campaign


@right_required(Right.SEE_LEADS)
@require_GET
def campaign(request: HtmxRequest, pk: int) -> HttpResponse:
    return render_campaign(request, find_campaign(pk), None)


def find_campaign(pk: int) -> Campaign:
    campaign = load_campaign(pk)
    if campaign is None:
        raise Http404
    return campaign


def render_campaign(
    request: HtmxRequest, campaign: Campaign, form: BriefForm | None, *, status: int = 200
) -> HttpResponse:
    refusal, period = "", recent(DEFAULT_DAYS, today())
    try:
        dates = (request.GET.get("from", ""), request.GET.get("to", ""))
        period = read_period(*dates, today=today())
    except BadScope as refused:
        refusal, status = str(refused), 400
    scope = Scope(period, asked_on=today())
    page = CampaignPage(campaign, scope, signed_in(request), timezone.now())
    context = {"page": page, "campaign": campaign, "refusal": refusal, "form": form}
    if page.may_edit and form is None:
        context["form"] = BriefForm(instance=campaign)
    return render(request, "workspace/campaigns/campaign.html", context, status=status)


def campaign_address(_request: HtmxRequest, campaign_id: int) -> str:
    return reverse("workspace:campaign", args=[campaign_id])


@right_required(Right.EDIT_CAMPAIGNS)
@form_of(campaign_address)
def edit_brief(request: HtmxRequest, pk: int) -> HttpResponse:
    with recorded_for(user_id=signed_in(request).pk, path=request.path):
        form = BriefForm(request.POST, instance=find_campaign(pk))
        is_saved = form.is_valid()
        if is_saved:
            form.save()
    if not is_saved:
        return render_campaign(request, find_campaign(pk), form, status=422)
    messages.success(request, "Brief saved. Reps see it on the leads of this campaign.")
    return redirect("workspace:campaign", pk)
