from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path


@login_required
def short(request: HttpRequest) -> HttpResponse:
    return HttpResponse("short")


urlpatterns = [path("", short), path("", include("people.urls"))]
