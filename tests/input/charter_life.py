"""A charter draft at any place of its way, for the one request that is sent to it.

Its earlier steps lie back in time, since the requests come on the day of the world.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from tests.input.world import World
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.evidence.tests.samples import PHOTOS
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.foundation.clock import local_date
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.regions import queries as regions
from xinzhi.scenes.governance_points.life_models import CharterDraft
from xinzhi.scenes.governance_points.services import charter_life as life
from xinzhi.scenes.governance_points.services.charter_life.drafting import Settings
from xinzhi.scenes.governance_points.tests.conftest import NOON

Names = dict[str, Any]
ROW = {
    "code": "A01", "category": "生态环境", "title": "清扫村道", "points_kind": "固定", "points": "5", "evidence": "照片", "month": "30",
}  # fmt: skip
WANTED = date(2027, 2, 1)
LONG_AGO = NOON - timedelta(days=60)
SETTINGS = {"rows": [ROW], "wanted_from": WANTED.isoformat(), "publication_days": 7, "budget_tenths": None}
VOTE = {
    "basis": "households", "notice_on": "2026-11-10", "held_on": "2026-11-23", "place": "文化礼堂", "resolution": "决议3号",
    "entitled": 2, "present": 2, "votes_for": 2, "votes_against": 0, "votes_abstaining": 0,
}  # fmt: skip


def start(world: World, at: Any = NOON) -> CharterDraft:
    return life.start_draft(
        actor=world.clerk,
        request_key=uuid4(),
        village_id=world.village.pk,
        cells=[ROW],
        settings=Settings(WANTED),
        at=at,
    )


def names(state: str) -> Any:
    """What fills a request to a draft in this state."""

    def prepare(world: World) -> Names:
        return {**SETTINGS, **VOTE, **_at(world, state)}

    return prepare


def fresh(world: World) -> Names:
    """The village works on nothing, so that a draft may be begun."""
    step(life.withdraw, world, CharterDraft.objects.get(pk=world.draft.pk))
    return dict(SETTINGS)


def _at(world: World, state: str) -> Names:
    draft = CharterDraft.objects.get(pk=world.draft.pk)  # the world's own is shared by all tests
    found: Names = {"draft_id": draft.pk, "revision": draft.revision, "keys": []}
    if state == "draft":
        return found
    if state == "checked":
        step(life.put_to_vote, world, draft)
        return found
    step(life.put_to_vote, world, draft, at=LONG_AGO)
    held = local_date(LONG_AGO)
    tally = life.Tally(**VOTE | {"held_on": held, "notice_on": held - timedelta(days=10)})
    step(life.enter_vote, world, draft, at=LONG_AGO, tally=tally)
    if state == "passed":
        return found | {"evidence_ids": [str(world.photo.pk)]}
    step(life.file_minutes, world, draft, at=LONG_AGO, evidence_ids=[_scan(world)])
    if state == "signed":
        return found
    step(life.publish_draft, world, draft, at=LONG_AGO)
    if state == "published":
        return found
    identity.grant_role(  # the township looks at what the village filed
        actor=SYSTEM,
        user_id=world.administrator.pk,
        role="township_officer",
        region_id=regions.region_by_code("330523206000").pk,
    )
    recently = NOON - timedelta(days=9)
    step(life.file_with_township, world, draft, at=recently)
    if state == "accepted":
        step(life.accept_filing, world, draft, actor=world.township, at=recently)
    if state == "to_correct":
        step(life.order_correction, world, draft, actor=world.township, at=recently, reason_code="unclear")
    return found | {"reason_code": "unclear", "active_from": WANTED.isoformat()}


def _scan(world: World) -> Any:
    return evidence.store(
        actor=world.clerk, data=PHOTOS["image/png"], village_id=world.village.pk, at=LONG_AGO
    ).pk


def step(service: Any, world: World, draft: CharterDraft, **more: Any) -> None:
    wanted = {"actor": world.clerk, "draft_id": draft.pk, "request_key": uuid4(), "at": NOON}
    service(**wanted | more)


AT = "/charter-drafts/{draft_id}"
#: What the paths that end so need.
SPECIAL: dict[str, Any] = {
    "/charter-drafts": fresh,
    AT: names("draft"),
    f"{AT}/sheet": names("draft"),
    f"{AT}/acknowledge": names("draft"),
    f"{AT}/put-to-vote": names("draft"),
    f"{AT}/withdraw": names("draft"),
    f"{AT}/reopen": names("checked"),
    f"{AT}/vote": names("checked"),
    f"{AT}/signed-minutes": names("passed"),
    f"{AT}/publish": names("signed"),
    f"{AT}/file": names("published"),
    f"{AT}/accept": names("filed"),
    f"{AT}/order-correction": names("filed"),
    f"{AT}/mend": names("to_correct"),
    f"{AT}/bring-into-force": names("accepted"),
}
