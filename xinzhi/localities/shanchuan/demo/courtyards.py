"""Courtyards of the demo: the round of the quarter before is over, this quarter's is on its way. In the village shown; in the others it has begun."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from random import Random

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.regions.models import Region
from xinzhi.localities.shanchuan.demo.pictures import picture
from xinzhi.localities.shanchuan.demo.places import Village
from xinzhi.localities.shanchuan.demo.staff import SHOWN_VILLAGE
from xinzhi.localities.shanchuan.demo.when import key, moment, months_back
from xinzhi.scenes.courtyards.models import Courtyard, Round, Yard
from xinzhi.scenes.courtyards.services import rounds, sheets, visits
from xinzhi.scenes.courtyards.sheet import TEMPLATE

BEST = {i.code: i for i in TEMPLATE if i.part == "item" and i.where in ("lane", "yard")}
#: How many courtyards were looked at in the quarter before, and in this one so far.
BEFORE, NOW, ELSEWHERE = 30, 14, 4


def leave(village: Village, region: Region, staff: dict[str, Actor], today: date, seed: int) -> None:
    """A round that was closed, and one that goes on: graded, one score, a third look, making good, nobody at home."""
    pick = Random(f"{seed}:{village.code}:courtyards")  # noqa: S311 (demo data must be the same each time)
    shown = village.slug == SHOWN_VILLAGE.slug
    this_quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    before = months_back(this_quarter, 3) + timedelta(days=20)
    with clock.fixed(moment(before - timedelta(days=20), 9)):
        sheets.adopt_sheet(
            actor=staff["clerk"], village_id=region.pk, resolution="妇联评议会〔演示〕第1号", active_from=clock.today(),
            at=clock.now(),
        )  # fmt: skip
        rounds.lay_route(actor=staff["clerk"], village_id=region.pk, at=clock.now())
        for courtyard in Courtyard.objects.filter(village=region).order_by("position")[4:60:11]:
            courtyard.yard_class = "homestay"
            courtyard.save(update_fields=["yard_class"])
    if shown:
        found = _round(region, staff["clerk"], before)
        _walk(found, staff, before, BEFORE, pick, unfinished=False)
        with clock.fixed(moment(before + timedelta(days=14), 17)):
            rounds.close_round(actor=staff["clerk"], round_id=found.pk, at=clock.now())
    begun = max(this_quarter, today - timedelta(days=5))
    if begun < today:
        _walk(
            _round(region, staff["clerk"], begun),
            staff,
            begun,
            NOW if shown else ELSEWHERE,
            pick,
            unfinished=True,
        )


def _round(region: Region, clerk: Actor, day: date) -> Round:
    with clock.fixed(moment(day, 8)):
        return rounds.open_round(
            actor=clerk, request_key=key("round", region.pk, day), village_id=region.pk,
            last_day=day + timedelta(days=14), at=clock.now(),
        )  # fmt: skip


def _walk(
    found: Round, staff: dict[str, Actor], day: date, how_many: int, pick: Random, *, unfinished: bool
) -> None:
    """Inspector and second clerk walk by themselves; what they see differs a little, once much."""
    yards = list(Yard.objects.filter(round=found).exclude(yard_class="empty").order_by("position")[:how_many])
    with clock.fixed(moment(day, 15)):
        for nth, yard in enumerate(yards):
            at = moment(day, 9) + timedelta(minutes=3 * nth)
            if nth % 9 == 5:
                _visit(yard, staff["inspector"], at, outcome="not_at_home")
                continue
            seen = _marks(pick, low=nth % 11 == 3)
            _visit(yard, staff["inspector"], at, marks=seen)
            if unfinished and nth % 4 == 1:
                continue  # the second one has not been here yet
            other = seen | ({"Y01": 0} if nth % 13 == 7 else {"Y04": max(0, seen["Y04"] - 2)})
            _visit(yard, staff["clerk2"], at + timedelta(hours=1), marks=other)
        if not unfinished:
            _second_looks(found, staff["inspector"], day)


def _second_looks(found: Round, rater: Actor, day: date) -> None:
    at = moment(day + timedelta(days=5), 10)
    with clock.fixed(at):
        for yard in Yard.objects.filter(round=found, state="rectifying").order_by("position"):
            _visit(yard, rater, at, marks={code: item.most for code, item in BEST.items()} | {"Y01": 12})


def _marks(pick: Random, *, low: bool) -> dict[str, int]:
    """Mostly in order; where it is not, much is missing."""
    marks = {code: item.most for code, item in BEST.items()}
    if low:
        return marks | {"Y01": 6, "Y02": 0, "Y03": 5}
    for code in pick.sample(sorted(BEST), 3):
        marks[code] = BEST[code].possible[min(1, len(BEST[code].possible) - 1)]
    return marks


def _visit(
    yard: Yard, rater: Actor, at: datetime, *, outcome: str = "scored", marks: dict[str, int] | None = None
) -> None:
    scored = outcome == "scored"
    photo = visits.Photo(key("yard-photo", yard.pk, rater.person_key, at), picture(f"yard:{yard.pk}:{at}"))
    visits.record_visit(
        actor=rater, at=max(at, clock.now()), photos=[photo] if scored else [],
        record=visits.Record(
            record_key=key("visit", yard.pk, rater.person_key, at), yard_id=yard.pk, outcome=outcome, scored_at=at,
            consent="yard" if scored else "", consented_at=at if scored else None, marks=marks or {},
        ),
    )  # fmt: skip
