"""Settings of the leads list: saved views, density and rows per page."""

from __future__ import annotations

from django.db import models

from people.models import Team, User

PAGE_SIZES = (25, 50, 100)


class SavedView(models.Model):
    """A name for filters and an order; a team's view is shown to its members and its manager."""

    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="saved_views")
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="saved_views"
    )
    name = models.CharField(max_length=60)
    query = models.CharField(max_length=2000, blank=True, help_text="As in the address.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "name"], name="one_saved_view_per_name")
        ]

    def __str__(self) -> str:
        return self.name


class ListSettings(models.Model):
    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="list_settings"
    )
    default_view = models.ForeignKey(
        SavedView, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    is_compact = models.BooleanField(default=False)
    page_size = models.PositiveSmallIntegerField(default=50)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(page_size__in=PAGE_SIZES), name="list_page_size_is_offered"
            )
        ]

    def __str__(self) -> str:
        return f"List of {self.user_id}"
