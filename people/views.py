from typing import Any

from django.contrib import messages
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import LoginView, PasswordChangeView
from django.http import HttpResponse, HttpResponseBase
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django_htmx.http import HttpResponseClientRefresh

from people.access import sign_in_required
from people.forms import ChangePasswordForm, SignInForm
from people.requests import HtmxRequest


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


@method_decorator(sign_in_required, name="dispatch")
class ChangePassword(PasswordChangeView):
    template_name = "people/change_password.html"
    form_class = ChangePasswordForm
    success_url = reverse_lazy("people:change_password")

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        messages.success(self.request, "Password changed.")
        return super().form_valid(form)
