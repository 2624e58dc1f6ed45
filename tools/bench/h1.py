"""H1: the same short string behind the middleware of the product, for a signed-in user."""

from django.conf import settings

from config.wsgi import application as application

settings.ROOT_URLCONF = "tools.bench.h1_urls"
