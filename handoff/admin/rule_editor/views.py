"""Answer the requests of the rule editor; the admin classes check who may send them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone

from core.admin_base import ProductPage
from core.audit import last_saved
from core.errors import Refused
from core.versioning.editors import go_to, is_part, refused, rights_on
from handoff.admin.rule_editor import editing, trial
from handoff.admin.rule_editor.forms import RuleForm
from handoff.admin.rule_editor.pages import (
    Overview,
    read_editor,
    read_history,
    read_versions,
)
from handoff.admin.rule_editor.reading import Names, read_names
from handoff.admin.rule_editor.values import Merge, RuleValues
from handoff.lead_access import visible_leads
from handoff.models import RoutingRule, RuleCondition, RuleSet
from leads.admin.lead_choice import find_leads, latest_leads
from people.models import User

TEMPLATE = "handoff/rules/page.html"
WORKING_RULES = "admin:handoff_routingrule_changelist"
Change = Callable[[], tuple[RoutingRule | None, str]]


def rule_set_page(
    request: HttpRequest,
    version: RuleSet,
    *,
    rule: RoutingRule | None = None,
    form: RuleForm | None = None,
    announcement: str = "",
    status: int = 200,
) -> ProductPage:
    """Show a version with one rule open, or only what htmx swaps; `announcement` is read aloud."""
    editor = read_editor(version, timezone.now())
    rights = rights_on(request, version, to_edit="handoff.change_routingrule")
    if rule is not None and rights["may_edit"] and form is None:
        form = RuleForm(rule, editing.values_of(rule), editor.names)
    page = ProductPage(
        request,
        f"{TEMPLATE}#editor" if is_part(request) else TEMPLATE,
        status=status,
        editor=editor,
        latest=[] if is_part(request) else latest_leads(visible_leads(user_of(request))),
        open_rule=rule.pk if rule else 0,
        form=form,
        announcement=announcement,
        is_part=is_part(request),
        **rights,
    )
    if is_part(request):
        page["HX-Trigger-After-Settle"] = "rules-changed"  # for the lead that is tested
    return page


def try_page(request: HttpRequest, version: RuleSet) -> ProductPage:
    """Search a lead and show what this version and the live one would do with it."""
    query, at = request.GET.get("lead", "").strip(), timezone.now()
    leads = visible_leads(user_of(request))
    matches = find_leads(leads, query)
    context: dict[str, Any] = {
        "matches": matches,
        "latest": [] if query else latest_leads(leads),
    }
    if len(matches) == 1:
        [lead] = matches
        live = read_versions().live
        case = trial.read_case(lead)
        tried = trial.try_lead(case, version, at)
        compared = trial.try_lead(case, live, at) if live and live.pk != version.pk else None
        context |= {
            "lead": lead,
            "facts": case.fact_lines,
            "trial": tried,
            "live": compared,
            "differs": compared is not None and compared.outcome != tried.outcome,
        }
    return ProductPage(
        request,
        "handoff/rules/try.html#trial" if is_part(request) else "handoff/rules/try.html",
        version=version,
        query=query,
        **context,
    )


def history_page(request: HttpRequest) -> ProductPage:
    """List all versions with what each changed, in words."""
    return ProductPage(
        request,
        "handoff/rules/history.html",
        editor=Overview(read_versions()),
        history=read_history(),
    )


def user_of(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def save(request: HttpRequest, rule: RoutingRule) -> HttpResponse:
    """Save the valid parts of the form of a rule, and show it with the errors of the others."""
    names = read_names()
    stored = editing.values_of(rule)
    form = RuleForm(rule, stored, names, request.POST)
    form.is_valid()
    base = RuleValues.from_text(request.POST.get("base", "")) or stored
    # Before mine, which would be the latest.
    editor = _last_editor(rule) if base != stored else ""
    try:
        merged = editing.save_rule(rule.pk, base=base, mine=form.values())
    except Refused as refusal:
        return refused(request, refusal, WORKING_RULES)
    fresh = RoutingRule.objects.select_related("rule_set", "person", "team", "fallback_queue")
    rule = fresh.prefetch_related("conditions").get(pk=rule.pk)
    form = _form_after(request, rule, names, merged, base, editor)
    if "review" in request.POST and not form.has_errors:
        return go_to(request, reverse("admin:handoff_ruleset_publish", args=[rule.rule_set_id]))
    is_done = "done" in request.POST and not form.has_errors and not form.is_incomplete
    if is_done and is_part(request):
        return rule_set_page(request, rule.rule_set, announcement="Saved")
    if is_part(request):
        return rule_set_page(request, rule.rule_set, rule=rule, form=form, announcement="Saved")
    if is_done:
        return redirect(f"{rule_set_url(rule.rule_set_id)}#rule-{rule.pk}")
    if form.has_errors or form.is_incomplete:
        return rule_set_page(request, rule.rule_set, rule=rule, form=form, status=422)
    return redirect("admin:handoff_routingrule_change", rule.pk)


def _last_editor(rule: RoutingRule) -> str:
    saved = last_saved((RoutingRule, {"pgh_obj": rule}), (RuleCondition, {"rule": rule}))
    return saved.by if saved and saved.by else "Another user"


def _form_after(
    request: HttpRequest,
    rule: RoutingRule,
    names: Names,
    merged: Merge,
    base: RuleValues,
    editor: str,
) -> RuleForm:
    """Return the form as it was sent, with what another editor changed since."""
    current = editing.values_of(rule)
    form = RuleForm(rule, current, names, request.POST.copy())
    for part in merged.theirs:
        form.show_stored(part)
        before, now = form.words(part, base), form.words(part, current)
        label = form.label_of(part)
        messages.info(
            request, f"{editor} changed {label} meanwhile, from {before} to {now}. Both are kept."
        )
    for part in merged.conflicts:
        form.add_conflict(
            part,
            f"{editor} changed this to {form.words(part, current)} meanwhile. "
            "Yours is shown here and is not saved yet. Select Save to replace theirs.",
        )
    return form


def change(request: HttpRequest, rule_set_id: int, act: Change) -> HttpResponse:
    """Run one change of the order or number of rules and show the result.

    `act` returns the rule to open, if any, and the words for a screen reader.
    """
    try:
        rule, announcement = act()
    except Refused as refusal:
        return refused(request, refusal, WORKING_RULES)
    if is_part(request):
        version = RuleSet.objects.get(pk=rule_set_id)
        return rule_set_page(request, version, rule=rule, announcement=announcement)
    if announcement:
        messages.success(request, announcement)
    if rule is not None:
        return redirect("admin:handoff_routingrule_change", rule.pk)
    return redirect(rule_set_url(rule_set_id))


def save_settings(request: HttpRequest, rule_set: RuleSet) -> HttpResponse:
    """Add and remove required fields, whatever another editor did to the others meanwhile."""
    was, wanted = (request.POST.getlist(name) for name in ("was_required", "required"))

    def act() -> tuple[None, str]:
        editing.change_required_fields(
            rule_set.pk,
            added=[code for code in wanted if code not in was],
            removed=[code for code in was if code not in wanted],
        )
        return None, "Saved the required fields"

    return change(request, rule_set.pk, act)


def rule_set_url(rule_set_id: int) -> str:
    return reverse("admin:handoff_ruleset_change", args=[rule_set_id])
