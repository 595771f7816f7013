"""How far long work is."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Progress(models.Model):
    """One piece of long work as people see it. Codes and numbers only; the words come from the manifests."""

    class State(models.TextChoices):
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        FAILED = "failed", _("Could not be finished")

    kind = models.CharField(max_length=64)
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, null=True, related_name="+")
    # By value: who started it may leave the house while the row stays.
    started_by_id = models.BigIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.RUNNING)
    message_code = models.CharField(max_length=64, blank=True, default="")
    started_at = models.DateTimeField()
    reported_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("progress")
        verbose_name_plural = _("progress")
        indexes = [models.Index(fields=["started_by_id", "-id"], name="jobs_progress_mine")]
        constraints = [
            models.CheckConstraint(condition=Q(done__lte=F("total")), name="jobs_progress_within_total"),
            models.CheckConstraint(
                condition=Q(state="running", finished_at__isnull=True)
                | (~Q(state="running") & Q(finished_at__isnull=False)),
                name="jobs_progress_finished_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.done}/{self.total}"

    @property
    def percent(self) -> int:
        return 100 * self.done // self.total if self.total else 0
