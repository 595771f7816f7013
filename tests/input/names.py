"""What each field and parameter of the API is filled with, so that a request goes through before it is spoilt.

Some doors open only when something has been prepared: a meeting called, a deduction noticed, a member gone. It is prepared for the
one request, inside the transaction of its test.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any
from uuid import uuid4

from tests.input.scenes import parts
from tests.input.world import World
from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.evidence.tests.samples import PHOTOS
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents import services as households
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.models import CouncilMeeting, Deed
from xinzhi.scenes.governance_points.services import council, hearing
from xinzhi.scenes.governance_points.tests.conftest import NOON

Names = dict[str, Any]
#: Only a household does these.
OF_A_HOUSEHOLD = ("/resubmit", "/repair", "/channels/{channel}", "/channels/{channel}/account")
DAY = date(2026, 11, 20)
TODAY = NOON.date()  # the world's households are registered since this morning
CALENDAR = "day,kind,name\n" + "".join(f"2027-01-{day:02d},off,假\n" for day in range(1, 13))
CHILD = {
    "name": "李试辛", "relation_code": "41", "sex_code": "2", "id_number": "", "birth_date": DAY.isoformat(), "phone": "",
    "is_collective_member": False,
}  # fmt: skip
AGREED = {"basis": "written_agreement", "agreed": True, "seen": "", "relations": {}}


def known(world: World, path: str) -> Names:
    """What a field or parameter of this name is filled with for a path; prepares what the path needs."""
    special = next((fill for end, fill in SPECIAL.items() if path.endswith(end)), lambda _world: {})
    return {
        "village_id": world.village.pk, "household_id": world.household.pk, "deed_id": world.submitted.pk,
        "subject_id": world.submitted.pk, "deed_ids": [world.submitted.pk], "ids": [world.submitted.pk],
        "publication_id": world.publication.pk, "line_id": world.line.pk, "region_id": world.village.pk,
        "person_id": world.villager.person_id, "lifecycle": "governance_points.deed", "action": "return",
        "code": world.village_code, "rule_code": "D02", "quantity": "1", "done_on": DAY.isoformat(), "grade": "",
        "evidence_ids": [], "grounds_code": "not_done", "reason_code": "wrong_day", "note": "看过了",
        "on_behalf_of_household_id": world.neighbour.pk, "objection_id": world.objection.pk,
        "subject": world.submitted.reference, "year": "2027",
        "scopes": ["audit.looks.read"], "active_to": "2027-01-01", "evidence_id": world.photo.pk, "days": 7,
        "outcome": "dismissed", "purpose": "contact", "field": "phone", "start": "2026-11-20", "month": "2026-11-01",
        "on": TODAY.isoformat(), "basis": "household_book", "new_head_id": None, "relations": {},
        **special(world), **{k: v for part in parts() for k, v in part.known(world, path).items()},
    }  # fmt: skip


def asker(world: World, path: str) -> Actor | User:
    """Who sends it: the one to whom the API answers most, and a villager what only a household may ask."""
    return world.villager if path.endswith(OF_A_HOUSEHOLD) else world.administrator


def _second(world: World, of: str = "household") -> int:
    """The member of a household who is not its head."""
    home = getattr(world, of)
    return next(m.person_id for m in residents.members(home.pk, None) if not m.is_head)


def _gone(world: World) -> Names:
    """Somebody who moved away comes back."""
    person = _second(world)
    households.record_moving_away(
        actor=world.clerk, request_key=uuid4(), household_id=world.household.pk, person_ids=[person],
        on=TODAY, basis="household_book", at=NOON,
    )  # fmt: skip
    return {"person_id": person, "relation_code": "20"}


def _returned(world: World) -> Names:
    deed = Deed.objects.get(pk=world.submitted.pk)  # the world's own is shared by all tests
    workflow.advance(deed, "return", actor=world.clerk, at=NOON, reason_code="wrong_day")
    return {}


def _noticed(world: World) -> Deed:
    return hearing.notify_deduction(
        actor=world.clerk, request_key=uuid4(), household_id=world.household.pk, rule_code="X01", done_on=DAY,
        description="门前有一堆垃圾，请清走", at=NOON,
    )  # fmt: skip


def _heard(world: World) -> Names:
    return {"deed_id": _noticed(world).pk}


def _repaired(world: World) -> Names:
    photo = evidence.store(
        actor=world.villager,
        data=PHOTOS["image/jpeg"],
        household_id=world.household.pk,
        at=NOON,
        request_key=uuid4(),
    )
    return _heard(world) | {"evidence_ids": [str(photo.pk)]}


def _meeting(world: World, meets_at: datetime = NOON) -> CouncilMeeting:
    return council.call_meeting(
        actor=world.clerk,
        request_key=uuid4(),
        village_id=world.village.pk,
        meets_at=meets_at,
        place="村委会",
        at=NOON,
    )


def _called(world: World) -> Names:
    return {"meeting_id": _meeting(world).pk, "present_user_ids": [world.council.user_id], "votes": []}


def _held(world: World) -> Names:
    meeting = _meeting(world)
    council.hold_meeting(
        actor=world.clerk,
        meeting_id=meeting.pk,
        present=[world.council.user_id],
        votes=[],
        request_key=uuid4(),
        at=NOON,
    )
    return {"meeting_id": meeting.pk, "evidence_ids": [str(world.photo.pk)]}


#: What the paths that end so need beside or instead of the rest.
SPECIAL: dict[str, Callable[[World], Names]] = {
    "/reverse": lambda world: {"deed_id": world.posted.pk, "reason_code": "duplicate"},
    "/publications": lambda world: {"deed_ids": [world.waiting.pk]},
    "/mandates": lambda world: {"person_id": world.neighbours.person_id},
    "/deductions": lambda _world: {"rule_code": "X01", "description": "门前有一堆垃圾，请清走"},
    "/absences": lambda world: {
        "user_id": world.administrator.pk, "substitute_id": world.clerk2.user_id,
        "first_day": "2026-11-24", "last_day": "2026-11-25",
    },
    "/decision": lambda _world: {"reason_code": "no_ground"},
    "/many/{action}": lambda _world: {"action": "verify", "reason_code": ""},
    "/reveal": lambda _world: {"field": "name"},
    "/original": lambda _world: {"purpose": "verify"},
    "/years/{year}": lambda _world: {"table": CALENDAR, "source": "国办发明电〔2026〕1号"},
    "/birth": lambda _world: {"member": CHILD},
    "/death": lambda world: {"person_id": _second(world)},
    "/marriage-in": lambda world: {"member": None, "person_id": _second(world, "neighbour"), "relation_code": "38"},
    "/marriage-out": lambda world: {
        "person_id": _second(world), "to_household_id": world.neighbour.pk, "relation_code": "38",
    },
    "/move-away": lambda world: {"person_ids": [_second(world)]},
    "/come-back": _gone,
    "/head": lambda world: {"new_head_id": _second(world), "relations": {}},
    "/split": lambda world: AGREED | {
        "person_ids": [_second(world)], "household_no": "GJ0009", "head_id": _second(world), "new_relations": {},
        "share_permille": None,
    },
    "/merge": lambda world: AGREED | {"into_household_id": world.neighbour.pk},
    "/resubmit": _returned,
    "/answer": _heard,
    "/repair": _repaired,
    "/hold": _called,
    "/minutes": _held,
    "/call-off": _called,
    "/agenda": _called,
    "/channels/{channel}": lambda _world: {"channel": "sms"},
    "/channels/{channel}/account": lambda _world: {"channel": "wechat", "address": "oAbCdEfGhIjKlMnOpQrStUvWxYz0"},
    "/sending-rules": lambda _world: {
        "quiet_from": "22:00", "quiet_until": "06:00", "most_per_day": 3, "active_from": "2026-11-24",
    },
}  # fmt: skip
