"""H1: the same short string behind the product's middleware, to somebody who is signed in."""

import os

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
settings.ROOT_URLCONF = __name__


@login_required
def short(request: HttpRequest) -> HttpResponse:
    return HttpResponse("short")


urlpatterns = [path("", short), path("", include("people.urls"))]
application = get_wsgi_application()
