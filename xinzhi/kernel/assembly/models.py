"""The switch of a scene in a region."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Switch(models.Model):
    """A scene is on or off in a region and all below it, until a nearer region says otherwise.

    Dated: active on `active_from`, no longer on `active_to`. Without any switch a scene is on everywhere.
    """

    slug = models.CharField(max_length=64)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    enabled = models.BooleanField()
    active_from = models.DateField()
    active_to = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("switch of a scene")
        verbose_name_plural = _("switches of scenes")
        constraints = [
            models.UniqueConstraint(
                fields=["slug", "region"],
                condition=Q(active_to__isnull=True),
                name="assembly_switch_one_open",
            ),
            models.CheckConstraint(
                condition=Q(active_to__isnull=True) | Q(active_to__gte=F("active_from")),
                name="assembly_switch_span_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.slug} {'on' if self.enabled else 'off'} from {self.active_from}"
