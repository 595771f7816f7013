"""Confirm hours by two persons, correct them, withdraw them; the charter is told what holds."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import NAMESPACE_URL, UUID, uuid5

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.events import services as events
from xinzhi.kernel.events.fact import Code
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Invalid, NotFound
from xinzhi.kernel.rules.events import DeedObserved, DeedWithdrawn
from xinzhi.kernel.workflow import services as workflow
from xinzhi.kernel.workflow.models import Step
from xinzhi.kernel.workflow.services import Moved
from xinzhi.scenes.volunteering.counting import counted_tenths
from xinzhi.scenes.volunteering.lifecycle import HOURS, RUN
from xinzhi.scenes.volunteering.models import Hours
from xinzhi.scenes.volunteering.services.activities import said

#: The act a village's charter may name in a rule; its quantity is tenths of an hour.
ACT = "volunteering.hours_served"


class TimesNotOfActivity(Invalid):
    code = "volunteering.times_not_of_activity"
    sentence = _("Times lie between %(start)s and %(end)s, the later after the earlier; found %(found)s.")


def occurrence_of(hours: Hours) -> UUID:
    """The one deed these hours are; corrected, they are another one."""
    return uuid5(NAMESPACE_URL, f"{hours.reference}.{hours.edition}")


@transaction.atomic
def confirm_first(
    ids: Sequence[int],
    *,
    actor: Actor,
    at: datetime,
    request_key: UUID,
    reason_code: str = "",
    note: str = "",
) -> Moved:
    """The organiser says that these were there; refused rows come back with their reason."""
    return workflow.advance_many(
        HOURS,
        ids,
        "confirm_first",
        actor=actor,
        at=at,
        request_key=request_key,
        reason_code=reason_code,
        note=note,
    )


@transaction.atomic
def confirm_second(
    ids: Sequence[int],
    *,
    actor: Actor,
    at: datetime,
    request_key: UUID,
    reason_code: str = "",
    note: str = "",
) -> Moved:
    """Another person than the first says so too: then the hours hold, and the charter is told. Refused rows come back with their reason."""
    moved = workflow.advance_many(
        HOURS,
        ids,
        "confirm_second",
        actor=actor,
        at=at,
        request_key=request_key,
        reason_code=reason_code,
        note=note,
    )
    fresh = Hours.objects.filter(pk__in=moved.advanced, state="confirmed", deed_told=False).order_by("pk")
    for hours in fresh:
        events.publish(
            DeedObserved(
                occurrence=occurrence_of(hours),
                act_code=Code(ACT),
                subject_code=Code(hours.reference),
                village_id=hours.village_id,
                household_id=hours.household_id,
                done_on=hours.served_on,
                confirmed_by_code=Code(actor.person_key),
                person_id=hours.person_id,
                quantity_tenths=hours.hours_tenths,
            )
        )
    Hours.objects.filter(pk__in=[h.pk for h in fresh]).update(
        deed_told=True, confirmed_by_key=actor.person_key
    )
    return moved


@transaction.atomic
def confirm(ids: Sequence[int], *, actor: Actor, at: datetime, request_key: UUID) -> Moved:
    """Each record takes the confirmation it waits for; refused ones come back with their reason. The same request key again changes nothing."""
    first_key, second_key = uuid5(request_key, "first"), uuid5(request_key, "second")
    was_first = set(_done(ids, first_key).values_list("subject_id", flat=True))
    waiting = dict(Hours.objects.filter(pk__in=ids).values_list("pk", "state"))
    second = [pk for pk, state in waiting.items() if state in ("once", "confirmed") and pk not in was_first]
    first = [pk for pk in ids if pk not in second]
    found = confirm_first(first, actor=actor, at=at, request_key=first_key) if first else Moved()
    later = confirm_second(second, actor=actor, at=at, request_key=second_key) if second else Moved()
    return Moved([*found.advanced, *later.advanced], {**found.refused, **later.refused})


def _done(ids: Sequence[int], request_key: UUID) -> QuerySet[Step]:
    return Step.objects.filter(lifecycle=HOURS.name, subject_id__in=ids, request_key=request_key)


def locked(*, actor: Actor, hours_id: int) -> Hours:
    """The record, for who organises in its village. Raises NotFound."""
    hours = (
        Hours.objects.select_for_update(of=("self",))
        .select_related("village", "activity")
        .filter(pk=hours_id)
        .first()
    )
    if hours is None or not actor.may(RUN, scope_path=hours.village.scope_path):
        raise NotFound()
    return hours


@transaction.atomic
def correct_hours(
    *, actor: Actor, hours_id: int, came_at: datetime, left_at: datetime, reason_code: str, request_key: UUID, at: datetime
) -> Hours:  # fmt: skip
    """Put the times right with a reason; both confirmations are then needed anew, and a deed told before is taken back.

    The same request key again changes nothing. Raises NotFound, TimesNotOfActivity, StateHasMoved, OwnHousehold, ReasonNeeded, ReasonUnknown.
    """
    hours = locked(actor=actor, hours_id=hours_id)
    activity = hours.activity
    if not activity.starts_at <= came_at < left_at <= activity.ends_at:
        raise TimesNotOfActivity(
            field="came", start=said(activity.starts_at), end=said(activity.ends_at), found=f"{said(came_at)} – {said(left_at)}"
        )  # fmt: skip
    is_repeat = _done([hours.pk], request_key).exists()
    workflow.advance(hours, "correct", actor=actor, at=at, reason_code=reason_code, request_key=request_key)
    if is_repeat:  # a correction leaves the state as it may have been
        return hours
    _take_back(hours, reason_code)
    hours.came_at, hours.left_at, hours.closed_by_end, hours.confirmed_by_key = came_at, left_at, False, ""
    hours.hours_tenths = counted_tenths(
        came_at, left_at, starts_at=activity.starts_at, ends_at=activity.ends_at
    )
    Hours.objects.filter(pk=hours.pk).update(
        came_at=came_at, left_at=left_at, closed_by_end=False, hours_tenths=hours.hours_tenths, edition=F("edition") + 1,
        confirmed_by_key="", deed_told=False,
    )  # fmt: skip
    hours.refresh_from_db()
    return hours


@transaction.atomic
def withdraw_hours(
    *, actor: Actor, hours_id: int, reason_code: str, request_key: UUID, at: datetime
) -> Hours:
    """These hours did not hold: they count no more, and a deed told is taken back. The same request key again changes nothing.

    Raises NotFound, StateHasMoved, OwnHousehold, ReasonNeeded, ReasonUnknown.
    """
    hours = locked(actor=actor, hours_id=hours_id)
    workflow.advance(hours, "withdraw", actor=actor, at=at, reason_code=reason_code, request_key=request_key)
    _take_back(hours, reason_code)
    Hours.objects.filter(pk=hours.pk).update(deed_told=False)
    hours.refresh_from_db()
    return hours


def _take_back(hours: Hours, reason_code: str) -> None:
    if hours.deed_told:
        events.publish(
            DeedWithdrawn(
                occurrence=occurrence_of(hours),
                act_code=Code(ACT),
                village_id=hours.village_id,
                household_id=hours.household_id,
                reason_code=reason_code,
            )
        )
