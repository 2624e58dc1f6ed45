from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar, Final
from zoneinfo import ZoneInfo, available_timezones

import pgtrigger
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower

from core.formatting import DateStyle, Formats, NumberStyle, date_text
from core.history import tracked
from core.permissions import Right
from people.emails import email_of_account, one_spelling
from people.roles import RIGHTS, Role, roles_named


def check_time_zone(name: str) -> None:
    if name not in available_timezones():
        raise ValidationError(f"“{name}” is not a time zone such as Europe/Berlin.")


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        """Find an account by its email; of two spellings from an older version, the exact one."""
        exact, usual = (username or "").strip().lower(), one_spelling(username or "")
        users = {user.email: user for user in self.filter(email__in={exact, usual})}
        try:
            return users.get(exact) or users[usual]
        except KeyError:
            raise self.model.DoesNotExist from None

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        user = self.model(email=email_of_account(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        return self.create_user(
            email, password, **{"is_staff": True, "is_superuser": True} | fields
        )


@tracked(exclude=("password", "last_login"))
class User(AbstractBaseUser, PermissionsMixin):
    class RejectionNotices(models.TextChoices):
        AT_ONCE = "at_once", "At once"
        DAILY = "daily", "Daily, by reason"

    email = models.EmailField("email", max_length=254, unique=True)
    name = models.CharField(max_length=150)
    time_zone = models.CharField(max_length=64, default="UTC", validators=[check_time_zone])
    date_style = models.CharField(
        "dates and times",
        max_length=12,
        choices=[(style.value, style.example) for style in DateStyle],
        default=DateStyle.MONTH_FIRST,
    )
    number_style = models.CharField(
        "numbers",
        max_length=10,
        choices=[(style.value, style.example) for style in NumberStyle],
        default=NumberStyle.COMMA,
    )
    calendar = models.ForeignKey(
        "people.WorkCalendar",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        help_text="Leave empty to use the team's calendar.",
    )
    rejection_notices = models.CharField(
        max_length=8,
        choices=RejectionNotices,
        default=RejectionNotices.AT_ONCE,
        help_text="When the owner of a campaign is notified of rejected leads.",
    )
    unmailed_topics = ArrayField(
        models.CharField(max_length=40),
        default=list,
        blank=True,
        editable=False,
        help_text="Topics of notices that are only shown on the notices page.",
    )
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField("can open the admin", default=False)
    created_at = models.DateTimeField(auto_now_add=True)
    external_id = models.CharField(
        max_length=200,
        null=True,
        blank=True,
        unique=True,
        help_text="Id of this user in another system.",
    )

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        constraints = [models.UniqueConstraint(Lower("email"), name="one_user_per_email")]

    def __str__(self) -> str:
        return self.name or self.email

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.name.split(" ")[0]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def formats(self) -> Formats:
        return Formats(DateStyle(self.date_style), NumberStyle(self.number_style))

    @cached_property
    def roles(self) -> frozenset[Role]:
        # `people.backends` sets this for the signed-in user.
        return roles_named(self.groups.values_list("name", flat=True))

    @property
    def rights(self) -> frozenset[Right]:
        """Return what the roles grant; `may` also lets superusers through."""
        return frozenset(right for role in self.roles for right in RIGHTS[role])

    def may(self, right: Right) -> bool:
        return self.is_superuser or right in self.rights

    # `people.backends` sets both for the signed-in user.
    unread_count: int = 0
    known_team_ids: list[int] | None = None

    @property
    def team_ids(self) -> models.QuerySet[Team, Any] | list[int]:
        """Return the teams this user works in or manages, as a subquery unless already loaded."""
        if self.known_team_ids is not None:
            return self.known_team_ids
        return Team.objects.filter(Q(memberships__user=self) | Q(manager=self)).values("pk")


@tracked()
class Team(models.Model):
    """A pool for rules that pick one of its members, a queue for members who pull from it."""

    class Function(models.TextChoices):
        MARKETING = "marketing", "Marketing"
        SDR = "sdr", "Sales development"
        AE = "ae", "Account executives"

    name = models.CharField(max_length=100, unique=True)
    function = models.CharField(max_length=12, choices=Function, default=Function.SDR)
    manager = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, blank=True, related_name="managed_teams"
    )
    calendar = models.ForeignKey("people.WorkCalendar", on_delete=models.PROTECT)
    members = models.ManyToManyField(User, through="people.Membership", related_name="teams")
    is_active = models.BooleanField(default=True)

    def __str__(self) -> str:
        return self.name


# The rest of the division goes to the member who is longest in the team.
SHARE_BALANCE: Final = """
    UPDATE people_membership AS member
    SET balance = member.balance + OLD.balance / team.size
        + CASE WHEN member.id = team.first_id THEN OLD.balance % team.size ELSE 0 END
    FROM (
        SELECT count(*) AS size, min(id) AS first_id FROM people_membership
        WHERE team_id = OLD.team_id AND id <> OLD.id
    ) AS team
    WHERE member.team_id = OLD.team_id AND member.id <> OLD.id;
    RETURN NULL;
"""


@tracked(exclude=("balance", "last_turn_at"))
class Membership(models.Model):
    """A member's weight, capacity and round robin balance in a team.

    `balance` counts parts of a lead: each eligible member is credited a share of every lead and
    its owner is debited the whole, so the balances of a team add up to zero.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    weight = models.PositiveSmallIntegerField(default=1)
    capacity = models.PositiveIntegerField(
        null=True,
        blank=True,
        help_text="Maximum number of open handoffs. Leave empty for no limit.",
    )
    balance = models.BigIntegerField(default=0, editable=False)
    last_turn_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="one_membership_per_team"),
            models.CheckConstraint(
                condition=Q(weight__gte=1, weight__lte=100), name="membership_weight_1_to_100"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="balance_of_a_former_member_is_shared",
                when=pgtrigger.After,
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__balance__df=0),
                func=SHARE_BALANCE,
            ),
            pgtrigger.Trigger(
                name="balance_stays_with_the_team",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__team__df=pgtrigger.F("new__team")),
                func=f"""
                    {SHARE_BALANCE.replace("RETURN NULL;", "")}
                    NEW.balance := 0;
                    NEW.last_turn_at := NULL;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class AbsenceQuerySet(models.QuerySet["Absence"]):
    def at(self, at: datetime) -> AbsenceQuerySet:
        return self.filter(starts_at__lte=at, ends_at__gt=at)


@tracked()
class Absence(models.Model):
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    note = models.CharField(max_length=200, blank=True)
    reassigns_leads = models.BooleanField(
        "reassign open leads",
        default=False,
        help_text="Reassigns their open leads by the routing rules when the time off starts.",
    )
    cover = models.ForeignKey(
        User,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="covered_absences",
        db_index=False,
        help_text="A teammate who is asked first about their leads until they are back.",
    )

    objects = AbsenceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")),
                name="absence_has_length",
                violation_error_message="The end must be after the start.",
            ),
            models.CheckConstraint(
                condition=~Q(cover=F("user")),
                name="cover_is_someone_else",
                violation_error_message="Choose a colleague as the cover.",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "ends_at"], name="absence_by_user"),
            models.Index(
                fields=["cover", "ends_at"], condition=~Q(cover=None), name="absence_by_cover"
            ),
        ]

    def __str__(self) -> str:
        starts, ends = (
            date_text(at.astimezone(self.user.zone)) for at in (self.starts_at, self.ends_at)
        )
        return f"{self.user}: {starts} to {ends}"
