from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.views import (
    LoginView,
    LogoutView,
    PasswordChangeView,
    PasswordResetConfirmView,
)
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.http import require_http_methods
from django.views.generic import FormView
from django_htmx.http import HttpResponseClientRefresh

from people.access import sign_in_required
from people.account_mail import PAUSE, may_request_reset, request_reset
from people.clients import client_of, remember_browser
from people.forms import (
    ChangePasswordForm,
    ChoosePasswordForm,
    ForgotPasswordForm,
    SignInForm,
    TimeZoneForm,
)
from people.lockout import count_failure, is_allowed, unlock
from people.models import User
from people.requests import HtmxRequest, signed_in


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


@method_decorator(sign_in_required, name="dispatch")
class ChangePassword(PasswordChangeView):
    template_name = "people/change_password.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("people:change_password")

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not is_allowed(request, signed_in(request)):
            return HttpResponse(status=429)  # replaced with the page of a lockout
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: PasswordChangeForm) -> HttpResponse:
        if "old_password" in form.errors:
            count_failure(self.request, signed_in(self.request))
        return super().form_invalid(form)

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, "Password changed.")
        return super().form_valid(form)


class ForgotPassword(FormView[ForgotPasswordForm]):
    """Say the same whether or not there is an account, so that no one can find out."""

    template_name = "people/forgot_password.html"
    form_class = ForgotPasswordForm
    success_url = reverse_lazy("people:sign_in")

    def form_valid(self, form: ForgotPasswordForm) -> HttpResponse:
        if not may_request_reset(client_of(self.request)):
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


@sign_in_required
@require_http_methods(["GET", "POST"])
def change_time_zone(request: HttpRequest) -> HttpResponse:
    form = TimeZoneForm(request.POST or None, instance=signed_in(request))
    if form.is_valid():
        form.save()
        messages.success(request, "Time zone changed.")
        return redirect("people:change_time_zone")
    status = 422 if form.is_bound else 200
    return render(request, "people/change_time_zone.html", {"form": form}, status=status)
