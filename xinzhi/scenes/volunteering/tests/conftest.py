"""A village with three households, who organises and who confirms: no other scene is needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import uuid4

import pytest
from django.apps import apps

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
START, END = NOON + timedelta(hours=2), NOON + timedelta(hours=5)
INSURANCE = "村里为志愿者投保了意外险"

# A scene that is not installed has nothing to test.
collect_ignore_glob = [] if apps.is_installed("xinzhi.scenes.volunteering") else ["test_*.py"]


@dataclass
class Help:
    """Who helps, who organises, and the acts of the tests."""

    village: Region
    other_village: Region
    households: list[Household]
    volunteers: list[Actor]
    clerk: Actor
    council: Actor
    inspector: Actor
    other_clerk: Actor

    def person(self, number: int = 0) -> int:
        found = self.volunteers[number].person_id
        assert found is not None
        return found

    def plan(self, *, open_it: bool = True, at: datetime = NOON, **changes: object):
        from xinzhi.scenes.volunteering.services.activities import move_activity, plan_activity

        given: dict[str, object] = {
            "actor": self.clerk, "request_key": uuid4(), "village_id": self.village.pk, "title": "清理河道", "place": "文化礼堂",
            "starts_at": START, "ends_at": END, "places": 2, "roles": ["引导", "清扫"], "insurance": INSURANCE, "at": at,
        }  # fmt: skip
        planned = plan_activity(**(given | changes))  # type: ignore[arg-type]
        if open_it:
            move_activity(actor=self.clerk, activity_id=planned.pk, action="open", request_key=uuid4(), at=at)
        return planned

    def sign_up(self, activity, number: int = 0, **changes: object):
        from xinzhi.scenes.volunteering.services.signing import sign_up

        given: dict[str, object] = {
            "actor": self.volunteers[number], "request_key": uuid4(), "activity_id": activity.pk,
            "household_id": self.households[number].pk, "person_id": self.person(number), "at": NOON,
        }  # fmt: skip
        return sign_up(**(given | changes))  # type: ignore[arg-type]

    def check(self, way: str, activity, at: datetime, number: int = 0, **changes: object):
        from xinzhi.scenes.volunteering.codes import code_of
        from xinzhi.scenes.volunteering.services import presence

        given: dict[str, object] = {
            "actor": self.volunteers[number], "request_key": uuid4(), "token": code_of(activity, at=at)[0],
            "household_id": self.households[number].pk, "person_id": self.person(number), "at": at,
        }  # fmt: skip
        act = presence.check_in if way == "in" else presence.check_out
        return act(**(given | changes))  # type: ignore[arg-type]

    def served(self, number: int = 0, *, came: datetime = START, left: datetime = END):
        """Hours from check-in to check-out in an activity of their own."""
        activity = self.plan()
        self.sign_up(activity, number)
        self.check("in", activity, came, number)
        return self.check("out", activity, left, number)

    def confirm(self, actor: Actor, *hours, at: datetime = END):
        from xinzhi.scenes.volunteering.services.hours import confirm

        return confirm([h.pk for h in hours], actor=actor, at=at, request_key=uuid4())

    def confirmed(self, number: int = 0):
        hours = self.served(number)
        self.confirm(self.clerk, hours)
        self.confirm(self.council, hours)
        hours.refresh_from_db()
        assert hours.state == "confirmed"
        return hours


@pytest.fixture
def place(db: None, settings, tmp_path) -> Iterator[Help]:
    settings.STATE_DIR, settings.EVIDENCE_DIR = tmp_path, tmp_path / "evidence"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]
    with clock.fixed(NOON):
        yield make_help()


def make_help() -> Help:
    township = regions.create_region(actor=SYSTEM, level="township", name="山川乡", active_from=LONG_AGO)
    village, other = (
        regions.create_region(actor=SYSTEM, level="village", name=name, parent=township, active_from=LONG_AGO)
        for name in ("大里村", "九亩村")
    )
    households = [
        household_of(village, f"DL000{n}", head)
        for n, head in enumerate(("李试样", "王构虚", "陈例外"), start=1)
    ]
    return Help(
        village=village, other_village=other, households=households,
        volunteers=[
            actor_of(identity.login_of_person(residents.head_ids([h.pk])[h.pk], at=NOON), "phone") for h in households
        ],
        clerk=hired("help-clerk", "village_clerk", village), council=hired("help-council", "council_member", village),
        inspector=hired("help-inspector", "inspector", village), other_clerk=hired("help-other", "village_clerk", other),
    )  # fmt: skip


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
