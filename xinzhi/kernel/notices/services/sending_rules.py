"""Quiet hours and the daily cap: dated, by region, the nearest rule above a village counts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date, start_of_day
from xinzhi.kernel.foundation.errors import Invalid, NotFound
from xinzhi.kernel.notices import quiet
from xinzhi.kernel.notices.models import Delivery, DeliveryState, SendingRule
from xinzhi.kernel.regions.models import Region

SET = "notices.delivery.set_rules"
MOST_PER_DAY = range(1, 21)


class RuleInThePast(Invalid):
    code = "notices.rule_in_the_past"
    sentence = _("Quiet hours change from today on or later; found %(found)s.")


class CapOutOfRange(Invalid):
    code = "notices.cap_out_of_range"
    sentence = _("A person is told between 1 and 20 times a day at most; found %(found)s.")


@dataclass(frozen=True, slots=True)
class Times:
    """When a place is left in peace, and how often a person there is told at most in a day."""

    quiet_from: time = quiet.DEFAULT_FROM
    quiet_until: time = quiet.DEFAULT_UNTIL
    most_per_day: int = quiet.DEFAULT_MOST_PER_DAY


def times_of(villages: Iterable[Region | None], at: datetime) -> dict[int | None, Times]:
    """{village id: its times} on the day of `at`. One statement."""
    latest = (
        SendingRule.objects.filter(active_from__lte=local_date(at))
        .order_by("region_id", "-active_from")
        .distinct("region_id")
    )
    rules = {r.region_id: Times(r.quiet_from, r.quiet_until, r.most_per_day) for r in latest}
    found: dict[int | None, Times] = {None: Times()}
    for village in villages:
        if village is not None:
            above = [int(part) for part in village.scope_path.split("/") if part]
            found[village.pk] = next((rules[pk] for pk in reversed(above) if pk in rules), Times())
    return found


def sent_today(person_ids: Collection[int], at: datetime) -> Counter[int]:
    """How often each person was told outside the house since midnight in Shanghai. One statement."""
    rows = Delivery.objects.filter(
        person_id__in=list(person_ids),
        settled_at__gte=start_of_day(local_date(at)),
        state=DeliveryState.SENT,
    )
    return Counter(rows.values_list("person_id", flat=True))


@transaction.atomic
def set_sending_rule(
    *,
    actor: Actor,
    region_id: int,
    quiet_from: time,
    quiet_until: time,
    most_per_day: int,
    active_from: date,
    at: datetime,
) -> SendingRule:
    """Quiet hours of a region and all below it, from a day on. The same day again replaces what was said for it.

    Raises NotFound for a region that is not the actor's, RuleInThePast, CapOutOfRange.
    """
    region = Region.objects.filter(pk=region_id).first()
    if region is None or not actor.may(SET, scope_path=region.scope_path):
        raise NotFound()
    if active_from < local_date(at):
        raise RuleInThePast(field="active_from", found=active_from.isoformat())
    if most_per_day not in MOST_PER_DAY:
        raise CapOutOfRange(field="most_per_day", found=str(most_per_day)[:20])
    rule, _new = SendingRule.objects.update_or_create(
        region=region,
        active_from=active_from,
        defaults={
            "quiet_from": quiet_from.replace(tzinfo=None),
            "quiet_until": quiet_until.replace(tzinfo=None),
            "most_per_day": most_per_day,
            "set_at": at,
        },
    )
    audit.record(
        actor=actor, action="notices.set_sending_rule", subject=str(rule), at=at, region_id=region.pk
    )
    return rule
