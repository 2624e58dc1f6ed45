"""`python -m tools.bench.sweeper`: sweep at each tick until killed, as a worker does."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from time import sleep  # noqa: E402  (after the setup)

from django.conf import settings  # noqa: E402  (after the setup)

from handoff.tasks import sweep_clocks  # noqa: E402  (after the setup)

while True:
    sweep_clocks()
    print("swept", flush=True)  # noqa: T201  (the bench waits for the first)
    sleep(settings.CELERY_BEAT_SCHEDULE["clocks"]["schedule"])
