from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        from people import account_mail  # noqa: F401  (registers what its mails link to)
