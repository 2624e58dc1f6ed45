from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import sites


class AdminThemeConfig(AppConfig):
    """The theme with our own admin site; installed before `django.contrib.admin`."""

    name = "unfold"

    def ready(self) -> None:
        from workspace.backoffice.sites import OperationsSite

        site = OperationsSite()
        admin.site = site
        sites.site = site
