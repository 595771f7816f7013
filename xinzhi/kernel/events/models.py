"""Facts as they were published, and whom they reached."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class PublishedEvent(models.Model):
    """A fact, written in the transaction of what it tells of. Never changed. Ids and codes only."""

    name = models.CharField(max_length=120)
    payload = models.JSONField()
    region_id = models.BigIntegerField(null=True)
    published_at = models.DateTimeField()

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        indexes = [models.Index(fields=["name", "-id"], name="events_by_name")]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"


class Delivery(models.Model):
    """One fact on its way to one listener ("<slug>:<module.function>")."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Delivered")
        SKIPPED = "skipped", _("Not for this listener")
        DEAD = "dead", _("Given up")

    event = models.ForeignKey(PublishedEvent, on_delete=models.PROTECT, related_name="deliveries")
    listener = models.CharField(max_length=160)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()
    # Class and place of the last failure, or why it was skipped; never the message, which may hold values.
    note = models.CharField(max_length=120, blank=True, default="")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("delivery of a fact")
        verbose_name_plural = _("deliveries of facts")
        constraints = [
            models.UniqueConstraint(fields=["event", "listener"], name="events_delivery_once"),
            models.CheckConstraint(
                condition=Q(state="waiting", settled_at__isnull=True)
                | (~Q(state="waiting") & Q(settled_at__isnull=False)),
                name="events_delivery_settled_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state="waiting"), name="events_delivery_due"),
            models.Index(fields=["-id"], condition=Q(state="dead"), name="events_delivery_dead"),
        ]

    def __str__(self) -> str:
        return f"{self.listener} #{self.pk}"
