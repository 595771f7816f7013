"""The tree of places and their official codes, both dated."""

from __future__ import annotations

from typing import Any

from django.db import connection, models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Level(models.TextChoices):
    PROVINCE = "province", _("Province")
    CITY = "city", _("City")
    COUNTY = "county", _("County")
    TOWNSHIP = "township", _("Township")
    VILLAGE = "village", _("Village")
    NATURAL_VILLAGE = "natural_village", _("Natural village")
    GROUP = "group", _("Villager group")
    GRID = "grid", _("Grid")


class Region(models.Model):
    """A place of the tree (行政区划). `scope_path` is the current tree: the ids from the root down to itself.

    Spans are half open: active on `active_from`, no longer active on `active_to`. A region that was
    succeeded by another keeps its row and lies below its successor in `scope_path`.
    """

    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    level = models.CharField(max_length=16, choices=Level.choices)
    name = models.CharField(max_length=80)
    short_name = models.CharField(max_length=40, blank=True, default="")
    scope_path = models.CharField(max_length=200, blank=True, default="", editable=False, db_index=True)
    active_from = models.DateField()
    active_to = models.DateField(null=True, blank=True)
    succeeded_by = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        constraints = [
            models.CheckConstraint(
                condition=Q(active_to__isnull=True) | Q(active_to__gt=F("active_from")),
                name="region_span_forward",
            ),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="region_not_its_own_parent"),
            models.CheckConstraint(
                condition=Q(succeeded_by__isnull=True)
                | (~Q(succeeded_by=F("id")) & Q(active_to__isnull=False)),
                name="region_succeeded_is_closed",
            ),
        ]
        indexes = [models.Index(fields=["level"], name="region_level")]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        # The path ends in the region's own id, so the id is drawn before the row is written.
        if self._state.adding and not self.scope_path:
            self.pk = self.pk or draw_ids(1)[0]
            self.scope_path = f"{self.parent.scope_path if self.parent else ''}{self.pk}/"
        super().save(*args, **kwargs)

    @property
    def label(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name


def draw_ids(count: int) -> list[int]:
    """Fresh region ids from the table's own sequence."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('regions_region', 'id')) FROM generate_series(1, %s)",
            [count],
        )
        return [int(row[0]) for row in cursor.fetchall()]


class RegionPlacement(models.Model):
    """Under which parent a region stood, and when. The present one is also in `Region.parent`."""

    region = models.ForeignKey(Region, on_delete=models.CASCADE, related_name="placements")
    parent = models.ForeignKey(Region, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    active_from = models.DateField()
    active_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["region"], condition=Q(active_to__isnull=True), name="region_one_open_placement"
            ),
            models.CheckConstraint(
                condition=Q(active_to__isnull=True) | Q(active_to__gt=F("active_from")),
                name="region_placement_span_forward",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.region_id} < {self.parent_id}"


class CodeSystem(models.TextChoices):
    STAT12 = "stat12", _("Statistical division code (12 digits)")
    GBT2260 = "gbt2260", _("GB/T 2260 (6 digits)")


class RegionCode(models.Model):
    """An official code of a region while it was in force. Old codes stay and stay resolvable."""

    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="codes")
    system = models.CharField(max_length=8, choices=CodeSystem.choices)
    code = models.CharField(max_length=12)
    active_from = models.DateField()
    active_to = models.DateField(null=True, blank=True)

    class Meta:
        verbose_name = _("region code")
        verbose_name_plural = _("region codes")
        constraints = [
            models.UniqueConstraint(
                fields=["system", "code"], condition=Q(active_to__isnull=True), name="region_code_one_holder"
            ),
            models.UniqueConstraint(
                fields=["region", "system"],
                condition=Q(active_to__isnull=True),
                name="region_one_code_per_system",
            ),
            models.CheckConstraint(
                condition=Q(system="stat12", code__regex=r"^[1-9][0-9]{11}$")
                | Q(system="gbt2260", code__regex=r"^[1-9][0-9]{5}$"),
                name="region_code_format",
            ),
            models.CheckConstraint(
                condition=Q(active_to__isnull=True) | Q(active_to__gt=F("active_from")),
                name="region_code_span_forward",
            ),
        ]
        indexes = [models.Index(fields=["code"], name="region_code_lookup")]

    def __str__(self) -> str:
        return f"{self.system}:{self.code}"
