"""Activities, who is signed up for them, the hours people served, and certificates of them."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from xinzhi.kernel.workflow.models import WorkflowSubject

MOST_PLACES = 500
SIGN_UP_STATUS = ("taken", "waiting", "off")
SOURCES = ("code", "ticked")


class Activity(WorkflowSubject):
    """Something to help with, at a place and a time, for so many people. Its words are the village's, and public in the village."""

    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=60)
    place = models.CharField(max_length=60)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    places = models.PositiveSmallIntegerField()
    taken = models.PositiveSmallIntegerField(default=0)
    roles = ArrayField(models.CharField(max_length=20), default=list)
    insurance = models.CharField(
        max_length=200, help_text="what the volunteers are insured by, or that they are not"
    )
    organiser_key = models.CharField(max_length=40)
    request_key = models.UUIDField(unique=True)

    class Meta:
        indexes = [models.Index(fields=["village", "-id"], name="activity_village_newest")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="activity_ends_after_start"),
            models.CheckConstraint(condition=Q(places__range=(1, MOST_PLACES)), name="activity_places"),
            models.CheckConstraint(condition=Q(taken__lte=F("places")), name="activity_not_oversold"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"volunteering.activity:{self.pk}"


class SignUp(models.Model):
    """Somebody wants to come: he has a place, waits for one, or has signed off."""

    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="sign_ups")
    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey("residents.Household", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("residents.Person", on_delete=models.PROTECT, related_name="+")
    role = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=8)
    signed_at = models.DateTimeField()
    off_at = models.DateTimeField(null=True, blank=True)
    channel = models.CharField(max_length=12)
    request_key = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "person"], condition=~Q(status="off"), name="sign_up_once"
            ),
            models.CheckConstraint(condition=Q(status__in=SIGN_UP_STATUS), name="sign_up_status"),
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"volunteering.sign_up:{self.pk}"


class Hours(WorkflowSubject):
    """What one person served in one activity: from coming in until confirmed by two persons. `edition` grows with each correction."""

    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey(
        "residents.Household", on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person = models.ForeignKey("residents.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="hours")
    source = models.CharField(max_length=8)
    served_on = models.DateField()
    came_at = models.DateTimeField()
    left_at = models.DateTimeField(null=True, blank=True)
    closed_by_end = models.BooleanField(
        default=False, help_text="nobody checked out: the end of the activity did"
    )
    hours_tenths = models.PositiveIntegerField(default=0)
    edition = models.PositiveSmallIntegerField(default=1)
    deed_told = models.BooleanField(default=False)
    confirmed_by_key = models.CharField(max_length=40, blank=True)
    request_key = models.UUIDField(unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["village", "-id"], name="hours_village_newest"),
            models.Index(fields=["household", "-id"], name="hours_household_newest"),
            models.Index(fields=["person", "served_on"], name="hours_person_day"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "person"], condition=~Q(state="withdrawn"), name="hours_once_an_activity"
            ),
            # Nobody is at two places at once.
            models.UniqueConstraint(fields=["person"], condition=Q(state="present"), name="hours_one_place"),
            models.CheckConstraint(condition=Q(source__in=SOURCES), name="hours_source"),
            models.CheckConstraint(condition=Q(state="present") | Q(left_at__isnull=False) | Q(state="withdrawn"), name="hours_left"),
            models.CheckConstraint(condition=~Q(state="confirmed") | Q(hours_tenths__gt=0), name="hours_of_something"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"volunteering.hours:{self.pk}"


class Certificate(models.Model):
    """That a person's confirmed hours until a day are so many (浙江省志愿服务条例). Whoever has the code may ask whether it holds."""

    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+", db_index=False)
    household = models.ForeignKey("residents.Household", on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey("residents.Person", on_delete=models.PROTECT, related_name="+")
    hours_tenths = models.PositiveIntegerField()
    until_day = models.DateField()
    code = models.CharField(max_length=16, unique=True)
    issued_at = models.DateTimeField()
    issued_by_key = models.CharField(max_length=40)
    request_key = models.UUIDField(unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(hours_tenths__gt=0), name="certificate_of_something")
        ]

    def __str__(self) -> str:
        return self.reference

    @property
    def reference(self) -> str:
        return f"volunteering.certificate:{self.pk}"
