from django.urls import path

from people import views

app_name = "people"

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", views.SignOut.as_view(), name="sign_out"),
    path("password/", views.ChangePassword.as_view(), name="change_password"),
    path("password/forgot/", views.ForgotPassword.as_view(), name="forgot_password"),
    path(
        "password/choose/<uidb64>/<token>/",
        views.ChoosePassword.as_view(),
        name="choose_password",
    ),
    path("time-zone/", views.change_time_zone, name="change_time_zone"),
]
