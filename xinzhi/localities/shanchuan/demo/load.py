"""Load the demo township: the same files and the same services as real data, in a clock that runs through a year."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from importlib.resources import files
from random import Random
from uuid import NAMESPACE_URL, UUID, uuid5
from zoneinfo import ZoneInfo

from django.db import transaction

from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.identity.actors import actor_of
from xinzhi.kernel.identity.services import login_of_person
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions import services as region_services
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents import queries as residents
from xinzhi.kernel.residents import services as resident_services
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.residents.values import current_values
from xinzhi.kernel.sheets import read_table
from xinzhi.kernel.workflow import services as workflow
from xinzhi.localities.shanchuan.demo import deeds as year
from xinzhi.localities.shanchuan.demo.people import HEADERS, Numbers, villagers
from xinzhi.localities.shanchuan.demo.pictures import picture
from xinzhi.localities.shanchuan.demo.places import ANCESTORS, VILLAGES, Village
from xinzhi.localities.shanchuan.demo.staff import Login, hire, keep_logins
from xinzhi.scenes.governance_points import charter_sheet, score_sheet
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.charter import charter_on
from xinzhi.scenes.governance_points.services import (
    charter,
    claims,
    correction,
    publishing,
    sheet,
    verification,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
RESOLUTION = "村民会议决议〔演示〕第1号"
Say = Callable[[str], None]


def is_loaded() -> bool:
    """Whether the township is there already."""
    return Region.objects.filter(name="山川乡").exists()


@transaction.atomic
def load(*, today: date | None = None, seed: int = 1, say: Say = lambda _line: None) -> list[Login]:
    """Load everything, or nothing. Returns the logins to print; the second time changes nothing."""
    today = today or clock.today()
    if is_loaded():
        return []
    first_month = _months_back(today, 12)
    with clock.fixed(_at(first_month - timedelta(days=20), 9)):
        township, county, villages = _regions()
        staff, logins = hire(villages, township, county)
        _rosters(villages, today, seed, say)
        for region in villages.values():
            _adopt_charter(region, first_month - timedelta(days=15))
    months = [_months_back(today, n) for n in range(12, 0, -1)]
    for month in months:
        for village in VILLAGES:
            _month(village, villages[village.slug], month, staff, today, seed)
        say(f"{month:%Y-%m}")
    logins += _waiting_work(villages, staff, today, seed)
    keep_logins(logins)
    return logins


def _at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), SHANGHAI).astimezone(UTC)


def _months_back(today: date, months: int) -> date:
    index = today.year * 12 + today.month - 1 - months
    return date(index // 12, index % 12 + 1, 1)


def _key(*parts: object) -> UUID:
    return uuid5(NAMESPACE_URL, ":".join(["shanchuan-demo", *map(str, parts)]))


def _regions() -> tuple[Region, Region, dict[str, Region]]:
    rows = [(code, name) for _level, name, code in ANCESTORS] + [(v.code, v.name) for v in VILLAGES]
    region_services.import_divisions(actor=SYSTEM, rows=rows, at=clock.now())
    return (
        regions.region_by_code("330523206000"),
        regions.region_by_code("330523000000"),
        {v.slug: regions.region_by_code(v.code) for v in VILLAGES},
    )


def _csv(headers: list[str] | tuple[str, ...], rows: list[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([headers, *rows])
    return out.getvalue().encode("utf-8-sig")


def _rosters(villages: dict[str, Region], today: date, seed: int, say: Say) -> None:
    numbers = Numbers()
    for village in VILLAGES:
        rows = [v.cells() for v in villagers(village, numbers, today=today, seed=seed)]
        table = read_table(_csv(HEADERS, rows), f"{village.slug}.csv")
        resident_services.import_roster(
            actor=SYSTEM,
            village_id=villages[village.slug].pk,
            table=table,
            dry_run=False,
            source="demo",
            at=clock.now(),
        )
        say(f"{village.name}: {village.households}")


def _adopt_charter(region: Region, active_from: date) -> None:
    raw = files("xinzhi.localities.shanchuan").joinpath("data/charter.csv").read_bytes()
    table = read_table(raw, "charter.csv", columns=charter_sheet.COLUMNS)
    charter.import_charter(
        actor=SYSTEM, village_id=region.pk, table=table, resolution=RESOLUTION, active_from=active_from, dry_run=False,
        at=clock.now(),
    )  # fmt: skip


def _month(
    village: Village, region: Region, month: date, staff: dict[str, Actor], today: date, seed: int
) -> None:
    """A month's way: sheet on the 2nd of the next, verified by the 8th, published on the 10th, posted a week later."""
    after = _months_back(month, -1)
    numbers = list(
        Household.objects.filter(village=region, status="active")
        .order_by("household_no")
        .values_list("household_no", flat=True)
    )
    cells = year.month_of(village.code, f"{month:%Y-%m}", numbers, seed=seed)
    the_charter = charter_on(region.pk, month)
    headings = score_sheet.rule_headings(the_charter)
    codes = [heading.split(" ", 1)[0] for heading in headings]
    rows = [[number, "", *(row.get(code, "") for code in codes)] for number, row in sorted(cells.items())]
    table = read_table(_csv(["户编号", "户主", *headings], rows), "sheet.csv", columns=score_sheet.COLUMNS)

    def step(day: date, hour: int) -> datetime | None:
        at = _at(day, hour)
        return at if at < _at(today, 0) else None

    clerk = staff[f"{village.slug}-clerk"]
    entered_at = step(after + timedelta(days=1), 9)
    if entered_at is None:
        return
    with clock.fixed(entered_at):
        sheet.import_score_sheet(
            actor=clerk, village_id=region.pk, month=month, table=table, dry_run=False, at=entered_at
        )
    verified_at = step(after + timedelta(days=6), 15)
    if verified_at is None:
        return
    with clock.fixed(verified_at):
        for suffix, role in (
            ("clerk2", "village_clerk"),
            ("inspector", "inspector"),
            ("council", "council_member"),
        ):
            ids = list(
                Deed.objects.filter(
                    village=region, state="submitted", verifier_role=role, channel="import"
                ).values_list("pk", flat=True)
            )
            if ids:
                verification.verify_deeds(
                    actor=staff[f"{village.slug}-{suffix}"], deed_ids=ids, at=verified_at
                )
    published_at = step(after + timedelta(days=9), 8)
    if published_at is None:
        return
    with clock.fixed(published_at):
        publication = publishing.publish_deeds(
            actor=clerk, request_key=_key("publish", region.pk, month), village_id=region.pk, at=published_at
        )
    closed_at = publication.ends_at + timedelta(minutes=5)
    if closed_at < _at(today, 0):
        with clock.fixed(closed_at):
            notices.close_lines_of(publication_id=publication.pk, at=closed_at, chunk=5000)


