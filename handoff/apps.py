from django.apps import AppConfig


class HandoffConfig(AppConfig):
    name = "handoff"

    def ready(self) -> None:
        from handoff import checks, notice_topics  # noqa: F401  (registers them)
        from handoff.sla import calendar_timers  # noqa: F401  (as above)
