from __future__ import annotations

from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from api.keys import issue_key, revoke_key
from api.models import ApiKey
from core.admin_base import Admin, CodeListField, action, confirm_page, display
from people.models import User


class ApiKeyForm(forms.ModelForm[ApiKey]):
    scopes = CodeListField(choices=ApiKey.Scope.choices, help_text="Actions that the key allows.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None and "source_system" in self.fields:
            system = self.fields["source_system"]
            system.required = False
            system.help_text = f"{system.help_text} Default: one with the name of the key."


@admin.register(ApiKey)
class ApiKeyAdmin(Admin[ApiKey]):
    empty_text = "A key lets another system send leads to the API."
    form = ApiKeyForm
    list_display = ["name", "prefix", "scopes", "default_source", "state", "created_at"]
    list_select_related = ["default_source"]
    search_fields = ["name", "prefix"]
    ordering = ["-created_at", "pk"]
    actions_detail = ["revoke"]

    def get_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> Any:
        editable = ["name", "scopes", "default_source", "source_system", "requests_per_minute"]
        return [*editable, *self.get_readonly_fields(request, obj)] if obj else editable

    def get_readonly_fields(self, request: HttpRequest, obj: ApiKey | None = None) -> list[str]:
        return ["prefix", "created_by", "created_at", "revoked_at"]

    @display(description="state", label={"In use": "success", "Revoked": ""})
    def state(self, key: ApiKey) -> str:
        return "Revoked" if key.revoked_at else "In use"

    def save_model(self, request: HttpRequest, obj: ApiKey, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        key, secret = issue_key(
            obj.name,
            obj.scopes,
            obj.default_source,
            cast(User, request.user),
            system=getattr(obj, "source_system", None),
            requests_per_minute=obj.requests_per_minute,
        )
        obj.__dict__.update(key.__dict__, secret=secret)

    def response_add(
        self, request: HttpRequest, obj: ApiKey, post_url_continue: str | None = None
    ) -> HttpResponse:
        """Show the secret in this response only: a message would keep it in cookie or session."""
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": f"API key {obj}",
            "secret": obj.__dict__.pop("secret"),
            "back": reverse("admin:api_apikey_change", args=[obj.pk]),
        }
        return render(request, "admin/new_key.html", context)

    def has_revoke_permission(self, request: HttpRequest, object_id: str | None = None) -> bool:
        key = None if object_id is None else self.get_object(request, object_id)
        return self.has_change_permission(request) and key is not None and key.revoked_at is None

    @action(description="Revoke", icon="key_off", permissions=["revoke"], variant="danger")
    def revoke(self, request: HttpRequest, object_id: str) -> HttpResponse:
        key = self.get_object(request, object_id)
        if key is None:
            raise Http404
        back = reverse("admin:api_apikey_change", args=[key.pk])
        if request.method != "POST":
            return confirm_page(
                self,
                request,
                title=f"Revoke {key}?",
                text="Requests with this key will fail immediately. This cannot be undone.",
                button="Revoke",
                back=back,
            )
        revoke_key(key, at=timezone.now())
        messages.success(request, f"API key {key} revoked.")
        return redirect(back)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
