"""Activities and who is signed up for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import NotFound
from xinzhi.kernel.foundation.paging import Page, id_cursor, page_of
from xinzhi.kernel.identity import scope
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents.models import Household
from xinzhi.scenes.volunteering.lifecycle import ACTIVITY, HOURS, VIEW
from xinzhi.scenes.volunteering.models import Activity, Hours, SignUp

#: What villagers see of activities that are over.
SHOWN_AFTER = timedelta(days=30)


def my_villages(actor: Actor, permission: str = VIEW) -> list[Region]:
    """The villages in which the actor holds the permission by a role."""
    return list(
        Region.objects.filter(pk__in=regions.village_ids_within(actor.scope_paths(permission))).order_by("pk")
    )


def visible_activities(actor: Actor) -> QuerySet[Activity]:
    """By a role all of its villages; as a villager those of the own village that are no drafts."""
    ids = scope.region_ids(actor, VIEW)
    if ids is None:
        return Activity.objects.all()
    own = Household.objects.filter(pk__in=actor.own_households(VIEW)).values("village_id")
    return Activity.objects.filter(Q(village_id__in=ids) | Q(village_id__in=own) & ~Q(state="draft"))


def activities(
    *, actor: Actor, village_id: int | None = None, cursor: str | None = None, limit: int = 50
) -> Page[Activity]:
    """Newest first, drafts for the office only. Raises CursorNotUnderstood."""
    rows = visible_activities(actor).select_related("village").order_by("-pk")
    if village_id is not None:
        rows = rows.filter(village_id=village_id)
    if (before := id_cursor(cursor)) is not None:
        rows = rows.filter(pk__lt=before)
    return page_of(list(rows[: limit + 1]), limit, key="pk")


def activities_of_village(village_id: int, *, at: datetime) -> list[Activity]:
    """What a villager can join or has lately seen, the next one first. The caller has scoped."""
    rows = Activity.objects.filter(village_id=village_id, ends_at__gt=at - SHOWN_AFTER).exclude(state="draft")
    found = list(rows.order_by("starts_at", "pk")[:100])
    return [a for a in found if a.ends_at > at] + [a for a in reversed(found) if a.ends_at <= at]


def activity_for(*, actor: Actor, activity_id: int) -> Activity:
    """Raises NotFound."""
    found = visible_activities(actor).select_related("village").filter(pk=activity_id).first()
    if found is None:
        raise NotFound()
    return found


def state_label(activity: Activity) -> str:
    return str(ACTIVITY.label_of(activity.state))


@dataclass(frozen=True, slots=True)
class Volunteer:
    """Somebody signed up, with his record where he has one."""

    sign_up: SignUp
    name: str
    hours: Hours | None

    @property
    def hours_label(self) -> str:
        return str(HOURS.label_of(self.hours.state)) if self.hours else ""


def volunteers(activity: Activity) -> list[Volunteer]:
    """Everybody who has a place or waits, with names and records: three queries. The caller has scoped and records the look."""
    signed = list(
        activity.sign_ups.exclude(status="off").select_related("household").order_by("status", "pk")
    )
    names = residents.display_names([s.person_id for s in signed])
    hours = {
        h.person_id: h
        for h in Hours.objects.filter(activity=activity).exclude(state="withdrawn").order_by("pk")
    }
    return [Volunteer(s, names.get(s.person_id, ""), hours.get(s.person_id)) for s in signed]


def sign_ups_of(household_id: int, activity_ids: Sequence[int]) -> dict[int, list[SignUp]]:
    """{activity id: what members of a household have there}. The caller has scoped."""
    found: dict[int, list[SignUp]] = {}
    rows = SignUp.objects.filter(household_id=household_id, activity_id__in=activity_ids).exclude(
        status="off"
    )
    for row in rows.order_by("pk"):
        found.setdefault(row.activity_id, []).append(row)
    return found


def place_in_line(signed: SignUp) -> int:
    """The how-manieth on the waiting list."""
    return SignUp.objects.filter(activity_id=signed.activity_id, status="waiting", pk__lte=signed.pk).count()
