from django.contrib.auth.forms import AuthenticationForm


class SignInForm(AuthenticationForm):
    error_messages = {
        **AuthenticationForm.error_messages,
        "invalid_login": "This e-mail and password do not belong together. "
        "Check both; capitals count in the password.",
    }

    def clean_username(self) -> str:
        """One spelling for each address, or guessing could go on under another one."""
        return str(self.cleaned_data["username"]).strip().lower()
