from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path

from config import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("admin/", admin.site.urls),
    path("health/live/", health.live),
    path("health/ready/", health.ready),
    path("health/workers/", health.workers),
    path("api/v1/", include("api.urls")),
    path("", include("people.urls")),
    path("", include("workspace.urls")),
    path("", include("reporting.urls")),
]

handler404 = "config.errors.not_found"
handler500 = "config.errors.server_error"
