"""Edit, review and publish versions on pages of the product instead of forms of the admin."""

from __future__ import annotations

from typing import Any, TypeVar

from django.contrib import messages
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from core.admin_base import ProductPage, action
from core.errors import Refused
from core.page_admin import PageAdmin
from core.versioning.admin import VersionAdmin, may_publish
from core.versioning.models import ContentStatus, Version
from core.versioning.publishing import NotReady

V = TypeVar("V", bound=Version)


class EditorAdmin(PageAdmin[V], VersionAdmin[V]):
    """Copy versions, and publish them with a note after a review."""

    review_template: str
    start: str  # name of the address where an editor starts again after a refusal

    def read_editor(self, request: HttpRequest, version: V) -> Any:
        """Return a version compared with the live one, for the review."""
        raise NotImplementedError

    def siblings(self, version: V) -> QuerySet[V]:
        """Return the versions of which one can be live."""
        raise NotImplementedError

    def publish_with_note(self, version: V, by: Any, note: str) -> str:
        """Publish a draft and return the message about it."""
        raise NotImplementedError

    @action(description="Edit", icon="edit", permissions=["copy"])
    @transaction.atomic
    def copy(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Open the draft of the live version, or make one. Older versions can be copied too."""
        version = self._get(request, object_id)
        if version.status == ContentStatus.PUBLISHED:
            siblings = self.siblings(version)
            # The second of two presses waits here and opens the draft that the first one made.
            list(siblings.select_for_update(no_key=True).order_by("pk").values_list("pk"))
            drafts = siblings.filter(status=ContentStatus.DRAFT)
            if draft := drafts.order_by("-version").first():
                return redirect(self.url_of(draft))
        return super().copy(request, object_id=object_id)

    @action(
        description="Review and publish", icon="publish", permissions=["publish"], variant="primary"
    )
    def publish(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show in words what publishing changes, and publish with a note."""
        version = self._get(request, object_id)
        note = str(request.POST.get("note", version.note)).strip()  # type: ignore[attr-defined]  # all versions with an editor have one
        errors, status = [], 200
        if request.method == "POST" and not note:
            errors = ["Say what changes and why. Everyone who reads the history sees it."]
            status = 422
        elif request.method == "POST":
            try:
                published = self.publish_with_note(version, request.user, note)
            except NotReady as refusal:
                errors, status = refusal.problems, 409
            except Refused as refusal:
                return refused(request, refusal, self.start)
            else:
                messages.success(request, published)
                return redirect(self.url_of(version))
        return ProductPage(
            request,
            self.review_template,
            status=status,
            editor=self.read_editor(request, version),
            note=note,
            errors=errors,
        )


def rights_on(request: HttpRequest, version: Version, *, to_edit: str) -> dict[str, bool]:
    """Return which controls a page shows; `to_edit` is the permission that saving needs."""
    has_perm, is_draft, opts = request.user.has_perm, version.is_draft, version._meta
    return {
        "may_edit": is_draft and has_perm(to_edit),
        "may_copy": not is_draft and has_perm(f"{opts.app_label}.add_{opts.model_name}"),
        "may_publish": is_draft and may_publish(request.user),
    }


def is_part(request: HttpRequest) -> bool:
    """Return whether htmx asks for what it swaps."""
    return bool(request.htmx)  # type: ignore[attr-defined]  # set by its middleware


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    return HttpResponse(headers={"HX-Redirect": url}) if is_part(request) else redirect(url)


def refused(request: HttpRequest, refusal: Refused, start: str) -> HttpResponse:
    messages.error(request, str(refusal))
    return go_to(request, reverse(start))


def sent_id(text: str | None) -> int:
    """Return an id that was sent, or 0 for anything else."""
    return int(text) if text and text.isdecimal() and len(text) < 19 else 0
