"""Forms and fields of volunteering. What a door needs is prepared for the one request, inside the transaction of its test."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.input import values
from tests.input.forms import DAY, Form
from tests.input.world import World
from xinzhi.scenes.governance_points.tests.conftest import NOON, TODAY
from xinzhi.scenes.volunteering.codes import code_of
from xinzhi.scenes.volunteering.models import Activity, Hours
from xinzhi.scenes.volunteering.services import activities, presence, signing
from xinzhi.scenes.volunteering.services import hours as services

API = "/api/v1/volunteering"
MOMENT = {"nothing": "", "words": "明天", "only a day": "2026-12-01", "no such hour": "2026-12-01T25:00"}
WORDS = {"title": "清理河道", "place": "文化礼堂", "insurance": "意外险"}


def _open(world: World, starts_at: datetime) -> Activity:
    begun = NOON - timedelta(hours=6)
    planned = activities.plan_activity(
        actor=world.clerk, request_key=uuid4(), village_id=world.village.pk, **WORDS, starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2), places=5, roles=["引导"], at=begun,
    )  # fmt: skip
    activities.move_activity(
        actor=world.clerk, activity_id=planned.pk, action="open", request_key=uuid4(), at=begun
    )
    return planned


def _coming(world: World) -> Activity:
    return _open(world, NOON + timedelta(minutes=30))


def _signed(world: World, activity: Activity) -> Any:
    return signing.sign_up(
        actor=world.clerk, request_key=uuid4(), activity_id=activity.pk, household_id=world.household.pk,
        person_id=world.villager.person_id, at=NOON - timedelta(hours=5),
    )  # fmt: skip


def _over(world: World) -> Activity:
    """Over since two hours, with a place of the villager."""
    activity = _open(world, NOON - timedelta(hours=4))
    _signed(world, activity)
    return activity


def _record(world: World, *, confirmed: bool = False) -> Hours:
    (record,) = presence.tick(
        actor=world.clerk,
        request_key=uuid4(),
        activity_id=_over(world).pk,
        person_ids=[world.villager.person_id or 0],
        at=NOON,
    )
    if confirmed:
        for somebody in (world.clerk, world.clerk2):
            services.confirm([record.pk], actor=somebody, at=NOON, request_key=uuid4())
    return record


def _certified(world: World, good: dict[str, Any]) -> dict[str, Any]:
    _record(world, confirmed=True)
    return good | {"person": str(world.villager.person_id)}


FORMS = {
    "plan an activity": Form(
        "clerk", lambda _w: "/volunteering/plan/",
        lambda _w: {**WORDS, "starts": "2026-12-01T08:00", "ends": "2026-12-01T10:00", "places": "5", "roles": "引导"},
        refused={
            "title": {"nothing": "", "long": values.LONG}, "place": {"nothing": "", "long": values.LONG},
            "insurance": {"nothing": "", "long": values.LONG}, "roles": {"long": values.LONG},
            "starts": MOMENT | {"over": "2026-11-22T08:00", "far": "2999-01-01T08:00"},
            "ends": MOMENT | {"before": "2026-12-01T07:00", "days": "2026-12-03T07:00"},
            "places": values.IDS | {"nobody": "0", "too many": "501"}, "village": values.IDS,
        },
        needed={"title": "需要", "place": "需要", "insurance": "需要", "starts": "时间", "ends": "时间", "places": "名额"},
        gone=("village",),
    ),
    "ask for a certificate": Form(
        "villager", lambda _w: "/volunteering/certificates/",
        lambda w: _certified(w, {"until": TODAY.isoformat()}),
        refused={"until": DAY, "person": values.IDS},
        needed={"until": "需要日期", "person": "成员"},
        gone=("person",),
    ),
}  # fmt: skip


def known(world: World, path: str) -> dict[str, Any]:
    """What the API's fields are filled with."""
    if not path.startswith(API):
        return {}
    end = path.removeprefix(API)
    who = {"household_id": world.household.pk, "person_id": world.villager.person_id, "role": ""}
    if end == "/activities":
        starts = NOON + timedelta(days=2)
        ends = starts + timedelta(hours=2)
        return WORDS | {
            "starts_at": starts.isoformat(),
            "ends_at": ends.isoformat(),
            "places": 5,
            "roles": ["引导"],
        }
    if end.endswith("/move"):
        return {"activity_id": _coming(world).pk, "action": "call_off", "reason_code": "weather"}
    if end.endswith("/sign-ups"):
        return {"activity_id": _coming(world).pk} | who
    if end.endswith("/off"):
        return {"sign_up_id": _signed(world, _coming(world)).pk}
    if end in ("/check-in", "/check-out"):
        activity = _coming(world)
        _signed(world, activity)
        found = who | {"token": code_of(activity, at=NOON)[0]}
        if end == "/check-out":
            presence.check_in(
                actor=world.villager, request_key=uuid4(), token=found["token"], household_id=world.household.pk,
                person_id=world.villager.person_id, at=NOON,
            )  # fmt: skip
        return found
    if end.endswith("/tick"):
        return {"activity_id": _over(world).pk, "person_ids": [world.villager.person_id]}
    if end == "/hours/confirm":
        return {"hours_ids": [_record(world).pk]}
    if end == "/certificates":
        _record(world, confirmed=True)
        return who | {"until_day": TODAY.isoformat()}
    came = NOON - timedelta(hours=4)
    left = came + timedelta(hours=1)
    return {
        "hours_id": _record(world).pk, "came_at": came.isoformat(), "left_at": left.isoformat(), "reason_code": "not_there"
        if end.endswith("/withdraw") else "time_wrong",
    }  # fmt: skip
