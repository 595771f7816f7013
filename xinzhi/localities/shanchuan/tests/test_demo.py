"""The demo township: a year of deeds through the services of real data, with work waiting at every stage."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from xinzhi.kernel.foundation import clock
from xinzhi.kernel.ledger import queries as ledger
from xinzhi.kernel.notices.models import Objection, Publication
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.residents.models import Household
from xinzhi.localities.shanchuan.demo import load as demo
from xinzhi.localities.shanchuan.demo.places import VILLAGES
from xinzhi.localities.shanchuan.demo.staff import SHOWN_VILLAGE
from xinzhi.scenes.governance_points.models import Deed, MeetingItem
from xinzhi.scenes.governance_points.overview import sums
from xinzhi.scenes.governance_points.replaying import replay

pytestmark = [pytest.mark.django_db, pytest.mark.slow]


@pytest.fixture
def small_villages(monkeypatch):
    """The same township with a tenth of its households and two months: what it promises does not depend on them."""
    few = tuple(replace(v, households=v.households // 10) for v in VILLAGES)
    monkeypatch.setattr(demo, "VILLAGES", few)
    monkeypatch.setattr(demo, "MONTHS", 2)
    return few


@pytest.mark.parametrize("today", [date(2027, 1, 3), date(2028, 2, 29)])
def test_work_waits_at_every_stage_in_every_village_on_whatever_day(
    small_villages, settings, tmp_path, today
):
    settings.STATE_DIR = tmp_path

    logins = demo.load(today=today)

    for village in small_villages:
        states = set(
            Deed.objects.filter(village=regions.region_by_code(village.code)).values_list("state", flat=True)
        )
        assert {
            "submitted",
            "returned",
            "noticed",
            "heard",
            "verified",
            "published",
            "posted",
            "reversed",
        } <= states, village.name
        assert (
            Objection.objects.filter(village=regions.region_by_code(village.code), state="filed").count() == 1
        )
        assert Publication.objects.filter(village=regions.region_by_code(village.code), state="open").exists()
        assert (
            Household.objects.filter(village=regions.region_by_code(village.code)).count()
            == village.households
        )
    for village in small_villages:
        for year in (today.year - 1, today.year):
            scored_again = replay(village_id=regions.region_by_code(village.code).pk, year=year)
            assert scored_again.differences == [], village.name
    assert sums.differences() == sums.year_differences() == []
    shown = regions.region_by_code(SHOWN_VILLAGE.code)
    assert MeetingItem.objects.filter(meeting__village=shown, meeting__state="prepared").count() == 2
    assert {entry.role for entry in logins} >= {"villager", "village_clerk", "inspector", "township_officer"}
    assert ledger.verify() == []


def test_the_second_load_changes_nothing(small_villages, settings, tmp_path):
    settings.STATE_DIR = tmp_path
    demo.load(today=clock.today())
    before = Deed.objects.count()

    assert demo.load(today=clock.today()) == []
    assert Deed.objects.count() == before
