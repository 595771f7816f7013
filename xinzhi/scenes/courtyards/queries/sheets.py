"""The sheet in force on a day."""

from __future__ import annotations

from datetime import date

from xinzhi.kernel.rules import queries as rules
from xinzhi.kernel.rules.models import RuleVersion
from xinzhi.scenes.courtyards.sheet import SHEET, Sheet, sheet_of


def sheet_on(village_id: int, day: date) -> Sheet:
    """The village's sheet on a day, two queries. Public to everyone. Raises NoVersionInForce."""
    version = rules.version_in_force(SHEET, village_id, day)
    return sheet_of(version, rules.rules_of(version.pk))


def sheet_or_none(village_id: int, day: date) -> Sheet | None:
    """As `sheet_on`, None where the village has adopted none yet."""
    try:
        return sheet_on(village_id, day)
    except rules.NoVersionInForce:
        return None


def sheet_of_round(version_id: int) -> Sheet:
    """The sheet a round began with: it does not change on the way."""
    return sheet_of(RuleVersion.objects.get(pk=version_id), rules.rules_of(version_id))
