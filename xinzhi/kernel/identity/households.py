"""The little identity needs to know of households."""

from __future__ import annotations

from datetime import date

from django.apps import apps

from xinzhi.kernel.identity.actors import active_on


def village_of_household(household_id: int) -> tuple[int, str] | None:
    """Id and path of the household's village, None where there is no such household."""
    household = apps.get_model("residents", "Household")._default_manager
    found = household.filter(pk=household_id).values_list("village_id", "village__scope_path").first()
    return (int(found[0]), str(found[1])) if found else None


def is_member(person_id: int | None, household_id: int, day: date) -> bool:
    """Whether the person belongs to the household on that day."""
    membership = apps.get_model("residents", "Membership")._default_manager
    if person_id is None:
        return False
    return bool(membership.filter(active_on(day), person_id=person_id, household_id=household_id).exists())
