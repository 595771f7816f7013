"""Rule books of a region, their versions and the rules of each version."""

from __future__ import annotations

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value


class RuleBook(models.Model):
    """One table of rules of one region, e.g. the points charter (积分章程) of a village."""

    kind = models.CharField(
        max_length=64, help_text="slug of the scene and the table: governance_points.charter"
    )
    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "region"], name="rules_one_book_per_region")]

    def __str__(self) -> str:
        return f"{self.kind}@{self.region_id}"


class RuleVersion(models.Model):
    """A version of a rule book. Once in force it is never changed, only ended by the next one."""

    class Status(models.TextChoices):
        DRAFT = "draft"
        IN_FORCE = "in_force"
        WITHDRAWN = "withdrawn"

    book = models.ForeignKey(RuleBook, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    status = models.CharField(max_length=12, choices=Status.choices, default=Status.DRAFT)
    active_from = models.DateField()
    active_to = models.DateField(null=True, blank=True, help_text="the first day on which it no longer holds")
    resolution = models.CharField(
        max_length=200, help_text="the meeting resolution that adopted it (决议文号)"
    )
    settings = models.JSONField(default=dict)
    content_digest = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    created_by_key = models.CharField(max_length=40)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["book", "number"], name="rules_version_number_once"),
            models.CheckConstraint(
                condition=Q(active_to__isnull=True) | Q(active_to__gt=F("active_from")),
                name="rules_version_dates_in_order",
            ),
            # Two versions of one book can never hold on the same day, whatever a service does.
            ExclusionConstraint(
                name="rules_versions_do_not_overlap",
                expressions=[
                    (
                        Func(F("book_id"), F("book_id"), Value("[]"), function="int8range"),
                        RangeOperators.OVERLAPS,
                    ),
                    (
                        Func(F("active_from"), F("active_to"), Value("[)"), function="daterange"),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(status="in_force"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.book_id} v{self.number}"


class Rule(models.Model):
    """One rule of a version. `params` is shaped by the scene that owns the book."""

    version = models.ForeignKey(RuleVersion, on_delete=models.PROTECT, related_name="rules")
    code = models.CharField(max_length=32)
    position = models.PositiveIntegerField()
    category = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    params = models.JSONField()
    legal_basis = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["version_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="rules_code_once_per_version")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"
