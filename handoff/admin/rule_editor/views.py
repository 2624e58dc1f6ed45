"""Answer the requests of the rule editor; the admin classes check who may send them."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from core.admin_base import Admin, ProductPage
from core.versioning.admin import may_publish
from handoff.admin.rule_editor.pages import Editor, read_editor
from handoff.models import RuleSet


def rule_set_page(
    page: Admin[Any], request: HttpRequest, version: RuleSet, *, open_rule: int = 0
) -> ProductPage:
    editor = read_editor(version, timezone.now())
    return ProductPage(
        request,
        "handoff/rules/page.html",
        editor=editor,
        open_rule=open_rule,
        **rights_on(page, request, editor),
    )


def rights_on(page: Admin[Any], request: HttpRequest, editor: Editor) -> dict[str, bool]:
    """Return which controls the page shows."""
    has_perm, is_draft = request.user.has_perm, editor.version.is_draft
    return {
        "may_edit": is_draft and page.has_change_permission(request, editor.version),
        "may_copy": not is_draft and has_perm("handoff.add_ruleset"),
        "may_publish": is_draft and may_publish(request.user),
    }
