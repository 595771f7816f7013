"""What points cost: integer fen, as of any day, from rows somebody recorded and nobody changes."""

from __future__ import annotations

import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from openpyxl import load_workbook

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.errors import Forbidden
from xinzhi.scenes.governance_points.models import FundEntry, PointsBudget
from xinzhi.scenes.governance_points.overview.budget import BudgetFigures, budgets, worth_fen
from xinzhi.scenes.governance_points.services import budget, correction
from xinzhi.scenes.governance_points.tests import semantics as s
from xinzhi.scenes.governance_points.tests.conftest import NOON, Place
from xinzhi.scenes.governance_points.tests.test_overview import browser, posted

ON = clock.local_date(s.LATER)  # 2026-12-13, the 347th day


def record(place: Place, **changes: object) -> PointsBudget:
    wanted = {
        "actor": place.clerk, "request_key": uuid4(), "village_id": place.village.pk, "year": 2026, "amount_fen": 10_000,
        "fen_per_point": 500, "active_from": date(2026, 1, 1), "basis": "村民代表会议决议3号", "at": NOON,
    }  # fmt: skip
    return budget.record_budget(**{**wanted, **changes})


def fund(place: Place, **changes: object) -> FundEntry:
    wanted = {
        "actor": place.clerk, "request_key": uuid4(), "village_id": place.village.pk, "year": 2026, "amount_fen": 6_000_000,
        "source_code": "collective", "decided_on": date(2026, 1, 5), "basis": "分红转入", "at": NOON,
    }  # fmt: skip
    return budget.record_fund(**{**wanted, **changes})


def of(place: Place, on: date = ON) -> BudgetFigures:
    found = budgets({place.village.pk: place.village.name}, as_of=on, now=s.LATER + timedelta(days=60))
    assert found is not None
    return found[0]


def test_a_point_of_five_yuan_costs_what_the_source_says(place: Place) -> None:
    # 团堡村: 5 yuan a point; 50,000 donated, then 60,000 of the collective (village.md 1.8).
    record(place)
    fund(place, amount_fen=5_000_000, source_code="donation")
    fund(place)
    posted(place, "C01", "F01")  # 5 and 10 points
    found = of(place)
    assert (found.issued_tenths, found.used_fen, found.left_fen, found.used_permille) == (
        150,
        7_500,
        2_500,
        750,
    )
    assert (found.outstanding_tenths, found.liability_fen, found.funds_fen) == (150, 7_500, 11_000_000)
    assert found.outstanding_tenths == sum(place.balance(h) for h in (place.household, place.neighbour))
    assert found.coverage_permille == 11_000_000 * 1000 // 7_500
    assert found.forecast_tenths == -(-150 * 365 // 347) == 158


@pytest.mark.parametrize(
    ("tenths", "per_point", "fen"), [(1, 25, 3), (10, 25, 25), (0, 500, 0), (3, 10, 3), (1, 1, 1)]
)
def test_a_part_of_a_fen_is_never_left_out(tenths: int, per_point: int, fen: int) -> None:
    assert worth_fen(tenths, per_point) == fen


@pytest.mark.parametrize(
    ("amount_fen", "warning"), [(7_499, "over"), (9_375, "near"), (9_376, ""), (7_500, "near"), (100_000, "")]
)
def test_it_is_said_from_eighty_of_a_hundred_on(place: Place, amount_fen: int, warning: str) -> None:
    record(place, amount_fen=amount_fen)
    posted(place, "C01", "F01")
    assert of(place).warning == warning


def test_going_on_like_this_over_the_budget_is_said_before_it_happens(place: Place) -> None:
    figures = BudgetFigures(1, "x", 2026, 10_000, 100, 0, 700, 0, 0, 700, 1_400)
    assert (figures.used_permille, figures.forecast_fen, figures.warning) == (700, 14_000, "ahead")


def test_a_later_row_holds_from_its_day_and_the_past_stays_as_it_was(place: Place) -> None:
    record(place)
    record(place, amount_fen=20_000, active_from=date(2026, 12, 1))
    fund(place, amount_fen=100)
    fund(place, amount_fen=-100, decided_on=date(2026, 12, 1))
    assert (of(place, date(2026, 11, 30)).budget_fen, of(place, date(2026, 11, 30)).funds_fen) == (
        10_000,
        100,
    )
    assert (of(place).budget_fen, of(place).funds_fen) == (20_000, 0)


def test_what_is_taken_back_is_owed_no_longer_and_was_owed_before(place: Place) -> None:
    record(place)
    [deed, _other] = posted(place, "C01", "F01")
    back = s.LATER + timedelta(days=5)
    correction.reverse_deed(
        actor=place.clerk, request_key=uuid4(), deed_id=deed.pk, reason_code="duplicate", at=back
    )
    assert of(place).liability_fen == 7_500
    assert (of(place, clock.local_date(back)).liability_fen, of(place, clock.local_date(back)).used_fen) == (
        5_000,
        5_000,
    )


def test_without_a_budget_points_are_counted_and_no_money_is_invented(place: Place) -> None:
    posted(place, "F01")
    found = of(place)
    assert (found.issued_tenths, found.used_fen, found.liability_fen, found.warning) == (100, None, None, "")


def test_a_key_twice_is_one_row_and_with_something_else_in_it_refused(place: Place) -> None:
    key = uuid4()
    assert record(place, request_key=key).pk == record(place, request_key=key).pk
    with pytest.raises(budget.BudgetKeyUsed):
        record(place, request_key=key, amount_fen=1)
    assert PointsBudget.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"amount_fen": 0}, budget.AmountOutOfRange), ({"amount_fen": 10**12}, budget.AmountOutOfRange),
        ({"fen_per_point": 0}, budget.AmountOutOfRange), ({"year": 2031}, budget.BudgetYearOutOfRange),
        ({"active_from": date(2024, 12, 31)}, budget.BudgetDayOutOfYear), ({"basis": "  "}, budget.BasisNeeded),
    ],
)  # fmt: skip
def test_what_can_not_be_is_refused_and_nothing_is_kept(place: Place, changes, refusal) -> None:
    with pytest.raises(refusal):
        record(place, **changes)
    assert not PointsBudget.objects.exists()


