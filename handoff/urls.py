from django.urls import path

from handoff import views

app_name = "handoff"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("queues/", views.queues, name="queues"),
]
