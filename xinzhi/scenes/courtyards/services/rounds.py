"""Keep the route of a village; open a round over it and close it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date, start_of_day
from xinzhi.kernel.foundation.errors import Conflict, Invalid, NotFound
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.courtyards.lifecycle import KEEP, YARD
from xinzhi.scenes.courtyards.models import CLASS_CODES, CLASSES, Courtyard, Round, Yard
from xinzhi.scenes.courtyards.queries.sheets import sheet_on
from xinzhi.scenes.courtyards.services.sheets import village_for

#: A round lasts at most a quarter.
LONGEST_DAYS = 92
ELDER_FROM = 60  # years; village.md 4.1 names the class, the law on the elderly (art. 2) the age


class RoundDaysOutOfRange(Invalid):
    code = "courtyards.round_days_out_of_range"
    sentence = _("A round ends between today and %(latest)s; found %(found)s.")


class RoundThere(Conflict):
    code = "courtyards.round_there"
    sentence = _(
        "The round of quarter %(quarter)s of %(year)s was opened already, on %(day)s. Go on with that one."
    )


class RoundClosed(Conflict):
    code = "courtyards.round_closed"
    sentence = _("This round was closed on %(day)s; nothing can be entered any more. Ask the village office.")


class NobodyOnRoute(Conflict):
    code = "courtyards.nobody_on_route"
    sentence = _("There is no household in this village yet. Bring in the roster first.")


class ClassUnknown(Invalid):
    code = "courtyards.class_unknown"
    sentence = _("A courtyard is of one of the classes %(known)s; found “%(found)s”.")


class NotOnRoute(Invalid):
    code = "courtyards.not_on_route"
    sentence = _("Household “%(found)s” is not on the route of this village. Check the number.")


class AfterItself(Invalid):
    code = "courtyards.after_itself"
    sentence = _(
        "A household cannot stand after itself. Choose another one, or leave the field empty for the beginning."
    )


@transaction.atomic
def lay_route(*, actor: Actor, village_id: int, at: datetime) -> int:
    """Put every household that is not on the route yet at its end, group by group; take out what is closed. Returns how many stand on it.

    Its class is read from the roster where that says it (operators, elders living alone, nobody living there); the clerk may change it.
    """
    village = village_for(actor=actor, village_id=village_id, permission=KEEP)
    _lock(village)
    return _lay(village, actor, at)


def _lock(village: Region) -> None:
    """One at a time changes a village's route or opens its round."""
    Region.objects.select_for_update(no_key=True).get(pk=village.pk)


def _lay(village: Region, actor: Actor, at: datetime) -> int:
    households = list(
        Household.objects.filter(village=village, status="active")
        .select_related("group")
        .order_by("group__name", "household_no", "pk")
    )
    living = {h.pk for h in households}
    there = dict(Courtyard.objects.filter(village=village).values_list("household_id", "position"))
    gone = [pk for pk in there if pk not in living]
    if gone:
        Courtyard.objects.filter(household_id__in=gone).delete()
    fresh = [h for h in households if h.pk not in there]
    last = max(there.values(), default=0)
    classes = _classes(fresh, local_date(at).year)
    Courtyard.objects.bulk_create(
        Courtyard(household=h, village=village, position=last + n, yard_class=classes[h.pk])
        for n, h in enumerate(fresh, start=1)
    )
    if fresh or gone:
        audit.record(
            actor=actor, action="courtyards.route.lay", subject=f"regions.region:{village.pk}", at=at, region_id=village.pk
        )  # fmt: skip
    return len(living)


def _classes(households: Iterable[Household], year: int) -> dict[int, str]:
    found = list(households)
    members = residents.members_of([h.pk for h in found])
    return {h.pk: _class_of(h, members.get(h.pk, []), year) for h in found}


def _class_of(household: Household, members: list[residents.MemberRow], year: int) -> str:
    if household.kind == "operator":
        return "homestay"
    if not members:
        return "empty"
    born = members[0].birth_year if len(members) == 1 else None
    return "elder_alone" if born and year - born >= ELDER_FROM else "lived_in"


