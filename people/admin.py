from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import time, timedelta
from typing import Any, ClassVar, cast

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from unfold.forms import AdminPasswordChangeForm, UserCreationForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminSelect2Widget,
    UnfoldAdminSingleTimeWidget,
    UnfoldAdminSplitDateTimeWidget,
    UnfoldAdminTextInputWidget,
)

from core.admin_base import Admin, GuardedForm, Rows, RowSet, action, confirm_page, display
from core.formatting import date_text, date_time_text, time_text
from core.local_time import LocalSplitDateTimeField
from core.permissions import Right
from people.account_mail import INVITED, invite
from people.calendars import edition_for, public_holidays
from people.choices import WORKS_IN_TEAM, OffersPeople, able_for, offer_people
from people.covers import BadCover, refuse_cover
from people.emails import email_of_account
from people.forms import time_zones
from people.models import (
    Absence,
    CalendarWindow,
    ClosedDay,
    Membership,
    Notice,
    Team,
    User,
    WorkCalendar,
)
from people.requests import signed_in
from people.roles import Role, roles_named, roles_with
from people.worktime import BadCalendar, Window, overlap, weekly_time

admin.site.unregister(Group)
offer_people(Membership, user=WORKS_IN_TEAM)
offer_people(Team, manager=(Right.MANAGE_TEAM,))
offer_people(Absence, user=WORKS_IN_TEAM, cover=(Right.ANSWER_HANDOFFS,))


class ZoneField(forms.ChoiceField):
    widget = UnfoldAdminSelect2Widget

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=time_zones, **options)


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


class MembershipRows(OffersPeople, Rows[Any, Any]):
    model = Membership
    extra = 0
    hide_title = True
    fields = ["team", "user", "weight", "capacity"]
    autocomplete_fields = ["user"]
    verbose_name_plural = "members"


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
        invitation = Notice.objects.filter(recipient=OuterRef("pk"), kind=INVITED.code)
        users = (
            super()
            .get_queryset(request)
            .annotate(invited_at=Subquery(invitation.order_by("-pk").values("created_at")[:1]))
            .prefetch_related("groups", "teams")
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
        return ", ".join(sorted(group.name for group in user.groups.all()))

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
        return ", ".join(sorted(team.name for team in user.teams.all()))


class TeamForm(GuardedForm):
    def rows_of(self, instance: Team) -> Sequence[QuerySet[Any, Any]]:
        # The round robin balance changes with every lead; only what is edited here counts.
        return [instance.memberships.values("pk", "user", "weight", "capacity")]

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        active = Q(function=Team.Function.MARKETING, is_active=True)
        was_last = Team.objects.filter(active).exclude(pk=self.instance.pk).exists() is False
        stays = data.get("is_active") and data.get("function") == Team.Function.MARKETING
        if was_last and not stays and Team.objects.filter(active, pk=self.instance.pk).exists():
            raise ValidationError(
                "This is the only active marketing team. Leads without an owner go to its queue."
            )
        return data


@admin.register(Team)
class TeamAdmin(OffersPeople, Admin[Team]):
    form = TeamForm
    list_display = ["name", "function", "manager", "calendar", "member_count", "is_active"]
    list_select_related = ["manager", "calendar"]
    list_filter = ["function", "is_active"]
    search_fields = ["name"]
    ordering = ["name"]
    fields = ["seen", "name", "function", "manager", "calendar", "is_active"]
    autocomplete_fields = ["manager"]
    inlines = [MembershipRows]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Team]:
        active = Count("memberships", filter=Q(memberships__user__is_active=True))
        return super().get_queryset(request).annotate(active_members=active)

    @display(description="members", ordering="active_members")
    def member_count(self, team: Team) -> int:
        return int(getattr(team, "active_members", 0))


class CalendarForm(GuardedForm):
    time_zone = ZoneField(initial="UTC")

    def rows_of(self, instance: WorkCalendar) -> Sequence[QuerySet[Any, Any]]:
        return [instance.windows.values(), instance.closed_days.values()]

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        country, region = (data.get("country") or "").upper(), (data.get("region") or "").upper()
        try:
            public_holidays(country, region, [timezone.now().year])
        except BadCalendar as problem:
            self.add_error("country", str(problem))
        data |= {"country": country, "region": region}
        return data


class ClosingTimeField(forms.TimeField):
    """Read 24:00 as the end of the day."""

    widget = UnfoldAdminSingleTimeWidget

    def to_python(self, value: Any) -> time | None:
        is_midnight = str(value).strip() in ("24:00", "24:00:00")
        return time() if is_midnight else super().to_python(value)


