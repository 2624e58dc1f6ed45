from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        from config import checks, moments  # noqa: F401  (registers them)

        moments.install()
