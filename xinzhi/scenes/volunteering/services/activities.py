"""Plan an activity, open it, begin it, end it, call it off."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import SHANGHAI, local_date
from xinzhi.kernel.foundation.errors import Conflict, Invalid, NotFound
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.sheets.cleaning import clean
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.volunteering.counting import counted_tenths
from xinzhi.scenes.volunteering.lifecycle import ACTIVITY, HOURS, RUN
from xinzhi.scenes.volunteering.models import MOST_PLACES, Activity, Hours

LONGEST_TITLE, LONGEST_PLACE, LONGEST_INSURANCE, LONGEST_ROLE, MOST_ROLES = 60, 60, 200, 20, 8
#: One activity is one day's work; longer ones are planned day by day.
LONGEST_HOURS = 12
AHEAD = timedelta(days=366)
CALLED_OFF = "volunteering.called_off"


class TextNeeded(Invalid):
    code = "volunteering.text_needed"
    sentence = _("This is needed in 1 to %(most)s characters; found %(found)s.")


class TimesDoNotFit(Invalid):
    code = "volunteering.times_do_not_fit"
    sentence = _(
        "An activity begins within a year from now and lasts at most %(most)s hours; found %(start)s to %(end)s."
    )


class PlacesOutOfRange(Invalid):
    code = "volunteering.places_out_of_range"
    sentence = _("An activity has 1 to %(most)s places; found %(found)s.")


class RolesDoNotFit(Invalid):
    code = "volunteering.roles_do_not_fit"
    sentence = _("Name at most %(most)s different roles of at most %(longest)s characters each.")


class NotYet(Conflict):
    code = "volunteering.not_yet"
    sentence = _(
        "The activity begins at %(start)s. It can be finished from then on; call it off if it does not take place."
    )


def village_for(*, actor: Actor, village_id: int, permission: str) -> Region:
    """The village, when the actor holds the permission there. Raises NotFound, SwitchedOff."""
    village = Region.objects.filter(pk=village_id, level="village").first()
    if village is None or not actor.may(permission, scope_path=village.scope_path):
        raise NotFound()
    assembly.require_enabled("volunteering", region_id=village.pk)
    return village


def lock_activity(activity_id: int) -> Activity:
    """The activity's row is locked first, then sign-ups and hours. Raises NotFound."""
    found = (
        Activity.objects.select_for_update(of=("self",), no_key=True)
        .select_related("village")
        .filter(pk=activity_id)
        .first()
    )
    if found is None:
        raise NotFound()
    return found


def run_activity(*, actor: Actor, activity_id: int) -> Activity:
    """The activity, locked, for who organises in its village. Raises NotFound, SwitchedOff."""
    found = lock_activity(activity_id)
    if not actor.may(RUN, scope_path=found.village.scope_path):
        raise NotFound()
    assembly.require_enabled("volunteering", region_id=found.village_id)
    return found


def _text(written: str, field: str, most: int) -> str:
    text = clean(written)
    if not 0 < len(text) <= most:
        raise TextNeeded(field=field, most=most, found=len(text))
    return text


def said(moment: datetime) -> str:
    try:
        return f"{moment.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"
    except OverflowError:  # the first and last moments there are have no neighbours
        return moment.isoformat()[:16]


@transaction.atomic
def plan_activity(
    *, actor: Actor, request_key: UUID, village_id: int, title: str, place: str, starts_at: datetime, ends_at: datetime,
    places: int, roles: Sequence[str], insurance: str, at: datetime,
) -> Activity:  # fmt: skip
    """Plan an activity as a draft that only the office sees. The same request key again returns the first.

    Raises NotFound, SwitchedOff, TextNeeded, TimesDoNotFit, PlacesOutOfRange, RolesDoNotFit.
    """
    village = village_for(actor=actor, village_id=village_id, permission=RUN)
    if earlier := Activity.objects.filter(request_key=request_key).first():
        if earlier.village_id != village.pk:
            raise NotFound()
        return earlier
    named = [clean(r) for r in roles if clean(r)]
    if len(named) > MOST_ROLES or len(set(named)) != len(named) or any(len(r) > LONGEST_ROLE for r in named):
        raise RolesDoNotFit(field="roles", most=MOST_ROLES, longest=LONGEST_ROLE)
    if not 1 <= places <= MOST_PLACES:
        raise PlacesOutOfRange(field="places", most=MOST_PLACES, found=places)
    lasts = ends_at - starts_at
    if not at <= starts_at <= at + AHEAD or not timedelta(0) < lasts <= timedelta(hours=LONGEST_HOURS):
        raise TimesDoNotFit(field="starts", most=LONGEST_HOURS, start=said(starts_at), end=said(ends_at))
    planned = Activity(
        village=village, title=_text(title, "title", LONGEST_TITLE), place=_text(place, "place", LONGEST_PLACE),
        starts_at=starts_at, ends_at=ends_at, places=places, roles=named,
        insurance=_text(insurance, "insurance", LONGEST_INSURANCE), organiser_key=actor.person_key, request_key=request_key,
    )  # fmt: skip
    workflow.start(planned, lifecycle=ACTIVITY, actor=actor, at=at, due_at=starts_at)
    return planned


@transaction.atomic
def move_activity(
    *, actor: Actor, activity_id: int, action: str, reason_code: str = "", request_key: UUID, at: datetime
) -> Activity:
    """`open`, `begin`, `finish` or `call_off`. The same request key again changes nothing.

    At the finish whoever did not check out has left, at the planned end at the latest. Called off, everybody signed up hears of it.
    Raises NotFound, UnknownAction, StateHasMoved, ReasonNeeded, ReasonUnknown, NotYet.
    """
    found = run_activity(actor=actor, activity_id=activity_id)
    if action == "finish" and at < found.starts_at:
        raise NotYet(start=said(found.starts_at))
    due = {"open": found.starts_at + timedelta(hours=24), "begin": found.ends_at + timedelta(hours=24)}.get(
        action
    )
    was = found.state
    workflow.advance(
        found, action, actor=actor, at=at, reason_code=reason_code, request_key=request_key, due_at=due
    )
    if found.state == was:  # the same request again
        return found
    if action == "finish":
        _close(found, actor, at)
    if action == "call_off":
        _tell(found, at)
    return found


def _close(found: Activity, actor: Actor, at: datetime) -> None:
    left = min(at, found.ends_at)
    there = list(Hours.objects.select_for_update().filter(activity=found, state="present").order_by("pk"))
    for hours in there:
        hours.left_at, hours.closed_by_end = max(left, hours.came_at), True
        hours.hours_tenths = counted_tenths(
            hours.came_at, hours.left_at, starts_at=found.starts_at, ends_at=found.ends_at
        )
    Hours.objects.bulk_update(there, ["left_at", "closed_by_end", "hours_tenths"])
    workflow.advance_many(HOURS, [h.pk for h in there], "end", actor=actor, at=at, per_row_refusals=False)


def _tell(found: Activity, at: datetime) -> None:
    signed = found.sign_ups.exclude(status="off").values_list("person_id", "household_id")
    notices.send_messages(
        [
            notices.NewMessage(
                person_ids=[person], template=CALLED_OFF, source_key=f"{CALLED_OFF}:{found.pk}", household_id=household,
                params={"title": found.title, "day": local_date(found.starts_at).isoformat()}, subject=found.reference,
            )
            for person, household in signed
        ],
        at=at,
    )  # fmt: skip
