"""A village with its sheet, two households and raters: no other scene is needed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.apps import apps
from PIL import Image

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.regions import services as regions
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents import services as resident_services
from xinzhi.kernel.residents.models import Household

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
LONG_AGO = date(2000, 1, 1)

# A scene that is not installed has nothing to test.
collect_ignore_glob = [] if apps.is_installed("xinzhi.scenes.courtyards") else ["test_*.py"]


def clean(**lost: int) -> dict[str, int]:
    """The marks of a yard in which everything is in order, less what is named: `clean(Y01=4)`."""
    best = {"Y01": 20, "Y02": 15, "Y03": 15, "Y04": 12, "Y05": 10, "Y07": 8, "Y08": 5, "Y10": 2}
    return {code: most - lost.get(code, 0) for code, most in best.items()}


def jpeg(shade: int = 120) -> bytes:
    out = io.BytesIO()
    Image.effect_noise((64, 48), shade).convert("RGB").save(out, "JPEG")
    return out.getvalue()


@dataclass
class Yards:
    """Who walks, who lives there, and the round that is open."""

    village: Region
    other_village: Region
    household: Household
    neighbour: Household
    villager: Actor
    clerk: Actor
    inspector: Actor
    council: Actor
    third: Actor
    other_clerk: Actor
    round: object = None

    def yard(self, household: Household | None = None):
        from xinzhi.scenes.courtyards.models import Yard

        return Yard.objects.get(round=self.round, household=household or self.household)

    def record(self, household: Household | None = None, **changes: object):
        from xinzhi.scenes.courtyards.services.visits import Record

        given: dict[str, object] = {
            "record_key": uuid4(), "yard_id": self.yard(household).pk, "outcome": "scored", "scored_at": NOON,
            "consent": "yard", "consented_at": NOON - timedelta(minutes=1), "marks": clean(),
        }  # fmt: skip
        return Record(**(given | changes))  # type: ignore[arg-type]

    def visit(
        self,
        actor: Actor,
        household: Household | None = None,
        *,
        at: datetime = NOON,
        photos: int = 1,
        **changes: object,
    ):
        from xinzhi.scenes.courtyards.services.visits import Photo, record_visit

        if at != NOON:
            changes = {"scored_at": at, "consented_at": at - timedelta(minutes=1)} | changes
        return record_visit(
            actor=actor, record=self.record(household, **changes), at=at,
            photos=[Photo(uuid4(), jpeg(60 + n)) for n in range(photos)],
        )  # fmt: skip


@pytest.fixture
def place(db: None, settings, tmp_path) -> Iterator[Yards]:
    settings.STATE_DIR, settings.EVIDENCE_DIR = tmp_path, tmp_path / "evidence"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    with clock.fixed(NOON):
        yield make_yards()


def make_yards(*, with_round: bool = True) -> Yards:
    township = regions.create_region(actor=SYSTEM, level="township", name="山川乡", active_from=LONG_AGO)
    village, other = (
        regions.create_region(actor=SYSTEM, level="village", name=name, parent=township, active_from=LONG_AGO)
        for name in ("大里村", "九亩村")
    )
    household, neighbour = (
        household_of(village, "DL0001", "李试样"),
        household_of(village, "DL0002", "王构虚"),
    )
    found = Yards(
        village=village, other_village=other, household=household, neighbour=neighbour,
        villager=actor_of(identity.login_of_person(residents.head_ids([household.pk])[household.pk], at=NOON), "phone"),
        clerk=hired("yard-clerk", "village_clerk", village), inspector=hired("yard-inspector", "inspector", village),
        council=hired("yard-council", "council_member", village), third=hired("yard-third", "inspector", village),
        other_clerk=hired("yard-other", "village_clerk", other),
    )  # fmt: skip
    if with_round:
        found.round = opened(found.clerk, village)
    return found


def opened(clerk: Actor, village: Region, *, raters: int = 2, request_key: UUID | None = None):
    from xinzhi.scenes.courtyards.services import rounds, sheets

    sheets.adopt_sheet(
        actor=clerk,
        village_id=village.pk,
        resolution="妇联评议会1号",
        active_from=date(2026, 1, 1),
        raters=raters,
        at=NOON,
    )
    return rounds.open_round(
        actor=clerk,
        request_key=request_key or uuid4(),
        village_id=village.pk,
        last_day=date(2026, 12, 20),
        at=NOON,
    )


def household_of(village: Region, number: str, head: str) -> Household:
    return resident_services.register_household(
        actor=SYSTEM, village_id=village.pk, household_no=number, source="clerk", at=NOON,
        members=[
            resident_services.NewMember(name=head, relation_code="02", sex_code="1"),
            resident_services.NewMember(name=head[0] + "示例", relation_code="20", sex_code="1"),
        ],
    )  # fmt: skip


def hired(name: str, role: str, region: Region) -> Actor:
    user = identity.create_user(actor=SYSTEM, username=name, password="bamboo-forest-73", label=name)
    identity.grant_role(actor=SYSTEM, user_id=user.pk, role=role, region_id=region.pk, active_from=LONG_AGO)
    return actor_of(User.objects.get(pk=user.pk))
