"""Titles of the year: bands with exact boundaries, as of any day, lost by a veto and by nothing else."""

from __future__ import annotations

import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from xinzhi.kernel.foundation import clock
from xinzhi.scenes.governance_points import charter_sheet
from xinzhi.scenes.governance_points.overview import sums
from xinzhi.scenes.governance_points.overview.titles import VETOED, standings, title_table, who_reached
from xinzhi.scenes.governance_points.queries.charter import charter_on
from xinzhi.scenes.governance_points.services import correction, hearing
from xinzhi.scenes.governance_points.tests import semantics as s
from xinzhi.scenes.governance_points.tests.conftest import RULES, TODAY, Place
from xinzhi.scenes.governance_points.tests.test_overview import browser, posted

TERMS = s.terms_from(s.term("星级档次", s.STARS), s.term("年度基础分", "1000"))
ON = clock.local_date(s.LATER)


def of(place: Place, on: date = ON):
    found = standings([place.village.pk], as_of=on, now=s.LATER + timedelta(days=60))
    return {x.household_id: x for x in found}


@pytest.mark.parametrize(
    ("score", "title"),
    [(10_600, "四星"), (10_601, "五星"), (10_400, "三星"), (10_401, "四星"), (10_200, "二星"), (9_900, "一星"), (9_901, "二星"),
     (8_000, "一星"), (7_999, "零星"), (0, "零星"), (10_000, "二星")],
)  # fmt: skip
def test_t3_stars_have_their_exact_boundaries(score: int, title: str) -> None:
    assert TERMS.title_of(score) == title


@pytest.mark.parametrize(
    "written",
    [
        "",
        "五星",
        "五星>10;四星>10",
        "五星>10;零星;四星>5",
        "五星>10;五星>5",
        "五星<10",
        "五星>1.23",
        "五 星>1",
    ],
)
def test_bands_that_do_not_descend_are_refused_with_an_example(written: str) -> None:
    read = charter_sheet.read_charter(s.sheet(s.term("星级档次", written)))
    [problem] = read.problems
    assert "五星>1060" in str(problem.remedy)


def test_terms_are_read_back_from_the_sheet_they_are_written_to() -> None:
    terms = s.terms_from(
        s.term("星级档次", s.STARS), s.term("年度基础分", "1000"), s.term("每户上限", month="60", day="3次"), s.term("类别占比", "50;生态环境:40"),
        s.term("占比起算", "80"), s.term("补报期限", "30"), s.term("积分有效期", "年末+0个月"), s.term("年度清零日", "01-10"), s.term("分红口径", "扣除已用"),
    )  # fmt: skip
    headers, rows = charter_sheet.charter_rows(RULES, terms)
    keys = [c.key for c in charter_sheet.COLUMNS]
    again = charter_sheet.read_charter(s.sheet(*(dict(zip(keys, row, strict=True)) for row in rows)))
    assert (again.rules, again.terms, again.problems) == (RULES, terms, ())
    assert len(headers) == len(rows[0])


def test_what_excel_makes_of_a_day_and_of_a_part_is_understood() -> None:
    terms = s.terms_from(s.term("年度清零日", "2026-01-10"), s.term("类别占比", "0.5"))
    assert (terms.reset_on, terms.category_percent) == ((1, 10), {"": 50})
    assert s.terms_from(s.term("类别占比", "0.45")).category_percent == {"": 45}


def test_a_score_counts_the_year_and_what_was_taken_back_no_longer(place: Place) -> None:
    s.adopt(place, terms=TERMS)
    [first, *_] = posted(place, "F01", "F01", "F01")
    assert (of(place)[place.household.pk].score_tenths, of(place)[place.household.pk].title) == (
        10_300,
        "三星",
    )
    assert of(place)[place.neighbour.pk].title == "二星"
    back = s.LATER + timedelta(days=10)
    correction.reverse_deed(
        actor=place.clerk, request_key=uuid4(), deed_id=first.pk, reason_code="duplicate", at=back
    )
    assert of(place)[place.household.pk].score_tenths == 10_300
    assert of(place, clock.local_date(back))[place.household.pk].score_tenths == 10_200
    assert sums.year_differences() == []
    kept = standings([place.village.pk], as_of=clock.local_date(back), now=back)
    assert {x.household_id: x for x in kept} == of(place, clock.local_date(back))
    table = title_table({place.village.pk: "高家堂村"}, as_of=clock.local_date(back), now=back)
    assert table is not None and dict(table.rows[0].cells) == {
        "五星": 0,
        "四星": 0,
        "三星": 0,
        "二星": 2,
        "一星": 0,
        "零星": 0,
    }
    assert of(place, date(2027, 1, 1))[place.household.pk].score_tenths == 10_000


