from django.urls import path

from people import views
from people.account import views as account

app_name = "people"

urlpatterns = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", views.SignOut.as_view(), name="sign_out"),
    path("password/forgot/", views.ForgotPassword.as_view(), name="forgot_password"),
    path(
        "password/choose/<uidb64>/<token>/",
        views.ChoosePassword.as_view(),
        name="choose_password",
    ),
    path("account/", account.account, name="account"),
    path("account/email/cancel/", account.cancel_email, name="cancel_email"),
    path("account/email/confirm/<token>/", account.confirm_email, name="confirm_email"),
    path("account/<slug:section>/", account.save_section, name="save_section"),
    path("password/", account.former_address, {"section": "password"}),
    path("time-zone/", account.former_address, {"section": "time-zone"}),
]