@transaction.atomic
def change_courtyard(
    *, actor: Actor, village_id: int, household_no: str, yard_class: str, after_no: str | None, at: datetime
) -> Courtyard:
    """Give a courtyard its class, and its place behind another one: "" is the beginning, None leaves the place.

    Rounds that are open keep order and classes they began with. Raises NotFound, ClassUnknown, NotOnRoute, AfterItself.
    """
    village = village_for(actor=actor, village_id=village_id, permission=KEEP)
    if yard_class not in CLASS_CODES:
        raise ClassUnknown(
            field="yard_class", known="、".join(str(label) for _code, label in CLASSES), found=yard_class[:20]
        )
    _lock(village)
    route = list(
        Courtyard.objects.filter(village=village).select_related("household").order_by("position", "pk")
    )
    numbers = {c.household.household_no: c for c in route}
    chosen = numbers.get(household_no.strip())
    if chosen is None:
        raise NotOnRoute(field="household_no", found=household_no[:40])
    chosen.yard_class = yard_class
    if after_no is not None:
        before = numbers.get(after_no.strip()) if after_no.strip() else None
        if after_no.strip() and before is None:
            raise NotOnRoute(field="after_no", found=after_no[:40])
        if before is chosen:
            raise AfterItself(field="after_no")
        route.remove(chosen)
        route.insert(route.index(before) + 1 if before else 0, chosen)
    for position, courtyard in enumerate(route, start=1):
        courtyard.position = position
    Courtyard.objects.bulk_update(route, ["position", "yard_class"])
    audit.record(
        actor=actor, action="courtyards.route.change", subject=f"residents.household:{chosen.household_id}", at=at,
        region_id=village.pk, household_id=chosen.household_id,
    )  # fmt: skip
    return chosen


@transaction.atomic
def open_round(*, actor: Actor, request_key: UUID, village_id: int, last_day: date, at: datetime) -> Round:
    """Open the round of this quarter over every household of a village, in walking order. The same request key again returns it.

    Raises NotFound, NoVersionInForce without a sheet, RoundDaysOutOfRange, RoundThere, NobodyOnRoute.
    """
    village = village_for(actor=actor, village_id=village_id, permission=KEEP)
    _lock(village)
    if earlier := Round.objects.filter(request_key=request_key).first():
        if earlier.village_id != village.pk:
            raise NotFound()
        return earlier
    today = local_date(at)
    latest = today + timedelta(days=LONGEST_DAYS)
    if not today <= last_day <= latest:
        raise RoundDaysOutOfRange(field="last_day", latest=latest.isoformat(), found=last_day.isoformat())
    quarter = (today.month - 1) // 3 + 1
    there = Round.objects.filter(village=village, year=today.year, quarter=quarter).first()
    if there is not None:
        raise RoundThere(quarter=quarter, year=today.year, day=local_date(there.opened_at).isoformat())
    sheet = sheet_on(village.pk, today)
    if not _lay(village, actor, at):
        raise NobodyOnRoute()
    opened = Round.objects.create(
        village=village, year=today.year, quarter=quarter, version_id=sheet.version_id, raters=sheet.raters, opened_at=at,
        opened_by_key=actor.person_key, last_day=last_day, request_key=request_key,
    )  # fmt: skip
    route = Courtyard.objects.filter(village=village).order_by("position", "pk")
    workflow.start_many(
        [
            Yard(round=opened, village=village, household_id=c.household_id, position=n, yard_class=c.yard_class)
            for n, c in enumerate(route, start=1)
        ],
        lifecycle=YARD, actor=actor, at=at, due_at=start_of_day(last_day + timedelta(days=1)),
    )  # fmt: skip
    audit.record(
        actor=actor, action="courtyards.round.open", subject=opened.reference, at=at, region_id=village.pk
    )
    return opened


@transaction.atomic
def close_round(*, actor: Actor, round_id: int, at: datetime) -> Round:
    """End a round. What nobody, or not enough raters, have scored stays without a score: that is not zero.

    Those who have time to make good keep it. Closing again changes nothing. Raises NotFound.
    """
    found = (
        Round.objects.select_for_update(of=("self",)).select_related("village").filter(pk=round_id).first()
    )
    if found is None or not actor.may(KEEP, scope_path=found.village.scope_path):
        raise NotFound()
    village_for(actor=actor, village_id=found.village_id, permission=KEEP)
    if found.closed_at is not None:
        return found
    ids = list(Yard.objects.filter(round=found, state__in=("open", "third")).values_list("pk", flat=True))
    workflow.advance_many(YARD, ids, "leave_out", actor=actor, at=at, per_row_refusals=False)
    found.closed_at = at
    found.save(update_fields=["closed_at"])
    audit.record(
        actor=actor,
        action="courtyards.round.close",
        subject=found.reference,
        at=at,
        region_id=found.village_id,
    )
    return found
