from django.urls import path
from drf_spectacular.views import SpectacularAPIView

from intake.api.docs import docs
from intake.api.views import TouchesView

app_name = "api"
urlpatterns = [
    path("touches/", TouchesView.as_view(), name="touches"),
    path("schema/", SpectacularAPIView.as_view(authentication_classes=[]), name="schema"),
    path("docs/", docs, name="docs"),
]
