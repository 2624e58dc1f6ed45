from django.urls import path

from leads import views

app_name = "leads"
urlpatterns = [
    path("leads/", views.leads, name="list"),
    path("leads/export.csv", views.export, name="export"),
]
