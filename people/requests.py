from django.http import HttpRequest
from django_htmx.middleware import HtmxDetails

from people.models import User


class HtmxRequest(HttpRequest):
    htmx: HtmxDetails


def signed_in(request: HttpRequest) -> User:
    """Return the user of a request that `sign_in_required` or `right_required` let through."""
    assert isinstance(request.user, User)
    return request.user
