from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self) -> None:
        from people import account_mail  # noqa: F401  (registers what its mails link to)
        from people.account import email_change  # noqa: F401  (as above)
