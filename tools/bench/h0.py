"""H0: a view that returns a short string, without middleware; the minimum of every request.

Only the server asks the database, whether it is newer than this version, before the first request.
"""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

from config import env

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=[],
    DATABASES={"default": env.database(os.environ["DATABASE_URL"])},
    SECRET_KEY="of-a-control",  # noqa: S106  (not a secret)
)


def short(request: HttpRequest) -> HttpResponse:
    return HttpResponse("short", headers={"Content-Length": "5"})


urlpatterns = [path("", short)]
application = get_wsgi_application()
