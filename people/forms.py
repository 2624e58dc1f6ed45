from typing import Any

from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_texts


class SignInForm(AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "Wrong email or password.",
    }

    def clean_username(self) -> str:
        """Lowercase the email, so that the lockout counts attempts under every spelling."""
        return str(self.cleaned_data["username"]).strip().lower()


class ChangePasswordForm(PasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Django makes a list of it, which a paragraph cannot hold.
        self.fields["new_password1"].help_text = " ".join(password_validators_help_texts())
