from __future__ import annotations

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminSelect2Widget

from people.forms import time_zones


class ZoneField(forms.ChoiceField):
    widget = UnfoldAdminSelect2Widget

    def __init__(self, **options: Any) -> None:
        super().__init__(choices=time_zones, **options)
