from django.apps import AppConfig
from django.contrib import admin
from django.contrib.admin import sites


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks, moments  # noqa: F401  (registers them)

        moments.install()


class AdminThemeConfig(AppConfig):
    """The theme, with our own site in the place of its one; comes before `django.contrib.admin`."""

    name = "unfold"

    def ready(self) -> None:
        from config.sites import OperationsSite

        site = OperationsSite()
        admin.site = site
        sites.site = site
