from typing import Any

from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm
from django.contrib.auth.password_validation import password_validators_help_texts


class SignInForm(AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "This email and password do not belong together. "
        "Check both; capitals count in the password.",
    }

    def clean_username(self) -> str:
        """One spelling for each address, or guessing could go on under another one."""
        return str(self.cleaned_data["username"]).strip().lower()


class ChangePasswordForm(PasswordChangeForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Django's is a list of its own, and stands in a paragraph here.
        self.fields["new_password1"].help_text = " ".join(password_validators_help_texts())
