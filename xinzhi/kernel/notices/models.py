"""Publications with a clock, their lines and objections; messages to persons.

Nothing here holds personal text: lines refer to subjects and households, names are looked up and masked when a
list is shown. What an objector writes is a note of workflow, which can be erased.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.workflow.models import WorkflowSubject


class PublicationState(models.TextChoices):
    OPEN = "open", _("on display")
    CLOSED = "closed", _("ended")
    WITHDRAWN = "withdrawn", _("taken down")


class LineState(models.TextChoices):
    LISTED = "listed", _("listed")
    OBJECTED = "objected", _("objection being examined")
    REMOVED = "removed", _("removed after an objection")
    CONFIRMED = "confirmed", _("confirmed")


class Publication(models.Model):
    """A list on the village's board (公示). Numbered per village and year."""

    kind = models.CharField(max_length=64)
    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=120, blank=True, help_text="blank: called by its kind")
    year = models.PositiveSmallIntegerField()
    month = models.PositiveSmallIntegerField()
    sequence = models.PositiveIntegerField(help_text="within village and year")
    days = models.PositiveSmallIntegerField(help_text="calendar days; the day of posting is not counted")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=PublicationState.choices, default=PublicationState.OPEN)
    closed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_reason = models.CharField(max_length=40, blank=True)
    line_count = models.PositiveIntegerField()
    opened_by_key = models.CharField(max_length=40)
    request_key = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["village", "year", "sequence"], name="publication_number"),
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="publication_span_forward"),
        ]
        indexes = [
            models.Index(fields=["village", "-id"], name="publication_village_newest"),
            models.Index(fields=["ends_at"], name="publication_open", condition=Q(state="open")),
        ]

    def __str__(self) -> str:
        return f"notices.publication:{self.pk}"

    @property
    def number(self) -> str:
        """2026-11 第3号"""
        return _t("%(year)s-%(month)s No. %(sequence)s") % {
            "year": self.year,
            "month": f"{self.month:02d}",
            "sequence": self.sequence,
        }


class PublicationLine(models.Model):
    """One household's line. It has its own clock, so that an objection stops it alone."""

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="lines")
    position = models.PositiveIntegerField()
    subject_type = models.CharField(
        max_length=64, help_text="name of the lifecycle, e.g. governance_points.deed"
    )
    subject_id = models.BigIntegerField()
    village_id = models.BigIntegerField()
    household_id = models.BigIntegerField(null=True)
    points_tenths = models.IntegerField(null=True)
    label = models.CharField(max_length=120, help_text="title of the rule; never about a person")
    happened_on = models.DateField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=LineState.choices, default=LineState.LISTED)
    ends_at = models.DateTimeField(help_text="the line's own end: later than the list's after an objection")
    stopped_at = models.DateTimeField(
        null=True, blank=True, help_text="since when an objection holds the clock"
    )
    was_objected = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True, blank=True)
    problem_code = models.CharField(max_length=80, blank=True, help_text="why it could not be confirmed")
    retry_after = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["publication", "position"], name="line_position"),
            models.UniqueConstraint(
                fields=["subject_type", "subject_id"],
                name="line_subject_listed_once",
                condition=Q(state__in=["listed", "objected"]),
            ),
            models.CheckConstraint(
                condition=~Q(label__regex=r"[0-9]{11}"), name="line_label_without_long_numbers"
            ),
        ]
        indexes = [
            models.Index(fields=["ends_at"], name="line_due", condition=Q(state="listed")),
            models.Index(fields=["subject_type", "subject_id"], name="line_of_subject"),
            models.Index(fields=["household_id", "-id"], name="line_of_household"),
        ]

    def __str__(self) -> str:
        return f"notices.line:{self.pk}"

    @property
    def is_deduction(self) -> bool:
        return self.points_tenths is not None and self.points_tenths < 0


class Objection(WorkflowSubject):
    """Somebody of the village says a line is not right. `household_id` is the one the line credits."""

    line = models.ForeignKey(PublicationLine, on_delete=models.PROTECT, related_name="objections")
    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(
        "residents.Household", on_delete=models.PROTECT, null=True, related_name="+"
    )
    objector_household = models.ForeignKey("residents.Household", on_delete=models.PROTECT, related_name="+")
    grounds_code = models.CharField(max_length=40)
    channel = models.CharField(max_length=10)
    filed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    request_key = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "objector_household"], name="objection_one_per_household"
            ),
        ]
        indexes = [models.Index(fields=["village", "-id"], name="objection_village_newest")]

    def __str__(self) -> str:
        return f"notices.objection:{self.pk}"


class Message(models.Model):
    """A short message to a person, as a template and its values (codes, numbers, days; never personal text)."""

    person_id = models.BigIntegerField()
    household_id = models.BigIntegerField(null=True)
    template = models.CharField(max_length=64)
    params = models.JSONField(default=dict)
    subject = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)
    source_key = models.CharField(max_length=80, help_text="the same fact twice is one message")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "source_key"], name="message_once")]
        indexes = [
            models.Index(fields=["person_id", "-id"], name="message_newest"),
            models.Index(fields=["person_id"], name="message_unread", condition=Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"notices.message:{self.pk}"
