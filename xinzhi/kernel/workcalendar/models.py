"""Calendars of later years, imported by an administrator. The official 2024–2026 come with the package."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class ImportedYear(models.Model):
    """The official calendar of one year; replaces an earlier import and the one in the package."""

    year = models.PositiveSmallIntegerField(primary_key=True)
    source = models.CharField(max_length=120, help_text="number of the notice")
    imported_by = models.CharField(max_length=40)
    imported_at = models.DateTimeField()

    class Meta:
        verbose_name = _("imported calendar")
        verbose_name_plural = _("imported calendars")

    def __str__(self) -> str:
        return str(self.year)


class ImportedDay(models.Model):
    """A day that differs from Monday to Friday: a day off, or a make-up day (调休)."""

    year = models.ForeignKey(ImportedYear, on_delete=models.CASCADE, related_name="days")
    day = models.DateField(unique=True)
    kind = models.CharField(max_length=4)
    name = models.CharField(max_length=40, blank=True, default="")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(kind__in=("off", "work")), name="workcalendar_day_kind")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.kind}"