def test_a_veto_costs_title_and_dividend_and_no_points(place: Place) -> None:
    s.adopt(place, rules=(*RULES, s.VETO), terms=TERMS)
    made = [s.verify(place, place.claim("F01")), s.deduct(place, "V01")]
    s.publish(place, s.NOON + timedelta(days=10))
    place.let_publication_end()
    found = of(place, date(2026, 12, 31))[place.household.pk]
    assert (found.is_vetoed, found.title, found.dividend_tenths) == (True, "", 0)
    assert place.balance() == 100 - 20  # the deduction itself, and nothing for the veto
    table = title_table(
        {place.village.pk: "高家堂村"}, as_of=date(2026, 12, 31), now=s.LATER + timedelta(days=60)
    )
    assert table is not None and (table.rows[0].vetoed, table.rows[0].households) == (1, 2)
    hearing.claim_repair(
        actor=place.villager,
        deed_id=made[1].pk,
        evidence_ids=[s.photo(place)],
        request_key=uuid4(),
        at=s.LATER,
    )
    hearing.accept_repair(actor=place.clerk2, deed_id=made[1].pk, at=s.LATER + timedelta(days=1))
    mended = of(place, date(2026, 12, 31))[place.household.pk]
    assert sums.year_differences() == []
    assert (mended.is_vetoed, mended.title, place.balance()) == (False, "二星", 100)


def test_the_overview_leads_from_a_number_to_its_households_and_to_excel(place: Place) -> None:
    s.adopt(place, terms=TERMS)
    posted(place, "F01", "F01", "F01")
    with clock.fixed(s.LATER):
        client = browser(place.clerk)
        html = client.get("/governance_points/desk/overview/").content.decode()
        link = f"/governance_points/desk/overview/titles/?village={place.village.pk}&amp;as_of={ON}&amp;title=%E4%B8%89%E6%98%9F"
        assert link in html
        listed = client.get(link.replace("&amp;", "&")).content.decode()
        assert "GJ0001" in listed and "GJ0002" not in listed
        for address in ("?table=titles", f"titles/?village={place.village.pk}&table=households"):
            sent = client.get(f"/governance_points/desk/overview/{address}")
            cells = {
                str(c.value)
                for row in load_workbook(io.BytesIO(sent.content)).active.iter_rows()
                for c in row
            }
            assert "三星" in cells
        got = client.get(
            f"/api/v1/governance-points/standings?village_id={place.village.pk}&title=三星"
        ).json()
        assert [i["score_tenths"] for i in got["items"]] == [10_300]
        assert client.get("/governance_points/desk/overview/titles/?village=x").status_code == 422
        assert browser(place.other_clerk).get(link.replace("&amp;", "&")).status_code == 404


def test_a_household_reads_its_own_title_and_what_the_next_takes(place: Place) -> None:
    s.adopt(place, terms=TERMS)
    posted(place, "F01", "F01", "F01")
    with clock.fixed(s.LATER):
        page = browser(place.villager).get("/governance_points/statement/").content.decode()
        neighbour = browser(place.neighbours).get("/governance_points/statement/").content.decode()
    assert "1,030" in page and "三星" in page and "10.1" in page and "四星" in page
    assert "1,000" in neighbour and "三星" in neighbour and "20.1" in neighbour


def test_the_list_goes_on_by_number(place: Place) -> None:
    s.adopt(place, terms=TERMS)
    asked = {"as_of": ON, "now": s.LATER, "limit": 1}
    first = who_reached(place.village.pk, **asked)
    second = who_reached(place.village.pk, cursor=first.next_cursor, **asked)
    assert [x.household_no for page in (first, second) for x in page.items] == ["GJ0001", "GJ0002"]
    assert second.next_cursor is None
    assert who_reached(place.village.pk, title=VETOED, **asked).items == []


def test_terms_are_said_in_words_to_villager_clerk_and_program(place: Place) -> None:
    s.adopt(place, terms=TERMS)
    phone = browser(place.villager).get(f"/governance_points/rules/{place.village.pk}/").content.decode()
    desk = browser(place.clerk).get("/governance_points/desk/charter/").content.decode()
    assert all("五星&gt;1060、四星&gt;1040" in page and "1,000" in page for page in (phone, desk))
    got = browser(place.clerk).get(f"/api/v1/governance-points/charter?village_id={place.village.pk}").json()
    assert got["terms"]["bands"][0] == {"title": "五星", "tenths": 10_600, "above": True}
    edit = browser(place.clerk).get("/governance_points/desk/charter/edit/").content.decode()
    assert f'value="{s.STARS}"'.replace(">", "&gt;").rstrip("&gt;") in edit
    assert charter_on(place.village.pk, TODAY).terms == TERMS
