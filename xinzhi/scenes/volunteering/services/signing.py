"""Sign up for an activity and sign off again; who waits moves up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.foundation.errors import Conflict, Invalid, NotFound
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents.models import Household
from xinzhi.scenes.volunteering.lifecycle import ACTIVITY, JOIN
from xinzhi.scenes.volunteering.models import Activity, Hours, SignUp
from xinzhi.scenes.volunteering.services.activities import lock_activity

PLACE_FREE = "volunteering.place_free"


class NotOpen(Conflict):
    code = "volunteering.not_open"
    sentence = _("Nobody can sign up any more: the activity is “%(state)s”. Choose another one.")


class PersonNotOfHousehold(Invalid):
    code = "volunteering.person_not_of_household"
    sentence = _("Choose who comes: a member of this household.")


class RoleUnknown(Invalid):
    code = "volunteering.role_unknown"
    sentence = _("This activity has the roles %(known)s; found “%(found)s”.")


class WasThere(Conflict):
    code = "volunteering.was_there"
    sentence = _(
        "He has checked in already and cannot sign off any more. The organiser can correct the hours."
    )


def activity_to_join(*, actor: Actor, activity_id: int, household_id: int) -> Activity:
    """The activity, locked, for whoever acts for a household of its village. Raises NotFound, SwitchedOff."""
    found = lock_activity(activity_id)
    is_there = Household.objects.filter(
        pk=household_id, village_id=found.village_id, status="active"
    ).exists()
    if not is_there or not actor.may(JOIN, scope_path=found.village.scope_path, household_id=household_id):
        raise NotFound()
    if found.state == "draft":
        raise NotFound()
    assembly.require_enabled("volunteering", region_id=found.village_id)
    return found


@transaction.atomic
def sign_up(
    *, actor: Actor, request_key: UUID, activity_id: int, household_id: int, person_id: int | None, role: str = "", at: datetime
) -> SignUp:  # fmt: skip
    """Take a place for a member of a household, or the next place on the waiting list. Signed up already, it is that sign-up.

    Raises NotFound, SwitchedOff, NotOpen, PersonNotOfHousehold, RoleUnknown.
    """
    activity = activity_to_join(actor=actor, activity_id=activity_id, household_id=household_id)
    if earlier := SignUp.objects.filter(request_key=request_key).first():
        if (earlier.activity_id, earlier.household_id) != (activity.pk, household_id):
            raise NotFound()
        return earlier
    if person_id not in {m.person_id for m in residents.members(household_id, local_date(at))}:
        raise PersonNotOfHousehold(field="person")
    there = SignUp.objects.filter(activity=activity, person_id=person_id).exclude(status="off").first()
    if there is not None:
        return there
    if activity.state not in ("open", "running") or at >= activity.ends_at:
        label = str(ACTIVITY.label_of(activity.state)) if activity.state != "open" else str(_("over"))
        raise NotOpen(state=label)
    if role and role not in activity.roles:
        raise RoleUnknown(field="role", known="、".join(activity.roles) or "–", found=role[:20])
    has_place = activity.taken < activity.places
    signed = SignUp.objects.create(
        activity=activity, village_id=activity.village_id, household_id=household_id, person_id=person_id, role=role,
        status="taken" if has_place else "waiting", signed_at=at, channel=actor.channel, request_key=request_key,
    )  # fmt: skip
    if has_place:
        Activity.objects.filter(pk=activity.pk).update(taken=F("taken") + 1)
    _note(actor, "volunteering.sign_up", signed, at)
    return signed


@transaction.atomic
def sign_off(*, actor: Actor, sign_up_id: int, at: datetime) -> SignUp:
    """Give the place back; the first who waits gets it and is told. Signing off again changes nothing. Raises NotFound, NotOpen, WasThere."""
    known = SignUp.objects.filter(pk=sign_up_id).values("activity_id", "household_id").first()
    if known is None:
        raise NotFound()
    activity = activity_to_join(actor=actor, **known)
    signed = SignUp.objects.select_for_update().get(pk=sign_up_id)
    if signed.status == "off":
        return signed
    if (
        Hours.objects.filter(activity=activity, person_id=signed.person_id)
        .exclude(state="withdrawn")
        .exists()
    ):
        raise WasThere()
    if activity.state not in ("open", "running"):
        raise NotOpen(state=ACTIVITY.label_of(activity.state))
    had_place = signed.status == "taken"
    signed.status, signed.off_at = "off", at
    signed.save(update_fields=["status", "off_at"])
    _note(actor, "volunteering.sign_off", signed, at)
    if had_place:
        _move_up(activity, at)
    return signed


def _move_up(activity: Activity, at: datetime) -> None:
    """Whoever waits longest gets the place; where nobody waits it is free. The activity is locked."""
    first = (
        SignUp.objects.select_for_update().filter(activity=activity, status="waiting").order_by("pk").first()
    )
    if first is None:
        Activity.objects.filter(pk=activity.pk).update(taken=F("taken") - 1)
        return
    first.status = "taken"
    first.save(update_fields=["status"])
    notices.send_message(
        person_ids=[first.person_id], template=PLACE_FREE, source_key=f"{PLACE_FREE}:{first.pk}", at=at,
        params={"title": activity.title, "day": local_date(activity.starts_at).isoformat()},
        household_id=first.household_id, subject=activity.reference,
    )  # fmt: skip


def _note(actor: Actor, action: str, signed: SignUp, at: datetime) -> None:
    audit.record(
        actor=actor, action=action, subject=signed.reference, at=at, region_id=signed.village_id, household_id=signed.household_id
    )  # fmt: skip