class WindowForm(forms.ModelForm[CalendarWindow]):
    """Ask for the next day in words, because a closing time before the opening may be a slip."""

    closes = ClosingTimeField()
    is_next_day = forms.BooleanField(label="Closes the next day", required=False)

    class Meta:
        model = CalendarWindow
        fields = ["weekday", "opens", "closes"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["is_next_day"] = needs_next_day(self.instance.opens, self.instance.closes)

    def clean(self) -> dict[str, Any] | None:
        data = super().clean() or self.cleaned_data
        opens, closes = data.get("opens"), data.get("closes")
        if opens is None or closes is None:
            return data
        if needs_next_day(opens, closes) and not data.get("is_next_day"):
            meaning = "is open for 24 hours" if opens == closes else "runs into the next day"
            self.add_error(
                "closes",
                f"This is not after {time_text(opens)}. Select the next day if it {meaning}.",
            )
        elif data.get("is_next_day") and closes > opens:
            self.add_error(
                "closes",
                f"Until {time_text(closes)} of the next day would be more than 24 hours. "
                "Add a row for that day.",
            )
        return data


def needs_next_day(opens: time, closes: time) -> bool:
    """Return whether hours end on another day; midnight is the end of the day itself."""
    return closes <= opens and closes != time()


class WindowSet(RowSet):  # type: ignore[type-arg]  # the theme's is not generic
    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        rows = [form.cleaned_data for form in self.forms if form.is_valid()]
        windows = [
            Window(row["weekday"], row["opens"], row["closes"])
            for row in rows
            if row and not row.get("DELETE")
        ]
        if not windows:
            raise ValidationError("Add at least one period of opening hours.")
        if both := overlap(windows):
            first, second = (CalendarWindow(**asdict(window)) for window in both)
            raise ValidationError(f"{first} and {second} overlap. Change or delete one of them.")


class WindowRows(Rows[Any, Any]):
    model = CalendarWindow
    formset = WindowSet
    extra = 0
    hide_title = True
    ordering = ["weekday", "opens"]
    form = WindowForm
    fields = ["weekday", "opens", "closes", "is_next_day"]
    verbose_name = "opening hours"
    verbose_name_plural = "opening hours, in the time zone of the calendar"


class ClosedDayRows(Rows[Any, Any]):
    model = ClosedDay
    extra = 0
    hide_title = True
    ordering = ["day"]
    fields = ["day", "name"]
    verbose_name = "closed day"
    verbose_name_plural = "closed days in addition to public holidays"


@admin.register(WorkCalendar)
class WorkCalendarAdmin(Admin[WorkCalendar]):
    form = CalendarForm
    list_display = ["name", "time_zone", "opening", "country", "region"]
    search_fields = ["name"]
    ordering = ["name"]
    fields = ["seen", "name", "time_zone", ("country", "region")]
    inlines = [WindowRows, ClosedDayRows]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        zone = {"time_zone": cast(User, request.user).time_zone}
        return zone | super().get_changeform_initial_data(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet[WorkCalendar]:
        return super().get_queryset(request).prefetch_related("windows")

    @display(description="open")
    def opening(self, calendar: WorkCalendar) -> str:
        return opening_hours_text(calendar.windows.all())

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except BadCalendar as problem:
            messages.error(request, f"Nothing was saved. {problem}")
            return redirect(request.get_full_path())

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Create the edition that clocks use; BadCalendar undoes the whole save."""
        super().save_related(request, form, formsets, change)
        edition_for(form.instance, at=timezone.now())
        windows = list(CalendarWindow.objects.filter(calendar=form.instance))
        hours = weekly_time(Window(row.weekday, row.opens, row.closes) for row in windows)
        messages.info(request, f"Open {hours_text(hours)} per week: {opening_hours_text(windows)}.")


def opening_hours_text(windows: Any) -> str:
    """Group days with equal hours: Mon–Fri 9:00 AM–5:00 PM."""
    hours: dict[tuple[time, time], list[int]] = {}
    for window in sorted(windows, key=lambda row: (row.weekday, row.opens)):
        hours.setdefault((window.opens, window.closes), []).append(window.weekday)
    return "; ".join(
        f"{weekdays_text(days)} {period_text(opens, closes)}"
        for (opens, closes), days in hours.items()
    )


def hours_text(span: timedelta) -> str:
    hours = f"{span / timedelta(hours=1):g}"
    return f"{hours} hour" if hours == "1" else f"{hours} hours"


def period_text(opens: time, closes: time) -> str:
    """Return 24 hours, 9:00 AM–5:00 PM, or 10:00 PM–6:00 AM the next day."""
    if opens == closes == time():
        return "24 hours"
    period = f"{time_text(opens)}–{time_text(closes)}"
    return f"{period} the next day" if needs_next_day(opens, closes) else period


def weekdays_text(days: list[int]) -> str:
    names = [CalendarWindow.Weekday(day).label[:3] for day in days]
    is_run = len(days) > 2 and days == list(range(days[0], days[-1] + 1))
    return f"{names[0]}–{names[-1]}" if is_run else ", ".join(names)


class AbsenceForm(forms.ModelForm[Absence]):
    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or self.cleaned_data
        needed: list[Any] = [values.get(name) for name in ("user", "cover", "starts_at", "ends_at")]
        if all(needed):
            try:
                refuse_cover(*needed)
            except BadCover as refusal:
                self.add_error(refusal.field, str(refusal))
        return values


@admin.register(Absence)
class AbsenceAdmin(OffersPeople, Admin[Absence]):
    form = AbsenceForm
    formfield_overrides = {
        models.DateTimeField: {
            "form_class": LocalSplitDateTimeField,
            "widget": UnfoldAdminSplitDateTimeWidget,
            "help_text": "In your own time zone.",
        }
    }
    list_display = ["user", "starts_at", "ends_at", "cover", "note"]
    list_select_related = ["user", "cover"]
    list_filter = ["user__teams"]
    autocomplete_fields = ["user", "cover"]
    ordering = ["-starts_at", "pk"]
    fields = ["user", "starts_at", "ends_at", "cover", "reassigns_leads", "note"]
