"""Forms and fields of the courtyards. What a door needs is prepared for the one request, inside the transaction of its test."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

from tests.input import values
from tests.input.forms import DAY, Form
from tests.input.world import World
from xinzhi.kernel.evidence.tests.samples import PHOTOS
from xinzhi.scenes.courtyards.models import Round, Yard
from xinzhi.scenes.courtyards.services import rounds, sheets, visits
from xinzhi.scenes.courtyards.sheet import TEMPLATE
from xinzhi.scenes.governance_points.tests.conftest import NOON

CLEAN = {i.code: i.most for i in TEMPLATE if i.part == "item" and i.where in ("lane", "yard")}
API = "/api/v1/courtyards"


def _sheet(world: World) -> None:
    sheets.adopt_sheet(
        actor=world.clerk,
        village_id=world.village.pk,
        resolution="评议会1号",
        active_from=date(2026, 1, 1),
        raters=1,
        at=NOON,
    )


def _round(world: World) -> Round:
    there = Round.objects.filter(village=world.village).first()
    if there is not None:
        return there
    _sheet(world)
    return rounds.open_round(
        actor=world.clerk,
        request_key=uuid4(),
        village_id=world.village.pk,
        last_day=date(2026, 12, 20),
        at=NOON,
    )


def _yard(world: World, *, low: bool = False) -> Yard:
    """A courtyard that was graded, or one that has time to make good."""
    yard = Yard.objects.get(round=_round(world), household=world.household)
    visits.record_visit(
        actor=world.inspector, photos=[visits.Photo(uuid4(), PHOTOS["image/jpeg"])], at=NOON,
        record=visits.Record(
            record_key=uuid4(), yard_id=yard.pk, outcome="scored", scored_at=NOON, consent="yard", consented_at=NOON,
            marks=CLEAN | ({"Y01": 0, "Y02": 0} if low else {}),
        ),
    )  # fmt: skip
    return yard


def _with_sheet(world: World, good: dict[str, Any]) -> dict[str, Any]:
    _sheet(world)
    return good


def _on_route(world: World, good: dict[str, Any]) -> dict[str, Any]:
    rounds.lay_route(actor=world.clerk, village_id=world.village.pk, at=NOON)
    return good


FORMS = {
    "adopt a sheet for courtyards": Form(
        "clerk", lambda _w: "/courtyards/sheet/",
        lambda _w: {"resolution": "评议会1号", "active_from": "2026-11-01", "raters": "2"},
        refused={
            "resolution": {"nothing": "", "long": values.LONG},
            "active_from": DAY,
            "raters": values.IDS | {"nobody": "0", "three": "3"},
            "village": values.IDS,
        },
        needed={"resolution": "会议", "active_from": "需要日期", "raters": "人"},
        gone=("village",),
    ),
    "open a round": Form(
        "clerk", lambda _w: "/courtyards/open/", lambda w: _with_sheet(w, {"last_day": "2026-12-20"}),
        refused={"last_day": DAY | {"over": "2026-11-22", "too far": "2027-12-20"}, "village": values.IDS},
        needed={"last_day": "需要日期"},
        gone=("village",),
    ),
    "change a courtyard": Form(
        "clerk", lambda _w: "/courtyards/route/",
        lambda w: _on_route(w, {"household_no": "GJ0001", "yard_class": "homestay", "move": "1", "after_no": "GJ0002"}),
        refused={
            "household_no": values.CHOICES | {"of another village": "SC0001"},
            "yard_class": values.CHOICES,
            "after_no": {"itself": "GJ0001", "of another village": "SC0001", "long": values.LONG},
            "village": values.IDS,
        },
        needed={"household_no": "户", "yard_class": "类别"},
        gone=("village", "yard_class"),
    ),
}  # fmt: skip


def known(world: World, path: str) -> dict[str, Any]:
    """What the API's fields are filled with."""
    if not path.startswith(API):
        return {}
    end = path.removeprefix(API)
    if end == "/sheets":
        return {"resolution": "评议会2号", "active_from": "2026-11-01", "raters": 2}
    if end == "/rounds":
        _sheet(world)
        return {"last_day": "2026-12-20"}
    if end.startswith("/rounds/"):
        return {"round_id": _round(world).pk}
    if end == "/route":
        rounds.lay_route(actor=world.clerk, village_id=world.village.pk, at=NOON)
        return {"household_no": "GJ0001", "yard_class": "homestay", "after_no": None}
    if end == "/visits":
        yard = Yard.objects.get(round=_round(world), household=world.household)
        return {
            "records": [
                {
                    "key": str(uuid4()),
                    "yard_id": yard.pk,
                    "outcome": "not_at_home",
                    "scored_at": NOON.isoformat(),
                }
            ]
        }
    return {"yard_id": _yard(world, low=end.endswith("/stand")).pk, "reason_code": "not_as_scored"}
