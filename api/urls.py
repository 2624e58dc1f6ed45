from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from api.docs import docs, guide, problem, problems
from api.views import KeyCheckView, LeadsView, LeadView, TouchesView

app_name = "api"
urlpatterns = [
    path("key/", KeyCheckView.as_view(schema=None), name="key"),
    path("leads/", LeadsView.as_view(), name="leads"),
    path("leads/<int:lead_id>/", LeadView.as_view(), name="lead"),
    path("touches/", TouchesView.as_view(), name="touches"),
    # A POST cannot be redirected, so this works, too; the documentation has the one with the slash.
    path("touches", TouchesView.as_view(schema=None)),
    path("schema/", SpectacularAPIView.as_view(authentication_classes=[]), name="schema"),
    path("docs/", docs, name="docs"),
    path("guide/", guide, name="guide"),
    path("problems/", problems, name="problems"),
    path("problems/<slug:code>/", problem, name="problem"),
]
