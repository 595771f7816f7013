"""Adopt the score sheet of a village."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Invalid, NotFound
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.rules import services as rules
from xinzhi.kernel.rules.models import RuleVersion
from xinzhi.scenes.courtyards.lifecycle import KEEP
from xinzhi.scenes.courtyards.sheet import SHEET, TEMPLATE, TEMPLATE_SETTINGS

LONGEST_RESOLUTION = 200


class ResolutionNeeded(Invalid):
    code = "courtyards.resolution_needed"
    sentence = _(
        "Name the meeting that adopted the sheet, for example “Village assembly 2026-3”, in at most %(most)s characters."
    )


class RatersOutOfRange(Invalid):
    code = "courtyards.raters_out_of_range"
    sentence = _("One or two raters look at each courtyard; found %(found)s.")


class SheetDayTooFar(Invalid):
    code = "courtyards.sheet_day_too_far"
    sentence = _("A sheet begins at most a year before or after today; found %(found)s. Check the year.")


def village_for(*, actor: Actor, village_id: int, permission: str) -> Region:
    """The village, when the actor holds the permission there. Raises NotFound, SwitchedOff."""
    village = Region.objects.filter(pk=village_id, level="village").first()
    if village is None or not actor.may(permission, scope_path=village.scope_path):
        raise NotFound()
    assembly.require_enabled("courtyards", region_id=village.pk)
    return village


@transaction.atomic
def adopt_sheet(
    *, actor: Actor, village_id: int, resolution: str, active_from: date, raters: int = 2, at: datetime
) -> RuleVersion:
    """Let the 100-point sheet hold in a village from a day on. The same again returns the version it already is.

    Raises NotFound, ResolutionNeeded, RatersOutOfRange, SheetDayTooFar, VersionStartsTooEarly.
    """
    village = village_for(actor=actor, village_id=village_id, permission=KEEP)
    resolution = " ".join(resolution.split())
    if not 0 < len(resolution) <= LONGEST_RESOLUTION:
        raise ResolutionNeeded(field="resolution", most=LONGEST_RESOLUTION)
    if raters not in (1, 2):
        raise RatersOutOfRange(field="raters", found=raters)
    if abs((active_from - local_date(at)).days) > 366:
        raise SheetDayTooFar(field="active_from", found=active_from.isoformat())
    settings: dict[str, Any] = TEMPLATE_SETTINGS | {"raters": raters}
    version = rules.draft_version(
        actor=actor, kind=SHEET, region_id=village.pk, rules=[i.to_new_rule() for i in TEMPLATE], settings=settings,
        resolution=resolution, active_from=active_from, at=at,
    )  # fmt: skip
    return rules.put_in_force(actor=actor, version_id=version.pk, at=at)
