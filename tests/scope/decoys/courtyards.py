"""A round in the decoy's village: a courtyard that is graded, one that has time to make good, one that waits."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import uuid4

from tests.scope.world import NUMBER, World
from xinzhi.kernel.evidence.tests.samples import PHOTOS
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.models import User
from xinzhi.scenes.courtyards.models import Yard
from xinzhi.scenes.courtyards.services import rounds, sheets, visits
from xinzhi.scenes.courtyards.sheet import TEMPLATE
from xinzhi.scenes.governance_points.tests.conftest import NOON

CLEAN = {i.code: i.most for i in TEMPLATE if i.part == "item" and i.where in ("lane", "yard")}


def fill(world: World) -> None:
    """In the quarter before, so that this quarter's round can still be opened."""
    office, village = world.home.other_clerk, world.home.other_village
    adviser = actor_of(User.objects.get(username="adviser"))
    begun = NOON - timedelta(days=60)
    sheets.adopt_sheet(
        actor=office,
        village_id=village.pk,
        resolution="评议会1号",
        active_from=date(2026, 1, 1),
        raters=1,
        at=begun,
    )
    found = rounds.open_round(
        actor=office, request_key=uuid4(), village_id=village.pk, last_day=date(2026, 10, 31), at=begun
    )
    yards = {
        y.household.household_no: y for y in Yard.objects.filter(round=found).select_related("household")
    }
    for number, marks in ((NUMBER, CLEAN), ("DECOY-10", CLEAN | {"Y01": 0, "Y02": 0})):
        visit = visits.record_visit(
            actor=adviser, photos=[visits.Photo(uuid4(), PHOTOS["image/jpeg"])], at=NOON,
            record=visits.Record(
                record_key=uuid4(), yard_id=yards[number].pk, outcome="scored", scored_at=NOON, consent="yard",
                consented_at=NOON, marks=marks,
            ),
        )  # fmt: skip
        world.canaries += tuple(str(pk) for pk in visit.photo_ids)
    world.names |= {
        "round_id": found.pk, "yard_id": yards[NUMBER].pk, "rectifying_id": yards["DECOY-10"].pk,
        "waiting_yard_id": yards["DECOY-12"].pk,
    }  # fmt: skip
