"""One journey through everything: roster and charter from files, a claim on a phone, and the points at the end."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PIL import Image

from xinzhi.kernel import jobs
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.identity import services as identity
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.notices import services as notices
from xinzhi.kernel.notices.models import Publication
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions import services as region_services
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.sheets import write_xlsx
from xinzhi.localities.shanchuan.demo.people import HEADERS, Numbers, villagers
from xinzhi.localities.shanchuan.demo.places import ANCESTORS, VILLAGES, Village
from xinzhi.scenes.governance_points.models import Deed

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PASSWORD = "bamboo-forest-73"
SMALL = Village("gaojiatang", "高家堂村", "330523206203", 12, ("高家堂", "七亩塘"), 1)


@pytest.fixture
def village():
    rows = [(code, name) for _level, name, code in ANCESTORS] + [(v.code, v.name) for v in VILLAGES]
    region_services.import_divisions(actor=SYSTEM, rows=rows)
    found = regions.region_by_code(SMALL.code)
    for name, role in (("clerk", "village_clerk"), ("inspector", "inspector")):
        user = identity.create_user(actor=SYSTEM, username=name, password=PASSWORD, label=f"高家堂村{name}")
        identity.grant_role(actor=SYSTEM, user_id=user.pk, role=role, region_id=found.pk)
    return found


@pytest.fixture
def people():
    return list(villagers(SMALL, Numbers(), today=clock.today(), seed=1))


def roster_file(tmp_path, people):
    path = tmp_path / "roster.xlsx"
    path.write_bytes(write_xlsx(list(HEADERS), [p.cells() for p in people]))
    return path


def charter_file(tmp_path):
    path = tmp_path / "charter.csv"
    path.write_bytes(files("xinzhi.localities.shanchuan").joinpath("data/charter.csv").read_bytes())
    return path


def photo_file(tmp_path):
    path = tmp_path / "photo.jpg"
    Image.new("RGB", (900, 700), (90, 150, 90)).save(path, "JPEG")
    return path


def villager_with_phone(people):
    return next(p for p in people if p.relation == "户主" and p.phone)


def test_a_deed_travels_through_real_screens(village, people, reader, tmp_path, settings):
    settings.DEMO = True  # the one-time code is shown on the page, for numbers of synthetic people only
    clerk = reader(width=1280, height=860).log_in("clerk", PASSWORD)

    # 8: the roster comes in from Excel, looked at first
    page = clerk.go("/residents/roster/")
    page.set_input_files("input[name=roster]", roster_file(tmp_path, people))
    page.click("button[name=dry_run][value='1']")
    jobs.run_inline()
    page.reload()
    assert Household.objects.filter(village=village).count() == 0
    page = clerk.go("/residents/roster/")
    page.set_input_files("input[name=roster]", roster_file(tmp_path, people))
    page.click("button[name=dry_run][value='0']")
    page.wait_for_url("**/residents/roster/*/")
    jobs.run_inline()
    page.wait_for_selector("section.done", timeout=5000)
    assert Household.objects.filter(village=village).count() == 12

    # 9: the charter from a sheet, adopted with its resolution
    page = clerk.go("/governance_points/desk/charter/import/")
    page.fill("input[name=resolution]", "村民会议决议 2026-1")
    page.fill("input[name=active_from]", (clock.today() - timedelta(days=40)).isoformat())
    page.set_input_files("input[name=sheet]", charter_file(tmp_path))
    page.uncheck("input[name=council_deliberates]")  # the council has a journey of its own
    page.click("button[name=dry_run][value='0']")
    page.wait_for_url("**/desk/charter/")
    assert page.locator("tbody td:first-child", has_text="A01").count() == 1

    # 10: a villager logs in with a phone and a code, and claims with a photo
    head = villager_with_phone(people)
    villager = reader()
    page = villager.go("/login/")
    page.fill("input[name=phone]", head.phone)
    page.click("button.weui-btn_primary")
    page.fill("input[name=code]", code_on(page))
    page.click("button.weui-btn_primary")
    page.wait_for_url("**/governance_points/")
    page = villager.go("/governance_points/claim/C01/")
    page.set_input_files("input[name=photo]", photo_file(tmp_path))
    page.wait_for_selector("#preview strong")
    assert page.locator("#preview strong").inner_text() == "+5"
    page.dblclick("form[data-once] button[type=submit]")
    page.wait_for_url("**/claim/done/")
    assert Deed.objects.count() == 1

    # 10: the month's score sheet of all households comes in as the very form that was downloaded
    page = clerk.go("/governance_points/desk/sheet/")
    with page.expect_download() as download:
        page.click("a[href*='sheet/form']")
    book = load_workbook(io.BytesIO(Path(download.value.path()).read_bytes()))
    fill_in(book.active, rule="D01", times=1, households=3)
    filled = tmp_path / "sheet.xlsx"
    book.save(filled)
    page.set_input_files("input[name=sheet]", filled)
    page.click("button[name=dry_run][value='0']")
    page.wait_for_selector("section.done")
    assert Deed.objects.filter(channel="import").count() == 3

    # 11: the inspector verifies with the keyboard; the clerk may not verify what he entered himself
    inspector = reader(width=1280, height=860).log_in("inspector", PASSWORD)
    page = inspector.go("/workflow/inbox/")
    page.click("[data-open]")
    page.wait_for_selector("[data-kind=approve]")
    page.wait_for_selector(".photo")
    with page.expect_response(lambda answer: answer.request.method == "POST"):
        page.keyboard.press("a")
    page.wait_for_load_state()
    claim = Deed.objects.get(channel="phone")
    assert claim.state == "verified"

    # 12: published as a masked list; at its end the deed posts itself
    page = clerk.go("/governance_points/desk/publish/")
    page.click("form[data-once] .btn_primary")
    page.wait_for_url("**/notices/*/")
    publication = Publication.objects.get()
    page = villager.go(f"/notices/{publication.pk}/")
    other = reader()  # a stranger reads no line
    assert head.name not in other.go(f"/notices/{publication.pk}/").content()
    assert clerk.go(f"/notices/{publication.pk}/print/").locator("table").count() == 1
    notices.close_lines_of(publication_id=publication.pk, at=publication.ends_at + timedelta(minutes=1))

    # 13: the household sees its points, why, and who looked
    page = villager.go("/governance_points/")
    assert page.locator("[data-testid=balance]").inner_text().startswith("5")
    page = villager.go(f"/governance_points/deeds/{claim.pk}/")
    assert page.locator(".photo").count() == 1
    assert page.locator(".timeline__entry").count() == 4
    clerk.go(f"/governance_points/desk/households/{claim.household_id}/")
    assert (
        villager.go("/governance_points/who-looked/").locator(".weui-cell", has_text="高家堂村").count() >= 1
    )

    # 13: a wrong entry is taken back, and both stay visible
    page = clerk.go(f"/governance_points/desk/deeds/{claim.pk}/")
    page.select_option("select[name=reason_code]", "duplicate")
    page.click(".btn_danger")
    page.wait_for_load_state()
    page = villager.go("/governance_points/statement/")
    assert page.locator(".weui-cell__ft.gain").count() == 1
    assert page.locator(".weui-cell__ft.loss").count() == 1
    assert ledger.verify() == []


def code_on(page) -> str:
    return re.search(r"\b(\d{6})\b", page.locator("main").inner_text())[1]


def fill_in(sheet, *, rule: str, times: int, households: int) -> None:
    """Write a number of times into the column of a rule, for the first households."""
    for row in sheet.iter_rows():
        for cell in row:
            if str(cell.value or "").startswith(f"{rule} "):
                for below in range(1, households + 1):
                    sheet.cell(row=cell.row + below, column=cell.column, value=times)
                return
    raise AssertionError(f"no column for {rule}")
