"""Clocks and quorums by place and day, each with its article; the strictest wins (village.md 1.5, 2.2, 9.2)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.regions import queries as regions
from xinzhi.kernel.regions import services as region_services
from xinzhi.kernel.rules import legal_profile
from xinzhi.kernel.rules.legal_profile import NotInForce, Standard, standard

GAOJIATANG, ANHUI = "330523206203", "341822100200"
TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("key", "code", "day", "value", "article"),
    [
        ("charter.filing", GAOJIATANG, TODAY, 10, "湖州市法治乡村建设条例第十四条"),
        ("charter.filing", GAOJIATANG, date(2020, 11, 1), 10, "湖州市法治乡村建设条例第十四条"),
        ("charter.filing", GAOJIATANG, date(2020, 10, 31), 10, "村民委员会组织法第二十七条"),
        ("charter.filing", ANHUI, TODAY, 10, "村民委员会组织法第二十七条"),
        ("charter.correction", GAOJIATANG, TODAY, 30, "湖州市法治乡村建设条例第十四条"),
        ("charter.publication_least", GAOJIATANG, TODAY, 3, "通行做法"),
        ("charter.publication_most", GAOJIATANG, TODAY, 15, "十五日"),
        ("village_meeting.notice", GAOJIATANG, TODAY, 10, "浙江省实施《村民委员会组织法》办法第十二条"),
        ("village_meeting.quorum_households", GAOJIATANG, TODAY, Fraction(2, 3), "第十三条"),
        ("village_meeting.quorum_households", ANHUI, TODAY, Fraction(2, 3), "村民委员会组织法第二十二条"),
        ("village_meeting.quorum_adults", ANHUI, TODAY, Fraction(1, 2), "村民委员会组织法第二十二条"),
        ("village_meeting.majority", ANHUI, TODAY, Fraction(1, 2), "村民委员会组织法第二十二条"),
        ("dividend.reserve", GAOJIATANG, TODAY, Fraction(30, 100), "第三十二条"),
    ],
)
def test_a_place_and_a_day_have_their_number_and_its_article(key, code, day, value, article):
    found = standard(key, code, day)
    assert (found.value, article in found.article) == (value, True)


def test_what_a_law_asks_for_is_told_apart_from_what_is_usually_done():
    assert standard("charter.filing", GAOJIATANG, TODAY).is_law
    assert not standard("charter.filing", ANHUI, TODAY).is_law
    assert not standard("charter.publication_least", GAOJIATANG, TODAY).is_law


def test_what_does_not_hold_there_or_then_is_not_invented():
    for key, code, day in (
        ("dividend.reserve", ANHUI, TODAY),
        ("assembly.quorum", GAOJIATANG, date(2025, 4, 30)),
        ("no.such", GAOJIATANG, TODAY),
    ):
        with pytest.raises(NotInForce):
            standard(key, code, day)


@pytest.mark.parametrize(
    ("key", "part", "whole", "holds"),
    [
        ("village_meeting.quorum_households", 268, 403, False),  # two thirds of 403 are 268 2/3
        ("village_meeting.quorum_households", 269, 403, True),
        ("village_meeting.quorum_households", 2, 3, True),
        ("village_meeting.quorum_adults", 700, 1400, False),  # half is not more than half
        ("village_meeting.quorum_adults", 701, 1400, True),
        ("village_meeting.majority", 135, 269, True),
        ("village_meeting.majority", 134, 269, False),
        ("charter.filing", 10, 1, True),
        ("charter.filing", 11, 1, False),
        ("dividend.reserve", 2999, 10000, False),
    ],
)
def test_a_share_is_counted_exactly(key, part, whole, holds):
    assert standard(key, GAOJIATANG, TODAY).holds_for(part, whole) is holds


@given(st.integers(1, 10_000), st.sampled_from(["quorum_households", "quorum_adults", "majority"]))
def test_the_least_number_is_the_first_that_holds(whole, key):
    found = standard(f"village_meeting.{key}", GAOJIATANG, TODAY)
    least = found.least_of(whole)
    assert found.holds_for(least, whole) and not found.holds_for(least - 1, whole)


def test_of_two_that_hold_the_strictest_wins_and_of_equals_the_nearest(monkeypatch):
    def row(value, region, sense="at_most"):
        return Standard(
            "k", sense, Fraction(value), "days", "law", region, date(2020, 1, 1), None, f"{region}:{value}"
        )

    monkeypatch.setattr(legal_profile, "rows", lambda: (row(10, ""), row(7, "33"), row(9, "3305")))
    assert standard("k", GAOJIATANG, TODAY).article == "33:7"
    monkeypatch.setattr(legal_profile, "rows", lambda: (row(10, "", "at_least"), row(12, "33", "at_least")))
    assert standard("k", GAOJIATANG, TODAY).article == "33:12"
    monkeypatch.setattr(legal_profile, "rows", lambda: (row(10, ""), row(10, "3305")))
    assert standard("k", GAOJIATANG, TODAY).article == "3305:10"


def test_a_term_ends_at_midnight_after_its_last_day():
    found = standard("charter.filing", GAOJIATANG, TODAY)
    assert found.last_day_from(TODAY) == date(2026, 12, 3)
    assert found.ends_at(TODAY) == datetime(2026, 12, 3, 16, tzinfo=UTC)


def test_a_region_is_known_by_its_code_of_the_day(db):
    rows = (("330000000000", "浙江省"), ("330500000000", "湖州市"), ("330523000000", "安吉县"))
    region_services.import_divisions(actor=SYSTEM, rows=rows)
    region = regions.region_by_code("330523000000")
    assert legal_profile.standard_for("charter.filing", region.pk, TODAY).is_law
    both = legal_profile.standards_for(("charter.filing", "charter.correction"), region.pk, TODAY)
    assert {k: s.days for k, s in both.items()} == {"charter.filing": 10, "charter.correction": 30}


def test_every_key_of_the_nation_or_a_place_is_read():
    assert len(legal_profile.rows()) >= 20
    assert all(row.active_to is None or row.active_to > row.active_from for row in legal_profile.rows())
