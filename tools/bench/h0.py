"""H0: a view that returns a short string, without middleware; the minimum of every request."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(
    ROOT_URLCONF=__name__,
    ALLOWED_HOSTS=["*"],
    MIDDLEWARE=[],
    SECRET_KEY="of-a-control",  # noqa: S106  (not a secret)
)


def short(request: HttpRequest) -> HttpResponse:
    return HttpResponse("short", headers={"Content-Length": "5"})


urlpatterns = [path("", short)]
application = get_wsgi_application()
