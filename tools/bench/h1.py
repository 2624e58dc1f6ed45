"""H1: the same short string behind the product's middleware, to somebody who is signed in."""

from django.conf import settings

from config.wsgi import application as application

settings.ROOT_URLCONF = "tools.bench.h1_urls"
