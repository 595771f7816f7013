"""Who did or read what, for what purpose: one row per act or page view, and the seals over them.

No personal text: action codes, ids, field names and purpose codes only. Region, household, user and
person stand by value, so that audit depends on no other table and outlives them.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Cast, Now


def _current_xid() -> Cast:
    """The running transaction's id as a bigint."""
    text = Cast(Func(function="pg_current_xact_id"), models.TextField())
    return Cast(text, models.BigIntegerField())


class Record(models.Model):
    """One act or one page view.

    `xid` stands before `id` on purpose: PostgreSQL evaluates column defaults in this order, so the
    transaction has its id before it draws from the sequence. The sealer relies on it (sealing.py).
    """

    xid = models.BigIntegerField(db_default=_current_xid(), editable=False)
    id = models.BigAutoField(primary_key=True)
    salt = models.UUIDField(db_default=Func(function="gen_random_uuid"), editable=False)
    recorded_at = models.DateTimeField(db_default=Now(), editable=False)
    at = models.DateTimeField()
    actor_key = models.CharField(max_length=40)
    user_id = models.BigIntegerField(null=True)
    api_key_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=12)
    role = models.CharField(max_length=40)
    role_region_id = models.BigIntegerField(null=True)
    action = models.CharField(max_length=80)
    subject = models.CharField(max_length=120)
    page = models.CharField(max_length=80, blank=True, default="")
    region_id = models.BigIntegerField(null=True)
    household_id = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=40, blank=True, default="")
    fields = ArrayField(models.CharField(max_length=40), default=list)
    count = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        indexes = [
            models.Index(
                F("household_id"),
                F("id").desc(),
                condition=Q(household_id__isnull=False),
                name="audit_of_household",
            ),
            models.Index(F("region_id"), F("id").desc(), name="audit_of_region"),
        ]

    def __str__(self) -> str:
        return f"audit:{self.pk}"


class Seal(models.Model):
    """A sealed batch: Merkle root over salted leaves, chained to the seal before it and signed (Ed25519).

    `final_id`: every record with an id up to it was sealed by this seal or an earlier one; a record that
    turns up below it without a leaf was slipped in afterwards.
    """

    number = models.BigIntegerField(primary_key=True)
    sealed_at = models.DateTimeField()
    sealed_xid = models.BigIntegerField(db_default=_current_xid(), editable=False)
    sequence_seen = models.BigIntegerField()
    final_id = models.BigIntegerField()
    record_count = models.IntegerField()
    root = models.BinaryField()
    previous_hash = models.BinaryField()
    seal_hash = models.BinaryField()
    public_key = models.BinaryField()
    signature = models.BinaryField()

    def __str__(self) -> str:
        return f"seal {self.number}"


class Leaf(models.Model):
    """The salted hash under which one record was sealed."""

    record_id = models.BigIntegerField(primary_key=True)
    seal_number = models.BigIntegerField()
    leaf_hash = models.BinaryField()

    class Meta:
        indexes = [models.Index(fields=["seal_number", "record_id"], name="audit_leaf_of_seal")]

    def __str__(self) -> str:
        return f"leaf of audit:{self.pk}"
