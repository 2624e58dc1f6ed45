"""The forms of the account page. Each saves the columns that it shows, and no others."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from people.account.email_change import pending_change, request_email_change
from people.account_mail import PAUSE, may_request_mail
from people.emails import email_of_account, one_spelling
from people.forms import time_zones
from people.models import User
from people.requests import signed_in


class OwnFieldsForm(forms.ModelForm[User]):
    def save(self, commit: bool = True) -> User:
        self.instance.save(update_fields=list(self.fields))
        return self.instance


class NameForm(OwnFieldsForm):
    class Meta:
        model = User
        fields = ["name"]
        help_texts = {"name": "Colleagues see it beside your leads and notes."}
        widgets = {"name": forms.TextInput(attrs={"autocomplete": "name", "dir": "auto"})}


class FormatsForm(OwnFieldsForm):
    time_zone = forms.ChoiceField(
        choices=time_zones,
        help_text="Dates and times on all pages are shown and entered in it.",
    )

    class Meta:
        model = User
        fields = ["time_zone", "date_style", "number_style"]
        help_texts = {
            "number_style": "Amounts that you enter have a point before the cents in any case."
        }


class EmailForm(forms.Form):
    email = forms.EmailField(
        max_length=254,
        label="New email",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    old_password = forms.CharField(
        label="Current password",
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.user = signed_in(request)
        self.pending = pending_change(self.user, at=timezone.now())

    def clean_email(self) -> str:
        email = email_of_account(self.cleaned_data["email"])
        if one_spelling(email) == one_spelling(self.user.email):
            raise ValidationError("This is your email already.")
        return email

    def clean_old_password(self) -> None:
        if not self.user.check_password(self.cleaned_data["old_password"]):
            raise ValidationError("Wrong password.")

    def clean(self) -> None:
        if not self.errors and not may_request_mail(f"email-of-user-{self.user.pk}"):
            minutes = int(PAUSE.total_seconds() // 60)
            raise ValidationError(f"Too many requests. Try again in {minutes} minutes.")

    def save(self) -> None:
        request_email_change(self.user, self.cleaned_data["email"], at=timezone.now())
