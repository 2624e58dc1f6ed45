import gc
import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

import django

django.setup()

from tools.bench.run import main  # noqa: E402  (after the setup)

# As in the product's processes, a collection leaves out what was imported.
gc.freeze()
main()
