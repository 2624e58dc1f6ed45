"""The forms of the account page. Each saves the columns that it shows, and no others."""

from django import forms

from people.forms import time_zones
from people.models import User


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


class TimeZoneForm(OwnFieldsForm):
    time_zone = forms.ChoiceField(
        choices=time_zones,
        help_text="Dates and times on all pages are shown and entered in it.",
    )

    class Meta:
        model = User
        fields = ["time_zone"]
