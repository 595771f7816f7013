"""Where an actor may do what to households and persons. Not there and not visible are the same answer."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Forbidden, NotFound
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions.models import Level, Region
from xinzhi.kernel.residents.models import Household


class HouseholdNotFound(NotFound):
    code = "residents.household_not_found"
    sentence = _("This household was not found, or it is not yours to see.")


class PersonNotFound(NotFound):
    code = "residents.person_not_found"
    sentence = _("This person was not found, or is not yours to see.")


class VillageNotFound(NotFound):
    code = "residents.village_not_found"
    sentence = _("This village was not found, or it is not yours to work in.")


def village(actor: Actor, permission: str, village_id: int) -> Region:
    """The village, where the actor holds the permission. Raises VillageNotFound."""
    found = Region.objects.filter(pk=village_id, level=Level.VILLAGE).first()
    if found is None or not actor.may(permission, scope_path=found.scope_path):
        raise VillageNotFound()
    return found


def household(actor: Actor, permission: str, household_id: int, *, lock: bool = False) -> Household:
    """The household with its village. Raises HouseholdNotFound, or Forbidden when it is only visible."""
    rows = Household.objects.select_related("village")
    if lock:
        rows = rows.select_for_update(of=("self",))
    found = rows.filter(pk=household_id).first()
    if found is None:
        raise HouseholdNotFound()
    path = found.village.scope_path
    if not actor.may(permission, scope_path=path, household_id=household_id):
        if actor.may("residents.household.view", scope_path=path, household_id=household_id):
            raise Forbidden()
        raise HouseholdNotFound()
    return found


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person is (or last was): one row per household."""

    household_id: int
    village_id: int
    scope_path: str
    is_current: bool


def places(person_id: int) -> list[Place]:
    """The person's households, current ones first; only the last one when none is current."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.id, h.village_id, r.scope_path, m.active_to IS NULL"
            "  FROM residents_membership m"
            "  JOIN residents_household h ON h.id = m.household_id"
            "  JOIN regions_region r ON r.id = h.village_id"
            " WHERE m.person_id = %s ORDER BY m.active_to DESC NULLS FIRST, m.id DESC",
            [person_id],
        )
        found = [Place(*row) for row in cursor]
    return [p for p in found if p.is_current] or found[:1]


def person(actor: Actor, permission: str, person_id: int) -> Place:
    """A household of the person in which the actor holds the permission. Raises PersonNotFound or Forbidden."""
    where = places(person_id)
    for place in where:
        own = place.household_id if place.is_current else None
        if actor.may(permission, scope_path=place.scope_path, household_id=own):
            return place
    if any(actor.may("residents.household.view", scope_path=p.scope_path) for p in where):
        raise Forbidden()
    raise PersonNotFound()


def visible_villages(actor: Actor, permission: str) -> list[int] | None:
    """Ids of the villages in which the actor holds the permission; None means all of them."""
    paths = actor.scope_paths(permission)
    return None if "" in paths else regions.village_ids_within(paths)
