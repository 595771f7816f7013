"""Deeds: what a household did, under which rule, and how far it has travelled."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _t

from xinzhi.kernel.workflow.models import WorkflowSubject


class Deed(WorkflowSubject):
    """A good deed (善行) of a household, from claim to ledger."""

    # Every step of a deed writes each index anew: only those that some page reads are kept.
    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey(
        "residents.Household", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person = models.ForeignKey(
        "residents.Person",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
        help_text="who did it",
    )
    rule = models.ForeignKey("rules.Rule", on_delete=models.PROTECT, related_name="+", db_index=False)
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
    posted_on = models.DateField(
        null=True, blank=True, help_text="the day it came into the ledger; stays after a reversal"
    )
    source = models.CharField(max_length=80, help_text="claim:<key>, sheet:<digest>:<row>:<rule>, …")
    evidence_subject = models.CharField(
        max_length=64, blank=True, help_text="where another scene keeps the photos of what it saw"
    )
    is_unsaid = models.BooleanField(
        default=False, help_text="on a list when its scene took it back: reversed as soon as it is posted"
    )
    request_key = models.UUIDField(unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["village", "-id"], name="deed_village_newest"),
            models.Index(fields=["village", "state", "-id"], name="deed_village_state"),
            models.Index(fields=["household", "-id"], name="deed_household_newest"),
            models.Index(fields=["household", "rule_code", "done_on"], name="deed_caps"),
            models.Index(
                fields=["village", "posted_on"],
                name="deed_village_posted",
                condition=Q(posted_on__isnull=False),
            ),
            models.Index(
                fields=["publication_id"], name="deed_publication", condition=Q(publication_id__isnull=False)
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["source"], name="deed_source_once"),
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


class PointsDay(models.Model):
    """What came into a village's ledger on a day, by category: written with the postings, so it is never behind them.

    Overviews read these sums instead of two million deeds. `xinzhi governance-points check-sums` adds everything up anew.
    """

    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    category = models.CharField(max_length=60)
    deeds = models.IntegerField(default=0)
    given_tenths = models.BigIntegerField(default=0)
    taken_tenths = models.BigIntegerField(default=0, help_text="by deductions; positive")
    reversed_tenths = models.BigIntegerField(
        default=0, help_text="net of what was taken back that day: given less taken"
    )

    class Meta:
        constraints = [models.UniqueConstraint(fields=["village", "day", "category"], name="points_day_once")]

    def __str__(self) -> str:
        return f"{self.village_id}:{self.day}:{self.category}"


class ReportForm(models.Model):
    """A workbook a place is asked to fill every month; its named cells say which figures (`reports/figures.py`)."""

    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=60)
    content = models.BinaryField()
    kept_by_key = models.CharField(max_length=40)
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["region", "name"], name="report_form_once")]

    def __str__(self) -> str:
        return f"governance_points.form:{self.pk}"


class CouncilMeeting(WorkflowSubject):
    """A meeting of the village's points council (信用议事会). It decides about verified deeds before they are published."""

    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField(help_text="within village and year")
    meets_at = models.DateTimeField()
    place = models.CharField(max_length=60)
    called_by_key = models.CharField(max_length=40)
    held_at = models.DateTimeField(null=True, blank=True)
    members = models.PositiveSmallIntegerField(
        default=0, help_text="how many belong to the council, when it was held"
    )
    request_key = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["village", "year", "sequence"], name="meeting_number"),
            models.UniqueConstraint(
                fields=["village"], condition=Q(state="prepared"), name="meeting_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"governance_points.meeting:{self.pk}"

    @property
    def number(self) -> str:
        """2026年第3次"""
        return _t("no. %(sequence)s of %(year)s") % {"year": self.year, "sequence": self.sequence}


class MeetingAttendance(models.Model):
    """Who of the council was there. By login and person, never by name."""

    meeting = models.ForeignKey(CouncilMeeting, on_delete=models.PROTECT, related_name="attendance")
    user_id = models.BigIntegerField()
    person_key = models.CharField(max_length=40)
    is_present = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["meeting", "user_id"], name="attendance_once")]

    def __str__(self) -> str:
        return f"{self.meeting_id}:{self.user_id}"


class MeetingItem(models.Model):
    """A deed on the agenda, and what the council decided about it. Who votes on it are those present less the recused."""

    OUTCOMES = ("", "approved", "returned", "postponed")

    meeting = models.ForeignKey(CouncilMeeting, on_delete=models.PROTECT, related_name="items")
    deed = models.ForeignKey(Deed, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveIntegerField()
    outcome = models.CharField(max_length=10, blank=True)
    votes_for = models.PositiveSmallIntegerField(default=0)
    votes_against = models.PositiveSmallIntegerField(default=0)
    votes_abstaining = models.PositiveSmallIntegerField(default=0)
    recused_user_ids = ArrayField(models.BigIntegerField(), default=list)
    reason_code = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["meeting", "deed"], name="agenda_once"),
            models.UniqueConstraint(fields=["meeting", "position"], name="agenda_position"),
            models.CheckConstraint(
                condition=Q(outcome__in=("", "approved", "returned", "postponed")), name="agenda_outcome"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.meeting_id}:{self.position}"


class FundEntry(models.Model):
    """Money for a year's points: where it comes from, decided when and on which paper, recorded by whom. Never changed; a mistake
    is set right by a second row with the opposite sign."""

    SOURCES = ("collective", "public_welfare", "township", "department", "donation", "other")

    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField()
    source_code = models.CharField(max_length=20)
    amount_fen = models.BigIntegerField(help_text="negative: taken back")
    decided_on = models.DateField()
    basis = models.CharField(max_length=120, help_text="the resolution or agreement it rests on")
    recorded_by_key = models.CharField(max_length=40)
    recorded_at = models.DateTimeField()
    request_key = models.UUIDField(unique=True)

    class Meta:
        indexes = [models.Index(fields=["village", "year"], name="fund_of_year")]
        constraints = [models.CheckConstraint(condition=~Q(amount_fen=0), name="fund_not_nothing")]

    def __str__(self) -> str:
        return f"governance_points.fund:{self.pk}"


class PointsBudget(models.Model):
    """What a village's points of a year may cost, and what one point is worth, from a day on. Never changed; a later row replaces it."""

    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    year = models.PositiveSmallIntegerField()
    amount_fen = models.BigIntegerField()
    fen_per_point = models.PositiveIntegerField()
    active_from = models.DateField()
    basis = models.CharField(max_length=120, help_text="the resolution it rests on")
    recorded_by_key = models.CharField(max_length=40)
    recorded_at = models.DateTimeField()
    request_key = models.UUIDField(unique=True)

    class Meta:
        indexes = [models.Index(fields=["village", "year", "-active_from", "-id"], name="budget_in_force")]
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gt=0, fen_per_point__gt=0), name="budget_positive")
        ]

    def __str__(self) -> str:
        return f"governance_points.budget:{self.pk}"


class HouseholdYear(models.Model):
    """What deeds of a year have given and taken a household that is in the ledger now: written with the postings, for the titles.

    A deduction counts in full, however little was there to be taken. `xinzhi governance-points check-sums` adds everything up anew.
    """

    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey(
        "residents.Household", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    year = models.PositiveSmallIntegerField()
    given_tenths = models.BigIntegerField(default=0)
    taken_tenths = models.BigIntegerField(default=0)
    vetoes = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["village", "year", "household"], name="household_year_once")
        ]

    def __str__(self) -> str:
        return f"{self.household_id}:{self.year}"


from xinzhi.scenes.governance_points.life_models import CharterDraft, CharterVote  # noqa: E402, F401
