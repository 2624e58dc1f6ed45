from django.urls import path

from handoff import views

app_name = "handoff"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("queues/", views.queues, name="queues"),
    path("desk/", views.team_desk, name="team_desk"),
    path("desk/reassign/", views.reassign, name="reassign"),
    path("desk/absences/", views.add_absence, name="add_absence"),
    path("desk/absences/<int:pk>/end/", views.remove_absence, name="end_absence"),
]
