"""Publications with a clock, their lines and objections; messages to persons.

Nothing here holds personal text: lines refer to subjects and households, names are looked up and masked when a
list is shown. What an objector writes is a note of workflow, which can be erased.
"""

from __future__ import annotations

from uuid import uuid4

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


class DeliveryState(models.TextChoices):
    WAITING = "waiting", _("waiting")
    SENDING = "sending", _("being sent")
    SENT = "sent", _("handed over")
    DEAD = "dead", _("did not arrive")
    MOVED = "moved", _("sent another way")
    TOLD = "told", _("told in person")
    CANCELLED = "cancelled", _("cancelled")


class Delivery(models.Model):
    """One message on its way out of the house by one channel. The in-app list needs none: the message is there.

    A blank channel says that nobody of the household could be reached. `key` is the same for every try, so that a provider
    that can will drop a second one; `unsure` counts the tries of which nobody knows whether they arrived.
    """

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="deliveries")
    person_id = models.BigIntegerField()
    household_id = models.BigIntegerField(null=True)
    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=10, blank=True)
    key = models.UUIDField(default=uuid4, unique=True)
    state = models.CharField(
        max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING, db_index=False
    )
    tries = models.PositiveSmallIntegerField(default=0)
    unsure = models.PositiveSmallIntegerField(default=0)
    next_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True)
    receipt = models.CharField(max_length=80, blank=True)
    failure_code = models.CharField(max_length=24, blank=True)
    provider_code = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["message", "channel"], name="delivery_once"),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(settled_at__isnull=False), name="delivery_sent_at_some_time"
            ),
        ]
        indexes = [
            models.Index(fields=["channel", "next_at"], name="delivery_due", condition=Q(state="waiting")),
            models.Index(fields=["channel"], name="delivery_under_way", condition=Q(state="sending")),
            models.Index(fields=["village", "-id"], name="delivery_dead", condition=Q(state="dead")),
            models.Index(fields=["person_id", "settled_at"], name="delivery_of_person"),
        ]

    def __str__(self) -> str:
        return f"notices.delivery:{self.pk}"


class ChannelChoice(models.Model):
    """A person wants, or does not want, to be told by a channel. Without a row he is."""

    person_id = models.BigIntegerField()
    channel = models.CharField(max_length=10)
    is_wanted = models.BooleanField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person_id", "channel"], name="channel_choice_once")]

    def __str__(self) -> str:
        return f"notices.choice:{self.pk}"


class SendingRule(models.Model):
    """From a day on: when a region and all below it is left in peace, and how often a person is told at most in a day."""

    region = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    quiet_from = models.TimeField(help_text="Asia/Shanghai; equal to quiet_until: no quiet hours")
    quiet_until = models.TimeField()
    most_per_day = models.PositiveSmallIntegerField()
    active_from = models.DateField()
    set_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["region", "active_from"], name="sending_rule_day"),
            models.CheckConstraint(condition=Q(most_per_day__gte=1), name="sending_rule_at_least_one"),
        ]

    def __str__(self) -> str:
        return f"notices.sending_rule:{self.pk}"
