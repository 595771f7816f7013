"""Deeds: what a household did, under which rule, and how far it has travelled."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from xinzhi.kernel.workflow.models import WorkflowSubject


class Deed(WorkflowSubject):
    """A good deed (善行) of a household, from claim to ledger."""

    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey("residents.Household", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(
        "residents.Person",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="who did it",
    )
    rule = models.ForeignKey("rules.Rule", on_delete=models.PROTECT, related_name="+")
    rule_code = models.CharField(max_length=32, help_text="caps count over versions of the rule")
    verifier_role = models.CharField(max_length=32)
    done_on = models.DateField()
    quantity_tenths = models.IntegerField(null=True, blank=True)
    grade = models.CharField(max_length=20, blank=True)
    raw_tenths = models.IntegerField()
    points_tenths = models.IntegerField(help_text="after caps; definite once verified")
    steps = models.JSONField(default=list, help_text="how the points came about: codes and numbers only")
    claimant = models.CharField(max_length=10, help_text="household or office: whose it is to mend")
    channel = models.CharField(max_length=10)
    entered_by_key = models.CharField(max_length=40)
    claimed_at = models.DateTimeField()
    verified_by_key = models.CharField(max_length=40, blank=True)
    verified_at = models.DateTimeField(null=True, blank=True)
    evidence_count = models.PositiveSmallIntegerField(default=0)
    publication_id = models.BigIntegerField(null=True, blank=True)
    journal_id = models.BigIntegerField(null=True, blank=True, help_text="in the book of the village")
    source = models.CharField(
        max_length=80, unique=True, help_text="claim:<key>, sheet:<digest>:<row>:<rule>, …"
    )
    request_key = models.UUIDField(unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["village", "-id"], name="deed_village_newest"),
            models.Index(fields=["village", "state", "-id"], name="deed_village_state"),
            models.Index(fields=["household", "-id"], name="deed_household_newest"),
            models.Index(fields=["household", "rule_code", "done_on"], name="deed_caps"),
            models.Index(
                fields=["publication_id"], name="deed_publication", condition=Q(publication_id__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity_tenths__isnull=True) | Q(quantity_tenths__gt=0),
                name="deed_quantity_positive",
            ),
            models.CheckConstraint(
                condition=Q(
                    raw_tenths__gte=0, points_tenths__gte=0, points_tenths__lte=models.F("raw_tenths")
                )
                | Q(raw_tenths__lt=0, points_tenths__lte=0, points_tenths__gte=models.F("raw_tenths")),
                name="deed_points_within_raw",
            ),
        ]

    def __str__(self) -> str:
        return f"governance_points.deed:{self.pk}"

    @property
    def reference(self) -> str:
        return f"governance_points.deed:{self.pk}"
