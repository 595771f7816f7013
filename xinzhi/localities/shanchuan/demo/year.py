"""A year of a village: every month a score sheet, verified, published, posted, by the services of real data."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.regions.models import Region
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.sheets import read_table
from xinzhi.localities.shanchuan.demo import month_sheet
from xinzhi.localities.shanchuan.demo.places import Village
from xinzhi.localities.shanchuan.demo.when import csv_bytes, key, moment, months_back
from xinzhi.scenes.governance_points import score_sheet
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.queries.charter import charter_on
from xinzhi.scenes.governance_points.services import publishing, sheet, verification


def month(
    village: Village, region: Region, first_day: date, staff: dict[str, Actor], today: date, seed: int
) -> None:
    """A month's way: sheet on the 2nd of the next, verified by the 8th, published on the 10th, posted a week later."""
    after = months_back(first_day, -1)
    numbers = list(
        Household.objects.filter(village=region, status="active")
        .order_by("household_no")
        .values_list("household_no", flat=True)
    )
    cells = month_sheet.month_of(village.code, f"{first_day:%Y-%m}", numbers, seed=seed)
    the_charter = charter_on(region.pk, first_day)
    headings = score_sheet.rule_headings(the_charter)
    codes = [heading.split(" ", 1)[0] for heading in headings]
    rows = [[number, "", *(row.get(code, "") for code in codes)] for number, row in sorted(cells.items())]
    table = read_table(
        csv_bytes(["户编号", "户主", *headings], rows), "sheet.csv", columns=score_sheet.COLUMNS
    )

    def step(day: date, hour: int) -> datetime | None:
        at = moment(day, hour)
        return at if at < moment(today, 0) else None

    clerk = staff["clerk"]
    entered_at = step(after + timedelta(days=1), 9)
    if entered_at is None:
        return
    with clock.fixed(entered_at):
        sheet.import_score_sheet(
            actor=clerk, village_id=region.pk, month=first_day, table=table, dry_run=False, at=entered_at
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
                verification.verify_deeds(actor=staff[suffix], deed_ids=ids, at=verified_at)
    published_at = step(after + timedelta(days=9), 8)
    if published_at is None:
        return
    with clock.fixed(published_at):
        publication = publishing.publish_deeds(
            actor=clerk,
            request_key=key("publish", region.pk, first_day),
            village_id=region.pk,
            at=published_at,
        )
    closed_at = publication.ends_at + timedelta(minutes=5)
    if closed_at < moment(today, 0):
        with clock.fixed(closed_at):
            notices.close_lines_of(publication_id=publication.pk, at=closed_at, chunk=5000)
