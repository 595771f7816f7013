"""A village with three households, its people, and a scene that publishes in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from uuid import uuid4

from xinzhi.kernel.foundation.actors import SYSTEM, Actor, Grant
from xinzhi.kernel.foundation.clock import SHANGHAI
from xinzhi.kernel.foundation.errors import Conflict
from xinzhi.kernel.notices.manifest import manifest
from xinzhi.kernel.notices.ports import Handler
from xinzhi.kernel.notices.services import NewLine, open_publication
from xinzhi.kernel.regions import services as regions
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents_queries
from xinzhi.kernel.residents import services as residents
from xinzhi.kernel.residents.models import Household

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=SHANGHAI)
LONG_AGO = date(2000, 1, 1)
KIND = "tests.favours"
#: Seven days after the day of posting are over when the tenth of March begins.
AFTER_END = datetime(2026, 3, 10, 0, 0, tzinfo=SHANGHAI)


class Stubborn(Conflict):
    code = "tests.stubborn"
    sentence = "This line cannot take effect."


@dataclass
class Scene:
    """What the scene was told, in order; `stubborn` subjects refuse to take effect."""

    told: list = field(default_factory=list)
    stubborn: set = field(default_factory=set)
    chunks: list = field(default_factory=list)
    explode_after: int | None = None

    def handler(self) -> Handler:
        def say(what):
            return lambda *, line, **_more: self.told.append((what, line.subject_id))

        return Handler(
            label="Favours",
            close_lines=self.close_lines,
            line_removed=say("removed"),
            line_revoked=say("revoked"),
            line_objected=say("objected"),
            line_restored=say("restored"),
            publication_withdrawn=lambda *, lines, **_more: self.told.append(("withdrawn", len(lines))),
        )

    def close_lines(self, *, publication_id, lines, at):
        if self.explode_after is not None and len(self.chunks) >= self.explode_after:
            raise MemoryError("killed")
        self.chunks.append([line.subject_id for line in lines])
        if refused := [line for line in lines if line.subject_id in self.stubborn]:
            raise Stubborn(id=refused[0].subject_id)
        self.told += [("effective", line.subject_id) for line in lines]
        return


@dataclass
class Village:
    here: Region
    elsewhere: Region
    households: Sequence[Household]
    outsider: Household

    def officer(self, person: int, role: str = "village_clerk", place: Region | None = None, **more) -> Actor:
        region = place or self.here
        grants = (Grant(role, region.pk, region.scope_path, frozenset(manifest.roles[role])),)
        return Actor(user_id=1000 + person, person_id=person, grants=grants, **more)

    @property
    def clerk(self) -> Actor:
        return self.officer(900_001)

    @property
    def council(self) -> Actor:
        return self.officer(900_002, "council_member")

    @property
    def township(self) -> Actor:
        town = Region.objects.get(pk=self.here.parent_id)
        return self.officer(900_003, "township_officer", town)

    def villager(self, household: Household) -> Actor:
        person = residents_queries.members(household.pk)[0].person_id
        return Actor(
            user_id=5000 + person, person_id=person, household_ids=(household.pk,),
            own_permissions=frozenset(manifest.own_permissions), channel="phone",
        )  # fmt: skip

    def lines(self, points: Sequence[int] = (50, 20, 10), first: int = 1, label: str = "Swept the lane"):
        return [
            NewLine(f"tests.favour:{first + n}", h.pk, tenths, label, date(2026, 2, 20 + n))
            for n, (h, tenths) in enumerate(zip(self.households, points, strict=True))
        ]

    def publish(self, *, at: datetime = NOON, **values):
        given = {"lines": self.lines(), "request_key": uuid4(), "village_id": self.here.pk} | values
        actor = given.pop("actor", self.clerk)
        return open_publication(actor=actor, kind=given.pop("kind", KIND), at=at, **given)


def region(level: str, name: str, parent: Region | None = None) -> Region:
    return regions.create_region(actor=SYSTEM, level=level, name=name, parent=parent, active_from=LONG_AGO)


def register(place: Region, number: str, name: str) -> Household:
    return residents.register_household(
        actor=SYSTEM, village_id=place.pk, household_no=number, members=[residents.NewMember(name=name)],
        source="test", at=NOON - timedelta(days=400),
    )  # fmt: skip


def attempt(act, /, *args, **kwargs):
    """The class of the refusal, or None."""
    try:
        act(*args, **kwargs)
    except Exception as refusal:  # a test compares it
        return type(refusal)
    return None
