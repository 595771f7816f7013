"""Check in and out: by the activity's code, or by the organiser's tick. No track, no position: only when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid5

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Conflict, Invalid, NotFound
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.volunteering.codes import activity_id_of
from xinzhi.scenes.volunteering.counting import AFTER, BEFORE, counted_tenths
from xinzhi.scenes.volunteering.lifecycle import HOURS
from xinzhi.scenes.volunteering.models import Activity, Hours, SignUp
from xinzhi.scenes.volunteering.services.activities import run_activity, said
from xinzhi.scenes.volunteering.services.signing import activity_to_join

MOST_TICKED = 500


class NotSignedUp(Conflict):
    code = "volunteering.not_signed_up"
    sentence = _("He has no place in this activity. Sign up first, or ask the organiser.")


class NotNow(Conflict):
    code = "volunteering.not_now"
    sentence = _(
        "Check in and out between %(first)s and %(last)s; ask the organiser to note the hours by hand."
    )


class NotRunning(Conflict):
    code = "volunteering.not_running"
    sentence = _(
        "This activity is finished or does not take place. Ask the organiser to note the hours by hand."
    )


class ElsewhereNow(Conflict):
    code = "volunteering.elsewhere_now"
    sentence = _("He is checked in at “%(title)s”. Check out there first.")


class NotCheckedIn(Conflict):
    code = "volunteering.not_checked_in"
    sentence = _("He has not checked in, so he cannot check out. Check in first.")


class TickNotBefore(Conflict):
    code = "volunteering.tick_not_before"
    sentence = _(
        "People are noted by hand when the activity has ended, at %(end)s; until then they check in by the code."
    )


class NobodyTicked(Invalid):
    code = "volunteering.nobody_ticked"
    sentence = _("Choose at least one and at most %(most)s of those who have a place and no hours yet.")


def _joined(
    actor: Actor, token: str, household_id: int, person_id: int, at: datetime
) -> tuple[Activity, SignUp]:
    activity_id = activity_id_of(token, at=at)
    activity = activity_to_join(actor=actor, activity_id=activity_id, household_id=household_id)
    signed = SignUp.objects.filter(
        activity=activity, household_id=household_id, person_id=person_id, status="taken"
    ).first()
    if signed is None:
        raise NotSignedUp(field="person")
    return activity, signed


def _check_time(activity: Activity, at: datetime) -> None:
    if activity.state not in ("open", "running"):
        raise NotRunning()
    first, last = activity.starts_at - BEFORE, activity.ends_at + AFTER
    if not first <= at <= last:
        raise NotNow(first=said(first), last=said(last))


@transaction.atomic
def check_in(
    *, actor: Actor, request_key: UUID, token: str, household_id: int, person_id: int, at: datetime
) -> Hours:
    """Note that somebody with a place has come, by a code that holds now. Checked in already, it is that record.

    Raises CodeNotValid, CodeExpired, NotFound, SwitchedOff, NotSignedUp, NotRunning, NotNow, ElsewhereNow.
    """
    activity, signed = _joined(actor, token, household_id, person_id, at)
    there = Hours.objects.filter(activity=activity, person_id=person_id).exclude(state="withdrawn").first()
    if there is not None:
        return there
    _check_time(activity, at)
    other = Hours.objects.select_related("activity").filter(person_id=person_id, state="present").first()
    if other is not None:
        raise ElsewhereNow(title=other.activity.title)
    hours = _hours(activity, signed, "code", came_at=at, request_key=request_key)
    workflow.start(
        hours, lifecycle=HOURS, actor=actor, action="checked_in", at=at, due_at=activity.ends_at + AFTER
    )
    return hours


@transaction.atomic
def check_out(
    *, actor: Actor, request_key: UUID, token: str, household_id: int, person_id: int, at: datetime
) -> Hours:
    """Note that somebody has left, and count his hours. Checked out already, it is that record.

    Raises CodeNotValid, CodeExpired, NotFound, SwitchedOff, NotSignedUp, NotCheckedIn, NotNow.
    """
    activity, _signed = _joined(actor, token, household_id, person_id, at)
    hours = (
        Hours.objects.select_for_update(of=("self",))
        .filter(activity=activity, person_id=person_id)
        .exclude(state="withdrawn")
        .first()
    )
    if hours is None:
        raise NotCheckedIn(field="person")
    if hours.state != "present":
        return hours
    _check_time(activity, at)
    hours.left_at = at
    hours.hours_tenths = counted_tenths(
        hours.came_at, at, starts_at=activity.starts_at, ends_at=activity.ends_at
    )
    hours.save(update_fields=["left_at", "hours_tenths"])
    workflow.advance(hours, "leave", actor=actor, at=at, request_key=request_key)
    return hours


@transaction.atomic
def tick(
    *, actor: Actor, request_key: UUID, activity_id: int, person_ids: Sequence[int], at: datetime
) -> list[Hours]:
    """Note that these were there from the planned beginning to the planned end: those with a place and without a record.

    The same request key again returns the first records. Who came later is corrected. Raises NotFound, SwitchedOff, NotRunning,
    TickNotBefore, NobodyTicked.
    """
    activity = run_activity(actor=actor, activity_id=activity_id)
    wanted = sorted(set(person_ids))
    keys = {person: uuid5(request_key, str(person)) for person in wanted}
    if earlier := list(Hours.objects.filter(request_key__in=keys.values()).order_by("pk")):
        if any(h.activity_id != activity.pk for h in earlier):
            raise NotFound()
        return earlier
    if activity.state not in ("open", "running", "done"):
        raise NotRunning()
    if at < activity.ends_at:
        raise TickNotBefore(end=said(activity.ends_at))
    recorded = Hours.objects.filter(activity=activity).exclude(state="withdrawn").values("person_id")
    signed = list(
        SignUp.objects.filter(activity=activity, status="taken", person_id__in=wanted)
        .exclude(person_id__in=recorded)
        .order_by("pk")
    )
    if not 0 < len(signed) == len(wanted) <= MOST_TICKED:
        raise NobodyTicked(field="person", most=MOST_TICKED)
    rows = []
    for each in signed:
        hours = _hours(activity, each, "ticked", came_at=activity.starts_at, request_key=keys[each.person_id])
        hours.left_at = activity.ends_at
        hours.hours_tenths = counted_tenths(
            activity.starts_at, activity.ends_at, starts_at=activity.starts_at, ends_at=activity.ends_at
        )
        rows.append(hours)
    workflow.start_many(rows, lifecycle=HOURS, actor=actor, action="ticked", at=at)
    return rows


def _hours(activity: Activity, signed: SignUp, source: str, *, came_at: datetime, request_key: UUID) -> Hours:
    return Hours(
        village_id=activity.village_id, household_id=signed.household_id, person_id=signed.person_id, activity=activity,
        source=source, served_on=local_date(activity.starts_at), came_at=came_at, request_key=request_key,
    )  # fmt: skip
