"""Choose what is mailed, topic by topic; all of it is on the notices page in any case."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.http import HttpRequest

from people.models import User
from people.notice_kinds import MAIL_TOPICS, MailTopic
from people.requests import signed_in

MAILED: Final = "mailed"
DAILY: Final = "daily"
UNMAILED: Final = "unmailed"
CHOICES: Final = ((MAILED, "Email"), (UNMAILED, "Only on the notices page"))
DIGEST_CHOICES: Final = ((MAILED, "Email at once"), (DAILY, "One email a day"), CHOICES[1])


def topics_for(user: User) -> list[MailTopic]:
    return [
        topic
        for topic in MAIL_TOPICS.values()
        if not topic.rights or any(user.may(right) for right in topic.rights)
    ]


class NoticesForm(forms.Form):
    def __init__(self, request: HttpRequest, data: Any = None, **options: Any) -> None:
        super().__init__(data, **options)
        self.user = signed_in(request)
        topics = topics_for(self.user)
        self.always = [topic for topic in topics if topic.always]
        for topic in topics:
            if not topic.always:
                self.fields[topic.code] = forms.ChoiceField(
                    label=topic.label,
                    help_text=topic.help,
                    choices=DIGEST_CHOICES if topic.has_digest else CHOICES,
                    initial=self.choice_of(topic),
                )

    def choice_of(self, topic: MailTopic) -> str:
        if topic.code in self.user.unmailed_topics:
            return UNMAILED
        daily = User.RejectionNotices.DAILY
        return DAILY if topic.has_digest and self.user.rejection_notices == daily else MAILED

    def save(self) -> None:
        """Keep the choices for topics that are not offered now, as after a change of role."""
        user, chosen = self.user, self.cleaned_data
        kept = set(user.unmailed_topics) - chosen.keys()
        user.unmailed_topics = sorted(
            kept | {code for code, choice in chosen.items() if choice == UNMAILED}
        )
        for code in chosen:
            if MAIL_TOPICS[code].has_digest:
                user.rejection_notices = (
                    User.RejectionNotices.DAILY
                    if chosen[code] == DAILY
                    else User.RejectionNotices.AT_ONCE
                )
        user.save(update_fields=["unmailed_topics", "rejection_notices"])
