"""One table: what was noted, where, for which day."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Entry(models.Model):
    """A line of the village's register (台账)."""

    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=80)
    noted_on = models.DateField()
    noted_at = models.DateTimeField()
    request_key = models.UUIDField(unique=True)

    class Meta:
        verbose_name = _("entry")
        verbose_name_plural = _("entries")
        indexes = [models.Index(fields=["village", "-id"], name="example_newest")]
        constraints = [models.CheckConstraint(condition=~Q(title=""), name="example_title_written")]

    def __str__(self) -> str:
        return f"entry {self.pk}"

    @property
    def reference(self) -> str:
        """How other tables name this row."""
        return f"example.entry:{self.pk}"
