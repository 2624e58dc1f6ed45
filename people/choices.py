"""The people that forms offer: those who can do it now, and whoever is set already."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.db.models import Exists, Model, OuterRef, Q, QuerySet

from core.permissions import Right
from people.models import User
from people.roles import roles_with

WORKS_IN_TEAM: Final = (Right.ANSWER_HANDOFFS, Right.EDIT_CONTEXT)
# The rights of whom a model field may point at, one of them; apps add their own.
_rights: Final[dict[Any, tuple[Right, ...]]] = {}


def offer_people(model: type[Model], **rights: tuple[Right, ...]) -> None:
    """Offer only people with one of these rights for a field."""
    _rights.update({model._meta.get_field(name): held for name, held in rights.items()})


def able_users(*rights: Right) -> QuerySet[User]:
    """Return the active users with a role that grants one of the rights."""
    roles = {role.label for right in rights for role in roles_with(right)}
    return User.objects.filter(is_active=True, groups__name__in=sorted(roles))


def able_for(field: Any) -> QuerySet[User] | None:
    """Return who may be set in a field, or None if it may be anyone."""
    return able_users(*_rights[field]) if field in _rights else None


class PersonField(forms.ModelChoiceField[User]):
    """Offer who is able, and the present value of the edited row."""

    def __init__(self, *, able: QuerySet[User], queryset: Any = None, **options: Any) -> None:
        is_able = Exists(able.filter(pk=OuterRef("pk")))
        self.people = User.objects.annotate(is_able=is_able).order_by("name", "pk")
        super().__init__(self.people.filter(is_able=True), **options)

    def get_bound_field(self, form: Any, field_name: str) -> Any:
        present = getattr(form.instance, f"{field_name}_id")
        self.queryset = self.people.filter(Q(is_able=True) | Q(pk=present))
        return super().get_bound_field(form, field_name)

    def label_from_instance(self, person: Any) -> str:
        if person.is_able:
            return str(person)
        return f"{person} (no longer has the role)" if person.is_active else f"{person} (left)"


class OffersPeople:
    """An admin, or rows in one, whose fields offer only people who are able."""

    def formfield_for_foreignkey(self, db_field: Any, request: Any, **kwargs: Any) -> Any:
        if (able := able_for(db_field)) is not None:
            kwargs |= {"form_class": PersonField, "able": able}
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]