def _waiting_work(
    villages: dict[str, Region], staff: dict[str, Actor], today: date, seed: int
) -> list[Login]:
    """Claims of this month at every stage, an objection, a corrected entry; and the villagers who can log in."""
    pick = Random(seed)  # noqa: S311 (demo data must be the same each time)
    logins: list[Login] = []
    now = clock.now() if clock.today() == today else _at(today, 10)
    with clock.fixed(now):
        for village in VILLAGES:
            region = villages[village.slug]
            households = list(
                Household.objects.filter(village=region, status="active").order_by("household_no")[:60]
            )
            chosen = pick.sample(households, 14)
            for nth, household in enumerate(chosen):
                _claim(household, nth, today, now)
            submitted = list(
                Deed.objects.filter(village=region, state="submitted", channel="phone").order_by("pk")
            )
            inspector = staff[f"{village.slug}-inspector"]
            clerk = staff[f"{village.slug}-clerk"]
            own = [d for d in submitted if d.verifier_role == "inspector"]
            verification.verify_deeds(actor=inspector, deed_ids=[d.pk for d in own[:3]], at=now)
            if len(own) > 3:
                workflow.advance(own[3], "return", actor=inspector, at=now, reason_code="photo_unclear")
            posted = Deed.objects.filter(village=region, state="posted").order_by("-pk").first()
            if posted is not None:
                correction.reverse_deed(
                    actor=clerk,
                    request_key=_key("reverse", region.pk),
                    deed_id=posted.pk,
                    reason_code="duplicate",
                    at=now,
                )
            if village.slug == "gaojiatang":
                logins += _villager_logins(chosen[:2], village)
    return logins


CLAIMED = ("C01", "D02", "A03", "C02", "E02", "C01", "D02", "H01", "A03", "C01", "F01", "E01", "C03", "D01")


def _claim(household: Household, nth: int, today: date, now: datetime) -> None:
    head = residents.head_ids([household.pk]).get(household.pk)
    if head is None:
        return
    actor = actor_of(login_of_person(head, at=now), "phone")
    code = CLAIMED[nth % len(CLAIMED)]
    photo = evidence.store(
        actor=actor, data=picture(f"{household.household_no}:{code}"), filename="photo.jpg", village_id=household.village_id,
        household_id=household.pk, at=now, request_key=_key("photo", household.pk, code),
    )  # fmt: skip
    claims.claim_deed(
        actor=actor, request_key=_key("claim", household.pk, code), household_id=household.pk, rule_code=code,
        done_on=today - timedelta(days=1 + nth % 5), quantity_tenths=10 if code == "D02" else None,
        grade="本科" if code == "H01" else "", evidence_ids=[photo.pk], at=now,
    )  # fmt: skip


def _villager_logins(households: list[Household], village: Village) -> list[Login]:
    found = []
    for household in households:
        head = residents.head_ids([household.pk]).get(household.pk)
        phone = current_values([head], ["phone"]).get(head, {}).get("phone", "") if head else ""
        if phone:
            found.append(Login("villager", f"{village.name} {household.household_no}", phone, ""))
    return found
