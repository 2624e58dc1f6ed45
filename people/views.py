from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm
from django.contrib.auth.views import (
    LoginView,
    LogoutView,
    PasswordResetConfirmView,
)
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse_lazy
from django.utils import timezone
from django.views.generic import FormView
from django_htmx.http import HttpResponseClientRefresh

from people.account_mail import PAUSE, may_request_mail, request_reset
from people.clients import client_of, remember_browser
from people.forms import (
    ChoosePasswordForm,
    ForgotPasswordForm,
    SignInForm,
)
from people.lockout import unlock
from people.models import User
from people.requests import HtmxRequest, signed_in
from people.sessions import describe_session


class SignIn(LoginView):
    template_name = "people/sign_in.html"
    authentication_form = SignInForm
    redirect_authenticated_user = True

    def dispatch(  # type: ignore[override]  # our middleware adds `htmx`
        self, request: HtmxRequest, *args: Any, **kwargs: Any
    ) -> HttpResponseBase:
        if request.htmx:
            # A part of a page was requested after the session ended: reload the page itself.
            return HttpResponseClientRefresh()
        return super().dispatch(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"is_empty": not User.objects.exists()}

    def form_valid(self, form: AuthenticationForm) -> HttpResponse:
        response = super().form_valid(form)
        describe_session(self.request, at=timezone.now())
        remember_browser(response, signed_in(self.request).pk)
        return response


class SignOut(LogoutView):
    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Only a form signs out; its address, opened by hand, does nothing."""
        return redirect(settings.LOGIN_REDIRECT_URL)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        list(messages.get_messages(request))  # read, so the next user does not see them
        response = super().post(request, *args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


class ForgotPassword(FormView[ForgotPasswordForm]):
    """Say the same whether or not there is an account, so that no one can find out."""

    template_name = "people/forgot_password.html"
    form_class = ForgotPasswordForm
    success_url = reverse_lazy("people:sign_in")

    def form_valid(self, form: ForgotPasswordForm) -> HttpResponse:
        if not may_request_mail(client_of(self.request)):
            minutes = int(PAUSE.total_seconds() // 60)
            form.add_error(None, f"Too many requests. Try again in {minutes} minutes.")
            return self.render_to_response(self.get_context_data(form=form), status=429)
        request_reset(form.cleaned_data["email"], at=timezone.now())
        messages.success(
            self.request,
            "If an account has this email, a link to choose a new password is on its way.",
        )
        return super().form_valid(form)


class ChoosePassword(PasswordResetConfirmView):
    """Choose a password with the link of a mail; Django keeps its token out of the address."""

    template_name = "people/choose_password.html"
    form_class = ChoosePasswordForm
    success_url = reverse_lazy("people:sign_in")

    def get_user(self, uidb64: str) -> User | None:
        user = super().get_user(uidb64)
        return user if isinstance(user, User) and user.is_active else None

    def form_valid(self, form: ChoosePasswordForm) -> HttpResponse:  # type: ignore[override]
        unlock(form.user.email)
        messages.success(self.request, "Password changed. Sign in with it.")
        return super().form_valid(form)
