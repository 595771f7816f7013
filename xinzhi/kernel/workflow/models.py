"""Open work, the steps that were taken, and the notes beside them.

Subjects are referred to by lifecycle name and id; villages and households by value. Steps hold codes and ids only:
whatever people write in their own words is a `Note`, which can be erased.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q


class WorkflowSubject(models.Model):
    """What a scene's model inherits. It brings `village_id` and, where it credits one, `household_id`."""

    state = models.CharField(max_length=40)
    state_since = models.DateTimeField()

    class Meta:
        abstract = True


class Task(models.Model):
    """Open work. A subject has one (level 0) and, when it is overdue, one for each level that was told."""

    id = models.BigAutoField(primary_key=True)
    lifecycle = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    level = models.PositiveSmallIntegerField(default=0, help_text="0 the work itself, above it who was told")
    state = models.CharField(max_length=40)
    village_id = models.BigIntegerField()
    household_id = models.BigIntegerField(null=True)
    permission = models.CharField(max_length=80)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    waiting = models.BooleanField(default=False, help_text="a clock does the next step")
    overdue_since = models.DateTimeField(null=True)
    barred_keys = ArrayField(
        models.CharField(max_length=40), default=list, help_text="persons barred by four eyes"
    )
    recuses = models.BooleanField(default=False, help_text="nobody of the credited household can decide it")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lifecycle", "subject_id", "level"], name="task_one_per_level"),
        ]
        indexes = [
            models.Index(
                fields=["permission", "village_id", "due_at", "id"],
                name="task_inbox",
                condition=Q(waiting=False),
            ),
            models.Index(
                fields=["permission", "due_at", "id"], name="task_soonest", condition=Q(waiting=False)
            ),
            models.Index(
                fields=["household_id"], name="task_household", condition=Q(household_id__isnull=False)
            ),
            models.Index(
                fields=["due_at"], name="task_not_yet_overdue", condition=Q(overdue_since__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.lifecycle}:{self.subject_id}"


class Step(models.Model):
    """One step of one subject; append-only by trigger. Names are looked up when it is shown."""

    id = models.BigAutoField(primary_key=True)
    lifecycle = models.CharField(max_length=64)
    subject_id = models.BigIntegerField()
    village_id = models.BigIntegerField()
    household_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=40)
    from_state = models.CharField(max_length=40, blank=True)
    to_state = models.CharField(max_length=40)
    actor_key = models.CharField(max_length=40, help_text="the login: user:5, key:2, system")
    person_key = models.CharField(max_length=40, help_text="the person behind it: person:12")
    role = models.CharField(max_length=32, blank=True, help_text="by which role, or household, proxy, system")
    channel = models.CharField(max_length=10)
    at = models.DateTimeField()
    was_due_at = models.DateTimeField(null=True, help_text="the deadline this step met or missed")
    reason_code = models.CharField(max_length=40, blank=True)
    note_id = models.BigIntegerField(null=True)
    request_key = models.UUIDField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["request_key", "lifecycle", "subject_id"],
                name="step_once_per_request",
                condition=Q(request_key__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["lifecycle", "subject_id", "id"], name="step_of_subject")]

    def __str__(self) -> str:
        return f"{self.lifecycle}:{self.subject_id} {self.action}"


class Note(models.Model):
    """What somebody wrote beside a step. It may be about people, so it hangs on the households concerned and
    goes when one of their members is erased."""

    id = models.BigAutoField(primary_key=True)
    lifecycle = models.CharField(max_length=64)
    subject_id = models.BigIntegerField(
        null=True, help_text="null for a note shared by many steps of one act"
    )
    village_id = models.BigIntegerField()
    household_ids = ArrayField(models.BigIntegerField(), default=list, help_text="whose erasure empties it")
    author_key = models.CharField(max_length=40)
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [GinIndex(fields=["household_ids"], name="note_households")]

    def __str__(self) -> str:
        return f"note:{self.pk}"
