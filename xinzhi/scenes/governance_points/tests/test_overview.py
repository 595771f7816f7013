"""Overviews: figures that equal the deeds behind them, on any past day, for those they are for."""

from __future__ import annotations

import io
from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from xinzhi.kernel.evidence import services as evidence
from xinzhi.kernel.evidence.tests.samples import PHOTOS
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.identity.models import User
from xinzhi.scenes.governance_points.models import Deed, PointsDay
from xinzhi.scenes.governance_points.overview import sums
from xinzhi.scenes.governance_points.overview.figures import overview
from xinzhi.scenes.governance_points.overview.oddities import oddities
from xinzhi.scenes.governance_points.queries import deeds
from xinzhi.scenes.governance_points.services import correction, publishing, verification
from xinzhi.scenes.governance_points.tests.conftest import NOON, TODAY, Place

LATER = NOON + timedelta(days=20)


def posted(place: Place, *codes: str) -> list[Deed]:
    """Deeds of these rules, each for another day, all in the ledger twenty days later."""
    made = [
        place.claim(code, done_on=TODAY - timedelta(days=n), quantity_tenths=10 if code == "D02" else None)
        for n, code in enumerate(codes)
    ]
    verifier = {"C01": place.inspector, "F01": place.council}
    for deed in made:
        verification.verify_deed(actor=verifier.get(deed.rule_code, place.clerk2), deed_id=deed.pk, at=NOON)
    publishing.publish_deeds(actor=place.clerk, request_key=uuid4(), village_id=place.village.pk, at=NOON)
    place.let_publication_end()
    return made


def figures(place: Place, as_of: date, now=LATER):
    return overview({place.village.pk: place.village.name}, as_of=as_of, now=now)


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(
        User.objects.get(pk=actor.user_id), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def test_points_stand_under_their_category_in_the_month_they_came_into_the_ledger(place: Place) -> None:
    posted(place, "C01", "C01", "F01")
    found = figures(place, clock.local_date(LATER))
    assert {r.category: r.tenths[-1] for r in found.categories} == {"生态环境": 100, "纠纷调解": 100}
    assert (found.month_totals[-1], found.deeds_by_month[-1]) == (200, 3)
    assert found.month_totals[-1] == place.balance()


def test_a_figure_leads_to_exactly_its_deeds(place: Place) -> None:
    made = posted(place, "C01", "C01", "F01")
    with clock.fixed(LATER):
        page = deeds.deeds(
            actor=place.clerk,
            village_id=place.village.pk,
            category="生态环境",
            posted_in=clock.local_date(LATER),
        )
        assert {d.id for d in page.items} == {made[0].pk, made[1].pk}
        html = browser(place.clerk).get("/governance_points/desk/overview/").content.decode()
        month = f"{clock.local_date(LATER):%Y-%m}"
        assert f"category=%E7%94%9F%E6%80%81%E7%8E%AF%E5%A2%83&amp;month={month}" in html


def test_what_was_taken_back_counts_against_the_day_it_was_taken_back(place: Place) -> None:
    [deed, _other] = posted(place, "C01", "F01")
    back = LATER + timedelta(days=40)
    correction.reverse_deed(
        actor=place.clerk, request_key=uuid4(), deed_id=deed.pk, reason_code="wrong_household", at=back
    )
    then = figures(place, clock.local_date(LATER), now=back)
    now = figures(place, clock.local_date(back), now=back)
    assert (then.month_totals[-1], sum(now.month_totals)) == (150, 100)
    assert sums.differences() == []


def test_the_sums_equal_the_deeds_and_a_wrong_one_is_named(place: Place) -> None:
    posted(place, "C01", "F01", "D02")
    assert sums.differences() == []
    PointsDay.objects.filter(category="纠纷调解").update(given_tenths=1)
    assert {row[2] for row in sums.differences()} == {"纠纷调解"}


def test_open_work_is_counted_by_state_and_age_and_as_it_was(place: Place) -> None:
    place.claim("C01")
    verified = place.claim("F01", done_on=TODAY - timedelta(days=1))
    verification.verify_deed(actor=place.council, deed_id=verified.pk, at=NOON + timedelta(days=2))
    with clock.fixed(NOON + timedelta(days=10)):
        now = figures(place, clock.today(), now=clock.now())
        assert {r.state: r.ages for r in now.states} == {
            "submitted": (0, 0, 1, 0, 0),
            "verified": (0, 0, 1, 0, 0),
        }
        before = figures(place, TODAY + timedelta(days=1), now=clock.now())
        assert {r.state: r.total for r in before.states} == {"submitted": 2}
        assert figures(place, TODAY - timedelta(days=1), now=clock.now()).states == []


def test_a_township_sees_all_its_villages_and_a_clerk_his_own(place: Place) -> None:
    posted(place, "C01")
    with clock.fixed(LATER):
        town = browser(place.township).get("/governance_points/desk/overview/")
        assert (
            place.village.name in town.content.decode() and place.other_village.name in town.content.decode()
        )
        other = browser(place.other_clerk)
        assert other.get(f"/governance_points/desk/overview/?village={place.village.pk}").status_code == 404
        assert "生态环境" not in other.get("/governance_points/desk/overview/").content.decode()
        assert browser(place.villager).get("/governance_points/desk/overview/").status_code in (403, 404)


@pytest.mark.parametrize(
    "asked", ["as_of=2999-01-01", "as_of=x", "village=x", "village=99999999999999999999"]
)
def test_a_wrong_question_gets_a_sentence(place: Place, asked: str) -> None:
    page = browser(place.clerk).get(f"/governance_points/desk/overview/?{asked}")
    assert page.status_code in (404, 422)


def test_the_excel_holds_what_the_page_shows(place: Place) -> None:
    posted(place, "C01", "F01")
    with clock.fixed(LATER):
        for table in ("months", "states", "villages"):
            sent = browser(place.township).get(f"/governance_points/desk/overview/?table={table}")
            sheet = load_workbook(io.BytesIO(sent.content)).active
            cells = {str(c.value) for row in sheet.iter_rows() for c in row if c.value is not None}
            assert cells, table
            if table == "months":
                assert {"生态环境", "纠纷调解", "5", "10"} <= cells
        assert browser(place.clerk).get("/governance_points/desk/overview/?table=x").status_code == 404


def test_more_deeds_cost_no_query_more(place: Place) -> None:
    def cost() -> int:
        with CaptureQueriesContext(connection) as seen:
            figures(place, clock.local_date(LATER))
        return len(seen)

    posted(place, "C01")
    before = cost()
    posted(place, "F01", "D02")
    assert cost() == before <= 4


def test_odd_patterns_are_remarked_with_their_deeds(place: Place, settings, tmp_path) -> None:
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    made = []
    for n in range(4):
        photo = evidence.store(
            actor=place.villager, data=PHOTOS["image/jpeg"], household_id=place.household.pk, at=NOON
        )
        made.append(place.claim("P01", done_on=TODAY - timedelta(days=n), evidence_ids=[photo.pk]))
    found = {o.code: o for o in oddities([place.village.pk], until=NOON + timedelta(days=1))}
    assert set(found) == {"same_photo", "same_hour"}
    assert found["same_photo"].deed_ids == found["same_hour"].deed_ids == tuple(d.pk for d in made)
    assert oddities([place.other_village.pk], until=NOON + timedelta(days=1)) == []
    with clock.fixed(NOON + timedelta(days=1)):
        page = browser(place.clerk).get("/governance_points/desk/overview/oddities/").content.decode()
    assert page.count(f"/governance_points/desk/deeds/{made[0].pk}/") == 2
