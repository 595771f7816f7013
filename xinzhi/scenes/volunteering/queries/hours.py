"""Hours: of an activity, of a household, of a person until a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet, Sum

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.foundation.paging import Page, id_cursor, page_of
from xinzhi.kernel.identity import scope
from xinzhi.kernel.residents import queries as residents
from xinzhi.scenes.volunteering.lifecycle import HOURS, VIEW
from xinzhi.scenes.volunteering.models import Certificate, Hours


def visible_hours(actor: Actor) -> QuerySet[Hours]:
    return scope.visible(Hours.objects.all(), actor, VIEW)


def hours_list(
    *, actor: Actor, household_id: int | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Hours]:
    """Records the actor may see, newest first. Raises CursorNotUnderstood."""
    rows = Hours.objects.select_related("activity")
    if household_id is not None:
        rows = rows.filter(household_id=household_id)
    return page_of(
        scope.newest(rows, actor, VIEW, limit=limit + 1, before_id=id_cursor(cursor)), limit, key="pk"
    )


def hours_for(*, actor: Actor, hours_id: int) -> Hours:
    """Raises NotFound."""
    found = (
        visible_hours(actor).select_related("activity", "village", "household").filter(pk=hours_id).first()
    )
    if found is None:
        raise NotFound()
    return found


def confirmed_tenths(person_id: int, until: date, *, village_id: int) -> int:
    """Tenths of hours two persons confirmed, served until a day (included) in a village."""
    rows = Hours.objects.filter(
        person_id=person_id, village_id=village_id, served_on__lte=until, state="confirmed"
    )
    return rows.aggregate(sum=Sum("hours_tenths"))["sum"] or 0


@dataclass(frozen=True, slots=True)
class Served:
    """What a member of a household has served: tenths confirmed by two, and tenths that still wait."""

    person_id: int
    name: str
    confirmed_tenths: int
    waiting_tenths: int


def served_by_household(household_id: int) -> list[Served]:
    """Every member, head first. Three queries; the caller has scoped."""
    rows = (
        Hours.objects.filter(household_id=household_id)
        .values("person_id")
        .annotate(
            confirmed=Sum("hours_tenths", filter=Q(state="confirmed")),
            waiting=Sum("hours_tenths", filter=Q(state__in=("recorded", "once"))),
        )
    )
    rows = (
        Hours.objects.filter(household_id=household_id)
        .values("person_id")
        .annotate(
            confirmed=Sum("hours_tenths", filter=Q(state="confirmed")),
            waiting=Sum("hours_tenths", filter=Q(state__in=("recorded", "once"))),
        )
    )
    sums = {row["person_id"]: (row["confirmed"] or 0, row["waiting"] or 0) for row in rows}
    members = [m.person_id for m in residents.members(household_id)]
    people = list(dict.fromkeys([*members, *sums]))  # also who has left and served here
    names = residents.display_names(people)
    return [Served(p, names.get(p, ""), *sums.get(p, (0, 0))) for p in people]


def state_label(hours: Hours) -> str:
    return str(HOURS.label_of(hours.state))


def certificates(household_id: int) -> list[Certificate]:
    """The caller has scoped."""
    return list(Certificate.objects.filter(household_id=household_id).order_by("-pk")[:50])


def certificate_for(*, actor: Actor, certificate_id: int) -> Certificate:
    """Raises NotFound."""
    found = (
        scope.visible(Certificate.objects.all(), actor, VIEW)
        .select_related("village")
        .filter(pk=certificate_id)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


@dataclass(frozen=True, slots=True)
class Verified:
    """What anybody who holds a code may know: nothing of the person but the surname."""

    is_genuine: bool
    hours_tenths: int
    until_day: date
    issued_by: str
    name_masked: str


def verify(code: str) -> Verified | None:
    """What a certificate says, and whether the hours still are what it says; None where there is none of this code."""
    wanted = "".join(c for c in code.upper() if c.isalnum())
    found = (
        Certificate.objects.select_related("village").filter(code=wanted).first()
        if wanted.isascii()
        else None
    )
    if found is None:
        return None
    now = confirmed_tenths(found.person_id, found.until_day, village_id=found.village_id)
    return Verified(
        is_genuine=now >= found.hours_tenths, hours_tenths=found.hours_tenths, until_day=found.until_day,
        issued_by=found.village.name, name_masked=residents.masked_names([found.person_id]).get(found.person_id, ""),
    )  # fmt: skip
