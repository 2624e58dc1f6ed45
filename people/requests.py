"""What our views know about a request that Django's own type does not say."""

from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from people.models import User


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


def signed_in(request: HttpRequest) -> User:
    """The person behind a request that `login_required` let through."""
    assert isinstance(request.user, User)
    return request.user