def test_only_who_may_records_and_only_in_his_village(place: Place) -> None:
    for actor in (place.council, place.villager, place.other_clerk):
        with pytest.raises(Forbidden):
            record(place, actor=actor)
    with pytest.raises(budget.SourceNotKnown):
        fund(place, source_code="x")


def test_the_page_records_the_overview_shows_and_the_excel_holds_it(place: Place) -> None:
    posted(place, "C01", "F01")
    with clock.fixed(s.LATER):
        client = browser(place.clerk)
        typed = {
            "year": "2026",
            "amount": "1,000.50",
            "per_point": "5",
            "active_from": "2026-01-01",
            "basis": "决议3号",
        }
        assert client.post("/governance_points/desk/budget/", typed).status_code == 302
        money = {
            "year": "2026",
            "amount": "60000",
            "source": "township",
            "decided_on": "2026-02-01",
            "basis": "乡拨",
        }
        assert client.post("/governance_points/desk/budget/fund/", money).status_code == 302
        page = client.get("/governance_points/desk/budget/").content.decode()
        assert all(word in page for word in ("¥1,000.50", "¥75.00", "7.4%", "¥60,000.00", "乡拨", "clerk"))
        assert "¥75.00" in client.get("/governance_points/desk/overview/").content.decode()
        sent = client.get("/governance_points/desk/overview/?table=budget")
        cells = {c.value for row in load_workbook(io.BytesIO(sent.content)).active.iter_rows() for c in row}
        assert {1000.5, 75, 15, 60000} <= cells
        assert "¥75.00" in browser(place.township).get("/governance_points/desk/overview/").content.decode()
        wrong = client.post("/governance_points/desk/budget/", {**typed, "amount": "很多"})
        assert wrong.status_code == 422 and "很多" in wrong.content.decode()
        assert client.get("/api/v1/governance-points/budgets").json()[0]["used_fen"] == 7_500
