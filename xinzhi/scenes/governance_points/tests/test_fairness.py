"""The fairness report sees what is unfair, says nothing where chance would say it too, and names nobody to a villager."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM, Actor
from xinzhi.kernel.identity.models import User
from xinzhi.kernel.residents import services as residents
from xinzhi.kernel.residents.makeup import makeup
from xinzhi.kernel.residents.models import Household
from xinzhi.kernel.rules import ports
from xinzhi.kernel.workflow import services as workflow
from xinzhi.scenes.governance_points.fairness.report import NoReportOfTheFuture, fairness_report
from xinzhi.scenes.governance_points.models import Deed
from xinzhi.scenes.governance_points.services import publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, TODAY, Place

LATER = NOON + timedelta(days=20)


def homes(place: Place, prefix: str, count: int, *birth_years: int) -> list[Household]:
    """Households whose members were born in these years."""
    return [
        residents.register_household(
            actor=SYSTEM, village_id=place.village.pk, household_no=f"{prefix}{n:03}", source="clerk", at=NOON,
            members=[
                residents.NewMember(
                    name="测示例", relation_code="02" if i == 0 else "20", sex_code="1", birth_date=TODAY.replace(year=year)
                )
                for i, year in enumerate(birth_years)
            ],
        )
        for n in range(count)
    ]  # fmt: skip


def earn(place: Place, given: Sequence[tuple[Household, str]]) -> list[Deed]:
    """One deed for each, in the ledger twenty days later."""
    made = [
        place.claim(
            code, actor=place.clerk, household_id=home.pk, quantity_tenths=10 if code == "D02" else None
        )
        for home, code in given
    ]
    judges = {"C01": place.inspector, "F01": place.council}
    for deed in made:
        verification.verify_deed(actor=judges.get(deed.rule_code, place.clerk2), deed_id=deed.pk, at=NOON)
    publishing.publish_deeds(actor=place.clerk, request_key=uuid4(), village_id=place.village.pk, at=NOON)
    place.let_publication_end()
    return made


def report(place: Place, year: int = 2026):
    return fairness_report([place.village.pk], year=year, today=clock.local_date(LATER))


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(
        User.objects.get(pk=actor.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def test_old_people_who_live_alone_and_get_half_are_seen(place: Place) -> None:
    old, young = homes(place, "O", 12, 1950), homes(place, "Y", 12, 1980, 2010, 2012)
    earn(place, [*((h, "C01") for h in old), *((h, "F01") for h in young)])

    found = report(place)
    rows = {r.code: r for r in found.groups}
    alone = rows["elderly_alone"]
    # 14 others: the twelve, and the two households of the tests, who have nothing
    assert (alone.households, alone.mean_tenths, alone.others_mean_tenths) == (12, 50, round(1200 / 14))
    assert alone.ratio.value == pytest.approx(50 / (1200 / 14))
    assert alone.verdict == "less" and alone.ratio.high < 1
    assert (found.households, found.with_points, found.tenths) == (26, 24, 12 * 50 + 12 * 100)
    assert found.half_is_with == 9
    assert [(c.category, c.deeds, c.permille) for c in found.categories] == [
        ("纠纷调解", 12, 667), ("生态环境", 12, 333),
    ]  # fmt: skip


def test_a_difference_that_chance_makes_as_well_is_no_difference(place: Place) -> None:
    old, young = homes(place, "O", 12, 1950), homes(place, "Y", 12, 1980)
    earn(place, [(h, "C01" if n % 2 else "F01") for n, h in enumerate(old + young)])
    rows = {r.code: r for r in report(place).groups}
    assert rows["elderly_alone"].verdict == "no_difference"


def test_of_a_few_households_nothing_is_said(place: Place) -> None:
    earn(place, [(h, "C01") for h in homes(place, "O", 9, 1950)])
    row = next(r for r in report(place).groups if r.code == "elderly_alone")
    assert (row.verdict, row.ratio, row.mean_tenths, row.others_mean_tenths) == ("too_few", None, None, None)


def test_what_was_taken_back_and_another_year_do_not_count(place: Place) -> None:
    made = earn(place, [(h, "F01") for h in homes(place, "Y", 3, 1980)])
    Deed.objects.filter(pk=made[0].pk).update(state="reversed")
    assert report(place).tenths == 200
    assert (report(place, 2025).tenths, report(place, 2025).gini) == (0, None)
    with pytest.raises(NoReportOfTheFuture):
        report(place, 2027)


def test_somebody_who_returns_what_others_accept_is_seen(place: Place) -> None:
    people = homes(place, "Y", 15, 1980)
    for n, home in enumerate(people):
        deed = place.claim("D02", actor=place.clerk, household_id=home.pk, quantity_tenths=10)
        if n < 12:
            workflow.advance(deed, "return", actor=place.clerk2, at=NOON, reason_code="wrong_day")
        else:
            verification.verify_deed(actor=place.clerk2, deed_id=deed.pk, at=NOON)
    for home in people:
        deed = place.claim("F01", actor=place.clerk, household_id=home.pk)
        verification.verify_deed(actor=place.council, deed_id=deed.pk, at=NOON)
    rows = {r.person_key: r for r in report(place).verifiers}
    strict, other = rows[place.clerk2.person_key], rows[place.council.person_key]
    assert (strict.judged, strict.accepted.value, strict.others_accepted, strict.verdict) == (
        15,
        0.2,
        1.0,
        "less",
    )
    assert (other.judged, other.verdict) == (15, "more")


def test_the_makeup_of_households_follows_the_day(place: Place) -> None:
    (home,) = homes(place, "O", 1, 1967)
    on = {year: makeup([place.village.pk], TODAY.replace(year=year)) for year in (2025, 2026, 2027)}
    assert on[2025] == []  # registered later
    assert [next(h.is_elderly for h in on[year] if h.household_id == home.pk) for year in (2026, 2027)] == [
        False,
        True,
    ]


def test_ratings_of_other_scenes_are_compared(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ports, "_ratings", {})
    ports.register_ratings("yards", "庭院", lambda villages, first, last: [(80, 80), (60, 70), (90, 90)])
    (row,) = report(place).ratings
    assert (row.label, row.agreement.pairs) == ("庭院", 3)
    assert row.agreement.mean_difference == pytest.approx(10 / 3)


def test_a_villager_reads_it_without_names_and_an_office_with_them(place: Place) -> None:
    earn(place, [(h, "F01") for h in homes(place, "O", 12, 1950)])
    with clock.fixed(LATER):
        mine = browser(place.villager).get("/governance_points/fairness/").content.decode()
        office = browser(place.clerk).get("/governance_points/desk/fairness/").content.decode()
        sheet = browser(place.clerk).get("/governance_points/desk/fairness/?table=all").content
        api = browser(place.clerk).get("/api/v1/governance-points/fairness?year=2026").json()
    assert "独居" in mine and "GJ0001" not in mine and "council" not in mine
    assert "council" in office
    assert api["tenths"] == 1200 and api["groups"][0]["code"] == "elderly_alone"
    cells = [row[0] for row in load_workbook(io.BytesIO(sheet)).active.iter_rows(values_only=True)]
    assert "纠纷调解" in cells


def test_it_asks_as_often_for_many_households_as_for_few(place: Place) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as captured:
            report(place)
        return len(captured)

    earn(place, [(h, "F01") for h in homes(place, "A", 2, 1950)])
    few = asked()
    earn(place, [(h, "C01") for h in homes(place, "B", 20, 1950)])
    assert asked() == few <= 8
