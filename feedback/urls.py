from django.urls import path

from feedback import views

app_name = "feedback"
urlpatterns = [
    path("leads/<int:pk>/", views.lead, name="lead"),
    path("leads/<int:pk>/card/", views.edit_card, name="edit_card"),
    path("leads/<int:pk>/complete/", views.complete, name="complete"),
    path("handoffs/<int:pk>/accept/", views.accept, name="accept"),
    path("handoffs/<int:pk>/reject/", views.reject, name="reject"),
    path("handoffs/<int:pk>/cannot-evaluate/", views.cannot_evaluate, name="cannot_evaluate"),
    path("handoffs/<int:pk>/attempt/", views.attempt, name="attempt"),
    path("handoffs/<int:pk>/advance/", views.advance, name="advance"),
]
