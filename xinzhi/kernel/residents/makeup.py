"""How households are made up, for statistics: numbers and groups, no names, no birth dates. The caller has scoped the villages."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db import connection
from django.db.models import Q

from xinzhi.kernel.residents.models import LifeEvent, Membership

#: Elderly are those of 60 and more (Law on the Protection of the Rights and Interests of the Elderly, article 2).
ELDERLY_AGE = 60


@dataclass(frozen=True, slots=True)
class Makeup:
    """A household on a day. `is_elderly`: everybody in it has reached 60 in that year."""

    household_id: int
    group_id: int | None
    size: int
    is_elderly: bool


def makeup(village_ids: Collection[int], on: date) -> list[Makeup]:
    """The households of villages on a day, those without members left out. One query."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT h.id, h.group_id, count(*), bool_and(coalesce(p.birth_year <= %s, false))"
            " FROM residents_household h JOIN residents_membership m ON m.household_id = h.id"
            " JOIN residents_person p ON p.id = m.person_id"
            " WHERE h.village_id = ANY(%s) AND h.active_from <= %s AND (h.active_to IS NULL OR h.active_to > %s)"
            " AND m.active_from <= %s AND (m.active_to IS NULL OR m.active_to > %s)"
            " GROUP BY h.id, h.group_id ORDER BY h.id",
            [on.year - ELDERLY_AGE, list(village_ids), on, on, on, on],
        )
        return [Makeup(*row) for row in cursor.fetchall()]


def kin_households(person_ids: Collection[int]) -> dict[int, set[int]]:
    """Households tied to persons by what the register knows: his own, now or before, and those theirs split from, married into or
    merged with, by person. Two queries. Kinship that was never registered is not seen."""
    own: dict[int, set[int]] = defaultdict(set)
    for person_id, household_id in Membership.objects.filter(person_id__in=person_ids).values_list(
        "person_id", "household_id"
    ):
        own[person_id].add(household_id)
    everything = {h for found in own.values() for h in found}
    tied: dict[int, set[int]] = defaultdict(set)
    events = LifeEvent.objects.filter(
        Q(household_id__in=everything) | Q(other_household_id__in=everything),
        other_household_id__isnull=False,
    )
    for one, other in events.values_list("household_id", "other_household_id"):
        assert other is not None
        tied[one].add(other)
        tied[other].add(one)
    return {person: homes.union(*(tied[h] for h in homes)) for person, homes in own.items()}
