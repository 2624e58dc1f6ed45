from datetime import datetime

from django import template

from handoff.answers.reject import consequence_of
from handoff.models import RejectionReason

register = template.Library()


@register.simple_tag
def consequence(reason: RejectionReason, at: datetime) -> str:
    return consequence_of(reason, at)
