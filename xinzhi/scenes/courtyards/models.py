"""Courtyards on their route, rounds, the courtyards of a round, and every visit to one."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.workflow.models import WorkflowSubject

#: Courtyards are compared with their like only (village.md 4.1, fair comparison).
CLASSES = (
    ("lived_in", _("lived in")),
    ("elder_alone", _("elderly living alone")),
    ("new_house", _("new house")),
    ("homestay", _("homestay")),
    ("empty", _("empty")),
)
CLASS_CODES = tuple(code for code, _label in CLASSES)
OUTCOMES = ("scored", "not_at_home", "declined")
CONSENTS = ("", "lane", "yard", "rooms")


class Courtyard(models.Model):
    """A household's place on its village's route, and with which others it is compared."""

    household = models.OneToOneField("residents.Household", on_delete=models.PROTECT, related_name="+")
    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    position = models.PositiveIntegerField(help_text="in walking order")
    yard_class = models.CharField(max_length=12, choices=CLASSES)

    class Meta:
        indexes = [models.Index(fields=["village", "position"], name="courtyard_route")]
        constraints = [
            models.CheckConstraint(condition=Q(yard_class__in=CLASS_CODES), name="courtyard_class"),
        ]

    def __str__(self) -> str:
        return f"courtyard of household:{self.household_id}"


class Round(models.Model):
    """A walk over all courtyards of a village, once a quarter."""

    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField()
    quarter = models.PositiveSmallIntegerField()
    version = models.ForeignKey(
        "rules.RuleVersion", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    raters = models.PositiveSmallIntegerField(help_text="how many look at each courtyard by themselves")
    opened_at = models.DateTimeField()
    opened_by_key = models.CharField(max_length=40)
    last_day = models.DateField()
    closed_at = models.DateTimeField(null=True, blank=True)
    request_key = models.UUIDField(unique=True)

    class Meta:
        indexes = [models.Index(fields=["village", "-id"], name="courtyard_round_newest")]
        constraints = [
            models.UniqueConstraint(fields=["village", "year", "quarter"], name="courtyard_round_once"),
            models.CheckConstraint(condition=Q(quarter__range=(1, 4)), name="courtyard_round_quarter"),
            models.CheckConstraint(condition=Q(raters__range=(1, 2)), name="courtyard_round_raters"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"courtyards.round:{self.pk}"


class Yard(WorkflowSubject):
    """A courtyard in a round: from the first visit to its grade."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="yards", db_index=False)
    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey(
        "residents.Household", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    position = models.PositiveIntegerField()
    yard_class = models.CharField(max_length=12, choices=CLASSES)
    first_tenths = models.IntegerField(
        null=True, blank=True, help_text="what the raters agreed on, before it was made good"
    )
    result_tenths = models.IntegerField(null=True, blank=True)
    grade = models.CharField(max_length=1, blank=True)
    graded_on = models.DateField(null=True, blank=True)
    deed_told = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(fields=["round", "position"], name="yard_round_order"),
            models.Index(fields=["household", "-id"], name="yard_household_newest"),
            models.Index(fields=["village", "-id"], name="yard_village_newest"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["round", "household"], name="yard_once_a_round"),
            models.CheckConstraint(condition=Q(grade__in=("", "A", "B", "C", "D", "V")), name="yard_grade"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"courtyards.yard:{self.pk}"


class Visit(models.Model):
    """Somebody stood before a courtyard. Nothing here is ever overwritten: another visit is another row."""

    yard = models.ForeignKey(Yard, on_delete=models.PROTECT, related_name="visits")
    record_key = models.UUIDField(
        unique=True, help_text="made on the phone; sent again, it is the same visit"
    )
    outcome = models.CharField(max_length=12)
    consent = models.CharField(max_length=8, blank=True)
    consented_at = models.DateTimeField(null=True, blank=True)
    turn = models.PositiveSmallIntegerField(
        default=0, help_text="1 to 3 for raters, 4 after it was made good, 0 without a score"
    )
    marks = models.JSONField(default=dict, help_text="points by line of the sheet: codes and numbers only")
    vetoes = ArrayField(models.CharField(max_length=8), default=list)
    total_tenths = models.IntegerField(null=True, blank=True)
    photo_ids = ArrayField(models.UUIDField(), default=list)
    rater_key = models.CharField(max_length=40)
    rater_user_id = models.BigIntegerField(null=True)
    visited_at = models.DateTimeField(help_text="by the phone's clock, set right by its error")
    received_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["yard", "turn"], condition=Q(turn__gt=0), name="visit_turn_once"),
            # Two visits of one rater are not two opinions; who looks again after it was made good may be the same.
            models.UniqueConstraint(
                fields=["yard", "rater_key"], condition=Q(turn__range=(1, 3)), name="visit_rater_once"
            ),
            models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="visit_outcome"),
            models.CheckConstraint(condition=Q(consent__in=CONSENTS), name="visit_consent"),
            # Not at home is not zero; and nobody was scored without having been asked.
            models.CheckConstraint(
                condition=(
                    Q(outcome="scored", total_tenths__isnull=False, consented_at__isnull=False)
                    & ~Q(consent="")
                )
                | (~Q(outcome="scored") & Q(total_tenths__isnull=True, turn=0)),
                name="visit_scored_or_not",
            ),
        ]

    def __str__(self) -> str:
        return f"courtyards.visit:{self.pk}"
