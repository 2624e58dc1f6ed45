import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from tools.bench.run import main  # noqa: E402  (after the setup)

main()
