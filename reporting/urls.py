from django.urls import path

from reporting import views

app_name = "reporting"
urlpatterns = [
    path("reports/", views.report, {"name": "overview"}, name="overview"),
    path("reports/funnel/", views.report, {"name": "funnel"}, name="funnel"),
    path("reports/sources/", views.report, {"name": "sources"}, name="sources"),
    path("reports/rejections/", views.report, {"name": "rejections"}, name="rejections"),
    path("reports/speed/", views.report, {"name": "speed"}, name="speed"),
    path("reports/leads/", views.leads, name="leads"),
]
