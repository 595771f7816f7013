"""The yearly reset: on the charter's day the points of earlier years end, with a ledger entry for each household.

Lots know the day since they were posted (`Terms.expires_on`), so statements and reminders have said it all along; what was posted
under a charter without a reset keeps the day it was promised. Honour never resets (village.md 1.6).
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import registry
from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Conflict
from xinzhi.kernel.ledger import services as ledger
from xinzhi.kernel.rules.models import RuleVersion
from xinzhi.scenes.governance_points.accounts import RESET
from xinzhi.scenes.governance_points.charter import CHARTER
from xinzhi.scenes.governance_points.queries.charter import charter_or_none
from xinzhi.scenes.governance_points.services.charter import MANAGE, village_for


class NoYearlyReset(Conflict):
    code = "governance_points.no_yearly_reset"
    sentence = _("The charter in force names no day on which points of earlier years end.")


class ResetNotDue(Conflict):
    code = "governance_points.reset_not_due"
    sentence = _("Points of earlier years end on %(day)s; today is %(today)s.")


@transaction.atomic
def reset_year(*, actor: Actor, village_id: int, year: int, at: datetime) -> int:
    """End the points of the years before `year` in a village; returns how many households lost some. A second run changes nothing.

    Raises NoYearlyReset, ResetNotDue, Forbidden, NotFound, SwitchedOff.
    """
    village = village_for(actor=actor, village_id=village_id, permission=MANAGE)
    today = local_date(at)
    charter = charter_or_none(village.pk, today)
    if charter is None or charter.terms.reset_on is None:
        raise NoYearlyReset()
    day = date(year, *charter.terms.reset_on)
    if day > today:
        raise ResetNotDue(day=day, today=today)
    count = ledger.expire_lots(
        book=ledger.book_of_region(village.pk),
        on=day,
        actor_key=actor.person_key,
        at=at,
        source=f"{RESET}{year}",
    )
    if count:
        audit.record(
            actor=actor, action="governance_points.reset_year", subject=f"regions.region:{village.pk}", at=at,
            region_id=village.pk, count=count,
        )  # fmt: skip
    return count


def reset_years(at: datetime) -> int:
    """Every village whose day has come this year; a machine that slept catches up. Returns how many households lost some."""
    today = local_date(at)
    rows = RuleVersion.objects.filter(
        book__kind=CHARTER,
        status=RuleVersion.Status.IN_FORCE,
        settings__has_key="reset_on",
        active_from__lte=today,
    )
    count = 0
    for village_id in sorted(set(rows.values_list("book__region_id", flat=True))):
        charter = charter_or_none(village_id, today)
        if (
            charter is None
            or charter.terms.reset_on is None
            or date(today.year, *charter.terms.reset_on) > today
        ):
            continue
        if registry.is_enabled("governance_points", village_id):
            count += reset_year(actor=SYSTEM, village_id=village_id, year=today.year, at=at)
    return count
