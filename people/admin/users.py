from __future__ import annotations

from typing import Any, ClassVar, cast

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.contrib.postgres.expressions import ArraySubquery
from django.core.exceptions import ValidationError
from django.db.models import Case, OuterRef, QuerySet, Subquery, When
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminTextInputWidget,
)

from core.admin_base import Admin, GuardedForm, action, confirm_page, display
from core.formatting import date_text, date_time_text
from core.permissions import Right
from people.account_mail import INVITED, invite
from people.admin.fields import ZoneField
from people.admin.teams import MembershipRows
from people.choices import able_for
from people.emails import email_of_account
from people.models import Notice, Team, User
from people.requests import signed_in
from people.roles import Role, roles_named, roles_with

admin.site.unregister(Group)


class RolesField(forms.ModelMultipleChoiceField[Group]):
    """Offer the groups that are roles."""

    widget = UnfoldAdminCheckboxSelectMultipleWidget

    def __init__(self, **options: Any) -> None:
        roles = Group.objects.filter(name__in=[role.label for role in Role]).order_by("name")
        super().__init__(queryset=roles, label="Roles", required=False, **options)


class AccountEmailField(forms.EmailField):
    """Accept what may be the email of an account, and a stored one that may no longer be."""

    stored = ""

    def clean(self, value: str | None) -> str:
        email = value or ""
        return email if email == self.stored else str(super().clean(email_of_account(email)))


class UserFormBase(forms.ModelForm[User]):
    """Store emails in lowercase, and roles as groups."""

    email = AccountEmailField(widget=UnfoldAdminEmailInputWidget, label="Email")
    name = forms.CharField(widget=UnfoldAdminTextInputWidget, max_length=150)
    time_zone = ZoneField(initial="UTC")
    groups = RolesField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            cast(AccountEmailField, self.fields["email"]).stored = self.instance.email

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"])
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError("Another user has this email.")
        return email


class NewUserForm(UserFormBase, UserCreationForm):  # type: ignore[misc]  # the theme is untyped
    class Meta:
        model = User
        fields = ["email", "name", "time_zone", "calendar", "groups"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password1"].help_text = "Leave both empty to invite the user by mail."

    def validate_passwords(self, *args: Any, **kwargs: Any) -> None:
        if not self.cleaned_data.get("password1") and not self.cleaned_data.get("password2"):
            self.cleaned_data["usable_password"] = "false"  # noqa: S105  (a choice, no secret)
        super().validate_passwords(*args, **kwargs)


class UserForm(UserFormBase, GuardedForm):
    editor: ClassVar[User | None] = None

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        if self.editor is None or self.instance.pk != self.editor.pk:
            return data
        if not data.get("is_active"):
            raise ValidationError("You cannot deactivate yourself. Ask another administrator.")
        if self.editor.is_superuser:  # has access without a role
            return data
        kept = roles_named([group.name for group in data.get("groups", [])])
        if not kept & roles_with(Right.EDIT_CONFIGURATION):
            raise ValidationError(
                "You cannot remove your own right to edit users. Ask another administrator."
            )
        return data


class TeamsOfUser(MembershipRows):
    autocomplete_fields = ["team"]
    verbose_name_plural = "teams"


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User], Admin[User]):
    form = UserForm
    add_form = NewUserForm
    change_password_form = AdminPasswordChangeForm
    list_display = [
        *("name", "email", "role_names", "team_names", "time_zone", "sign_in_state", "is_active"),
    ]
    list_filter = ["is_active", "groups", "teams"]
    search_fields = ["name", "email"]
    ordering = ["name", "pk"]
    filter_horizontal = []
    add_fieldsets = (
        (None, {"fields": ["email", "name", "password1", "password2"]}),
        ("Work", {"fields": ["groups", "time_zone", "calendar"]}),
    )
    fieldsets = (
        (None, {"fields": ["seen", "email", "name", "is_active"]}),
        ("Work", {"fields": ["groups", "time_zone", "calendar"]}),
        ("Other", {"fields": ["rejection_notices", "external_id", "sign_in_state"]}),
    )
    readonly_fields = ["sign_in_state"]
    inlines = [TeamsOfUser]
    actions_detail = ["invite", "set_password"]

    @action(description="Invite by mail", icon="mail", permissions=["change"])
    def invite(self, request: HttpRequest, object_id: str) -> HttpResponse:
        user = get_object_or_404(self.get_queryset(request), pk=object_id)
        page = reverse("admin:people_user_change", args=[user.pk])
        if not user.is_active or user.last_login:
            reason = "has signed in already" if user.is_active else "is not active"
            messages.error(request, f"{user} {reason}, so no invitation was sent.")
            return redirect(page)
        if request.method != "POST":
            return confirm_page(
                self,
                request,
                title=f"Invite {user}",
                text=f"Sends a link to choose a password to {user.email}.",
                button="Send invitation",
                back=page,
            )
        if invite(user, by=signed_in(request), at=timezone.now()):
            messages.success(request, f"An invitation is on its way to {user.email}.")
        else:
            messages.info(request, f"{user} was invited a few minutes ago. No mail was sent.")
        return redirect(page)

    @action(description="Set a password", icon="password", permissions=["change"])
    def set_password(self, request: HttpRequest, object_id: str) -> HttpResponse:
        return redirect("admin:auth_user_password_change", object_id)

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Hide superusers from others, so that no operations user can take one over."""
        roles = Group.objects.filter(user=OuterRef("pk"))
        teams = Team.objects.filter(members=OuterRef("pk"))
        invitations = Notice.objects.filter(recipient=OuterRef("pk"), kind=INVITED.code)
        last_invited = Subquery(invitations.order_by("-created_at").values("created_at")[:1])
        users = (
            super()
            .get_queryset(request)
            .annotate(
                names_of_roles=ArraySubquery(roles.order_by("name").values("name")),
                names_of_teams=ArraySubquery(teams.order_by("name").values("name")),
                # Reads all notices of a user, so not of those who have signed in.
                invited_at=Case(When(last_login=None, then=last_invited)),
            )
        )
        if cast(User, request.user).may(Right.SEE_SUPERUSERS):
            return users
        return users.filter(is_superuser=False)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        """Suggest for a field of another page only people who may be set there."""
        params = request.GET
        if "field_name" in params:
            model = apps.get_model(params.get("app_label", ""), params.get("model_name", ""))
            able = able_for(model._meta.get_field(params["field_name"]))
            if able is not None:
                queryset = queryset.filter(pk__in=able.values("pk"))
        return super().get_search_results(request, queryset, search_term)

    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        form = super().get_form(request, obj, change=change, **kwargs)
        form.editor = request.user  # type: ignore[attr-defined]
        return form

    @display(description="roles")
    def role_names(self, user: User) -> str:
        return ", ".join(vars(user)["names_of_roles"])

    @display(description="last sign-in", ordering="last_login")
    def sign_in_state(self, user: User) -> str:
        if user.last_login:
            return date_time_text(timezone.localtime(user.last_login))
        invited_at = getattr(user, "invited_at", None)
        if invited_at is None:
            return "Never" if user.has_usable_password() else "Not invited yet"
        return f"Invited {date_text(timezone.localtime(invited_at))}, not yet signed in"

    @display(description="teams")
    def team_names(self, user: User) -> str:
        return ", ".join(vars(user)["names_of_teams"])
