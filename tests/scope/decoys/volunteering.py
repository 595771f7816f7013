"""Three activities in the decoy's village: one that is over with confirmed hours, one that can be noted, one that comes."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from tests.scope.world import NUMBER, SURNAME, World
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.residents.models import Household
from xinzhi.scenes.governance_points.tests.conftest import NOON, TODAY
from xinzhi.scenes.volunteering.codes import code_of
from xinzhi.scenes.volunteering.models import Activity, SignUp
from xinzhi.scenes.volunteering.services import activities, certificates, hours, presence, signing


def _planned(office: Actor, village_id: int, *, starts_in: timedelta) -> Activity:
    begun = NOON - timedelta(hours=6)
    planned = activities.plan_activity(
        actor=office, request_key=uuid4(), village_id=village_id, title=f"{SURNAME}河清理", place="诱饵礼堂",
        starts_at=NOON + starts_in, ends_at=NOON + starts_in + timedelta(hours=2), places=5, roles=[],
        insurance="意外险", at=begun,
    )  # fmt: skip
    activities.move_activity(
        actor=office, activity_id=planned.pk, action="open", request_key=uuid4(), at=begun
    )
    return planned


def _signed(office: Actor, activity: Activity, household_id: int, person_id: int) -> SignUp:
    return signing.sign_up(
        actor=office, request_key=uuid4(), activity_id=activity.pk, household_id=household_id, person_id=person_id,
        at=NOON - timedelta(hours=5),
    )  # fmt: skip


def fill(world: World) -> None:
    office, village = world.home.other_clerk, world.home.other_village
    adviser = actor_of(User.objects.get(username="adviser"))
    household_id, person_id = world.names["household_id"], world.names["person_id"]
    neighbour = Household.objects.get(village=village, household_no="DECOY-10")
    over = _planned(office, village.pk, starts_in=timedelta(hours=-3))
    _signed(office, over, household_id, person_id)
    _signed(office, over, neighbour.pk, world.names["relative_id"])
    (record,) = presence.tick(
        actor=office, request_key=uuid4(), activity_id=over.pk, person_ids=[person_id], at=NOON
    )
    for somebody in (office, adviser):
        moved = hours.confirm([record.pk], actor=somebody, at=NOON, request_key=uuid4())
        assert moved.advanced == [record.pk], moved
    issued = certificates.issue_certificate(
        actor=office,
        request_key=uuid4(),
        household_id=household_id,
        person_id=person_id,
        until_day=TODAY,
        at=NOON,
    )
    later = _planned(office, village.pk, starts_in=timedelta(hours=-4))
    _signed(office, later, household_id, person_id)
    (waiting,) = presence.tick(
        actor=office, request_key=uuid4(), activity_id=later.pk, person_ids=[person_id], at=NOON
    )
    coming = _planned(office, village.pk, starts_in=timedelta(minutes=30))
    signed = _signed(office, coming, household_id, person_id)
    code, _until = code_of(coming, at=NOON)
    assert Household.objects.get(pk=household_id).household_no == NUMBER
    world.canaries += (issued.code, code)
    world.names |= {
        "activity_id": over.pk, "later_activity_id": later.pk, "coming_id": coming.pk, "sign_up_id": signed.pk,
        "hours_id": record.pk, "waiting_hours_id": waiting.pk, "certificate_id": issued.pk, "certificate_code": issued.code,
        "check_token": code, "masked_surname": SURNAME,
    }  # fmt: skip
