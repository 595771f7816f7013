"""Load the demo township: the same files and the same services as real data, in a clock that runs through a year.

The ground (places, offices, rosters, charters) is one transaction; then each village lives its year in a transaction of
its own, several villages at a time. Whatever stops it, the next load goes on with the villages that are missing.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from typing import Any
from uuid import uuid4

import django
from django.apps import apps
from django.db import transaction

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.notices.models import Publication
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions import services as region_services
from xinzhi.kernel.regions.models import Region, RegionCode
from xinzhi.kernel.residents import services as resident_services
from xinzhi.kernel.rules.ports import acts
from xinzhi.kernel.sheets import read_table
from xinzhi.localities.shanchuan.demo import waiting, year
from xinzhi.localities.shanchuan.demo.people import HEADERS, Numbers, villagers
from xinzhi.localities.shanchuan.demo.places import ANCESTORS, VILLAGES, Village
from xinzhi.localities.shanchuan.demo.staff import (
    SHOWN_VILLAGE,
    Login,
    actors_of,
    hire,
    keep_logins,
    known_logins,
)
from xinzhi.localities.shanchuan.demo.when import csv_bytes, moment, months_back
from xinzhi.scenes.governance_points import charter_sheet
from xinzhi.scenes.governance_points.services import budget, charter

MONTHS = 12
RESOLUTION = "村民会议决议〔演示〕第1号"
Say = Callable[[str], None]


def villages_missing() -> list[Village]:
    """The villages that have not lived their year yet: all of them in an empty database."""
    lived = set(Publication.objects.values_list("village_id", flat=True).distinct())
    there = dict(RegionCode.objects.values_list("code", "region_id"))
    return [v for v in VILLAGES if there.get(v.code) not in lived]


def _ground_is_laid() -> bool:
    return RegionCode.objects.filter(code=VILLAGES[0].code).exists()


def load(
    *, today: date | None = None, seed: int = 1, workers: int = 1, say: Say = lambda _line: None
) -> list[Login]:
    """Load what is missing, and return the logins to print; a second time changes nothing.

    With one worker everything happens on this connection; with more, in processes of their own.
    """
    today = today or clock.today()
    missing = villages_missing()
    if not missing:
        return []
    if not _ground_is_laid():
        _lay_ground(today, seed, say)
    for village in _lived(missing, today, seed, workers):
        say(village)
    keep_logins([*known_logins(), *waiting.villager_logins()])
    return known_logins()


@transaction.atomic
def _lay_ground(today: date, seed: int, say: Say) -> None:
    """Places, offices, rosters and charters, a little more than a year ago."""
    first_month = months_back(today, MONTHS)
    with clock.fixed(moment(first_month - timedelta(days=20), 9)):
        villages = _regions()
        keep_logins(hire(villages))  # before the transaction ends: a password that was lost opens nothing
        _rosters(villages, seed, say)
        for region in villages.values():
            _adopt_charter(region, first_month - timedelta(days=15))


def live(slug: str, today: date, seed: int) -> str:
    """Let one village live its year and leave today's work undone. Returns its name."""
    village = next(v for v in VILLAGES if v.slug == slug)
    region = regions.region_by_code(village.code)
    with clock.fixed(moment(today, 8)):  # the offices as they are held on that day, whatever day this is
        staff = actors_of(village)
    with transaction.atomic():
        for months_ago in range(MONTHS, 0, -1):
            year.month(village, region, months_back(today, months_ago), staff, today, seed)
        _record_budget(village, region, today)
        if village.slug == SHOWN_VILLAGE.slug:
            _let_the_council_deliberate(region, today)
        waiting.leave(village, region, staff, today, seed)
        if apps.is_installed("xinzhi.scenes.courtyards"):  # its folder may be gone
            from xinzhi.localities.shanchuan.demo import courtyards

            courtyards.leave(village, region, staff, today, seed)
    return village.name


def _lived(villages: Iterable[Village], today: date, seed: int, workers: int) -> Iterable[str]:
    if workers == 1:
        for village in villages:
            yield live(village.slug, today, seed)
        return
    fresh = multiprocessing.get_context(
        "spawn"
    )  # a forked process would share this one's database connection
    with ProcessPoolExecutor(workers, mp_context=fresh, initializer=django.setup) as pool:
        # The largest first, so that no processor waits for the last.
        largest_first = sorted(villages, key=lambda v: -v.households)
        futures = [pool.submit(live, v.slug, today, seed) for v in largest_first]
        for future in as_completed(futures):
            yield future.result()


def _regions() -> dict[str, Region]:
    rows = [(code, name) for _level, name, code in ANCESTORS] + [(v.code, v.name) for v in VILLAGES]
    region_services.import_divisions(actor=SYSTEM, rows=rows, at=clock.now())
    return {v.slug: regions.region_by_code(v.code) for v in VILLAGES}


def _rosters(villages: dict[str, Region], seed: int, say: Say) -> None:
    numbers = Numbers()
    for village in VILLAGES:
        rows = [v.cells() for v in villagers(village, numbers, today=clock.today(), seed=seed)]
        table = read_table(csv_bytes(HEADERS, rows), f"{village.slug}.csv")
        resident_services.import_roster(
            actor=SYSTEM,
            village_id=villages[village.slug].pk,
            table=table,
            dry_run=False,
            source="demo",
            at=clock.now(),
        )
    say(f"{len(VILLAGES)} villages, {sum(v.households for v in VILLAGES)} households")


def _let_the_council_deliberate(region: Region, today: date) -> None:
    """From today on the council of this village decides before anything is published."""
    with clock.fixed(moment(today - timedelta(days=10), 9)):
        _adopt_charter(region, today, resolution="村民会议决议〔演示〕第2号", council_deliberates=True)


def _record_budget(village: Village, region: Region, today: date) -> None:
    """One point is worth one yuan; three hundred yuan a household, most of it from the collective."""
    known: dict[str, Any] = {
        "actor": SYSTEM,
        "village_id": region.pk,
        "year": today.year,
        "at": moment(today, 8),
    }
    basis, first, amount_fen = (
        "村民代表会议决议〔演示〕第3号",
        date(today.year, 1, 1),
        village.households * 30_000,
    )
    budget.record_budget(
        request_key=uuid4(), amount_fen=amount_fen, fen_per_point=100, active_from=first, basis=basis, **known
    )
    for source_code, part_fen in (("collective", amount_fen * 2 // 3), ("township", amount_fen // 3)):
        budget.record_fund(
            request_key=uuid4(),
            source_code=source_code,
            amount_fen=part_fen,
            decided_on=first,
            basis=basis,
            **known,
        )


def _adopt_charter(
    region: Region, active_from: date, *, resolution: str = RESOLUTION, council_deliberates: bool = False
) -> None:
    raw = files("xinzhi.localities.shanchuan").joinpath("data/charter.csv").read_bytes()
    table = read_table(raw, "charter.csv", columns=charter_sheet.COLUMNS)
    seen = {
        act.code for act in acts()
    }  # a scene whose folder is gone tells nothing, so its rule would count nothing
    table = replace(table, rows=[row for row in table.rows if (row.cells.get("act") or "") in ("", *seen)])
    charter.import_charter(
        actor=SYSTEM, village_id=region.pk, table=table, resolution=resolution, active_from=active_from,
        council_deliberates=council_deliberates, dry_run=False, at=clock.now(),
    )  # fmt: skip
