"""Import the product once for all programs that are copies of this process."""

import gc
import os
import warnings
from importlib import import_module

MODULES = (
    "config.wsgi",
    "gunicorn.app.wsgiapp",
    "config.web_worker",
    "celery.bin.celery",
    "celery.apps.worker",
    "celery.apps.beat",
    "celery.concurrency.prefork",
    "kombu.transport.redis",
)


def import_product() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # Celery's warning about root does not matter on a local machine.
    warnings.filterwarnings("ignore", "You're running the worker with superuser")
    for name in MODULES:
        import_module(name)
    from django.db.migrations.loader import MigrationLoader

    from config.celery import app

    app.loader.import_default_modules()
    # Every program compares the migrations with those of the database.
    MigrationLoader(None)
    # A collection in a copy would write to every page that it shares.
    gc.collect()
    gc.freeze()
