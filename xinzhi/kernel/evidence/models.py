"""Evidence: what was photographed, spoken or written. Metadata only; the bytes lie in content-addressed files."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    PHOTO = "photo", _("Photo")
    VOICE = "voice", _("Voice note")
    DOCUMENT = "document", _("Document")


class Evidence(models.Model):
    """One uploaded file, attached to one subject ("governance_points.deed:12") or not yet to any.

    `sha256` names the file in the store; `digest` = SHA-256(salt ‖ sha256 bytes) is what may be shown or sealed.
    Erasing forgets file, `sha256` and `salt`; the digest that remains tells nothing any more.
    The name of the uploaded file is never kept: it may name a person.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    village = models.ForeignKey("regions.Region", on_delete=models.PROTECT, related_name="+")
    household = models.ForeignKey(
        "residents.Household", null=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    media_type = models.CharField(max_length=40)
    size_bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    sha256 = models.CharField(max_length=64, null=True)
    salt = models.BinaryField(null=True)
    digest = models.CharField(max_length=64)
    perceptual_hash = models.BigIntegerField(null=True)
    taken_at = models.DateTimeField(null=True)
    uploaded_at = models.DateTimeField()
    uploaded_by_key = models.CharField(max_length=40)
    uploaded_by_user_id = models.BigIntegerField(null=True)
    uploaded_by_person_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=12)
    subject = models.CharField(max_length=120, blank=True, default="")
    attached_at = models.DateTimeField(null=True)
    request_key = models.UUIDField(null=True, unique=True)
    erased_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        indexes: ClassVar = [
            models.Index(fields=["subject"], name="evidence_of_subject", condition=~Q(subject="")),
            models.Index(
                fields=["uploaded_by_key", "uploaded_at"], name="evidence_loose", condition=Q(subject="")
            ),
            models.Index(fields=["sha256"], name="evidence_of_content"),
            models.Index(
                fields=["village", "perceptual_hash"],
                name="evidence_looks",
                condition=Q(perceptual_hash__isnull=False),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True, sha256__isnull=False, salt__isnull=False)
                | Q(
                    erased_at__isnull=False,
                    sha256__isnull=True,
                    salt__isnull=True,
                    perceptual_hash__isnull=True,
                ),
                name="evidence_erased_wholly",
            ),
            models.CheckConstraint(
                condition=Q(subject="", attached_at__isnull=True)
                | (~Q(subject="") & Q(attached_at__isnull=False)),
                name="evidence_attached_wholly",
            ),
        ]

    def __str__(self) -> str:
        return f"evidence:{self.pk}"

    @property
    def reference(self) -> str:
        return f"evidence:{self.pk}"

    @property
    def is_erased(self) -> bool:
        return self.erased_at is not None


class EvidenceOrigin(models.Model):
    """Where a photo was taken. A position is personal: it is read for checks only, and goes when the file goes."""

    evidence = models.OneToOneField(
        Evidence, primary_key=True, on_delete=models.CASCADE, related_name="origin"
    )
    latitude = models.DecimalField(max_digits=9, decimal_places=6)
    longitude = models.DecimalField(max_digits=9, decimal_places=6)

    class Meta:
        verbose_name = _("place of origin")
        verbose_name_plural = _("places of origin")

    def __str__(self) -> str:
        return f"origin of evidence:{self.evidence_id}"
