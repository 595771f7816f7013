"""What a deed is worth: by its rule, within its caps, never more."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.scenes.governance_points.charter import Cap, CharterRule, expiry_of, period_of
from xinzhi.scenes.governance_points.scoring import (
    Counted,
    GradeNeeded,
    QuantityNeeded,
    QuantityOutOfRange,
    explain,
    score,
)

DAY = date(2026, 11, 23)  # a Monday
CLEANING = CharterRule(
    "C01", "生态环境", "参加村庄清洁行动", "fixed", points_tenths=50, caps=(Cap("month", points_tenths=120),)
)
LABOUR = CharterRule(
    "D02", "公共参与", "参加公益劳动", "per_unit", points_tenths=80, unit="半天", max_quantity_tenths=40
)
# Kitchen waste is graded 10/8/6/0 in 兴柴村 (village.md 1.3 d, T7).
WASTE = CharterRule(
    "W01", "垃圾分类", "易腐垃圾", "by_grade", grades={"优": 100, "良": 80, "一般": 60, "差": 0}
)


def test_t7_kitchen_waste_grades_are_10_8_6_0():
    scores = [
        score(WASTE, done_on=DAY, quantity_tenths=None, grade=g).points_tenths
        for g in ("优", "良", "一般", "差")
    ]
    assert scores == [100, 80, 60, 0]


def test_t5_a_yearly_cap_of_three_trainings_leaves_nothing_for_the_fourth():
    training = CharterRule(
        "T01", "培训", "参加培训", "fixed", points_tenths=10, caps=(Cap("year", points_tenths=30),)
    )
    earlier = [Counted(date(2026, m, 1), 10) for m in (1, 5, 9)]
    assert score(training, done_on=DAY, quantity_tenths=None, grade="", counted=earlier).points_tenths == 0
    assert (
        score(
            training, done_on=date(2027, 1, 2), quantity_tenths=None, grade="", counted=earlier
        ).points_tenths
        == 10
    )


def test_a_cap_in_points_gives_what_is_left_of_it():
    scored = score(
        CLEANING,
        done_on=DAY,
        quantity_tenths=None,
        grade="",
        counted=[Counted(date(2026, 11, 2), 50), Counted(DAY, 50)],
    )
    assert (scored.raw_tenths, scored.points_tenths) == (50, 20)
    assert [s["step"] for s in scored.steps] == ["fixed", "cap_points"]


def test_a_cap_in_times_counts_deeds_and_not_points():
    rule = CharterRule("A01", "党建引领", "签到", "fixed", points_tenths=50, caps=(Cap("day", times=1),))
    assert (
        score(rule, done_on=DAY, quantity_tenths=None, grade="", counted=[Counted(DAY, 50)]).points_tenths
        == 0
    )
    assert (
        score(
            rule, done_on=DAY, quantity_tenths=None, grade="", counted=[Counted(date(2026, 11, 22), 50)]
        ).points_tenths
        == 50
    )


def test_a_rule_by_quantity_multiplies_and_cuts_below_a_tenth():
    small = CharterRule("D9", "x", "x", "per_unit", points_tenths=1, unit="次")
    assert score(LABOUR, done_on=DAY, quantity_tenths=15, grade="").points_tenths == 120
    assert score(small, done_on=DAY, quantity_tenths=15, grade="").points_tenths == 1


@pytest.mark.parametrize(
    ("rule", "quantity", "grade", "refusal"),
    [
        (LABOUR, None, "", QuantityNeeded),
        (LABOUR, 0, "", QuantityOutOfRange),
        (LABOUR, -10, "", QuantityOutOfRange),
        (LABOUR, 41, "", QuantityOutOfRange),
        (WASTE, None, "特优", GradeNeeded),
        (WASTE, None, "", GradeNeeded),
    ],
)
def test_a_deed_that_does_not_fit_its_rule_is_refused_with_a_sentence(rule, quantity, grade, refusal):
    with pytest.raises(refusal) as raised:
        score(rule, done_on=DAY, quantity_tenths=quantity, grade=grade)
    assert "%" not in raised.value.message


deeds = st.lists(
    st.tuples(st.dates(date(2026, 1, 1), date(2026, 12, 31)), st.integers(0, 200)).map(lambda t: Counted(*t)),
    max_size=30,
)


@given(
    earlier=deeds,
    cap=st.integers(1, 500),
    points=st.integers(1, 300),
    day=st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
def test_no_deed_takes_a_household_over_a_cap(earlier, cap, points, day):
    rule = CharterRule("X", "x", "x", "fixed", points_tenths=points, caps=(Cap("month", points_tenths=cap),))
    scored = score(rule, done_on=day, quantity_tenths=None, grade="", counted=earlier)
    first, after = period_of(day, "month")
    used = sum(c.points_tenths for c in earlier if first <= c.done_on < after)
    assert 0 <= scored.points_tenths <= points
    assert scored.points_tenths == 0 or used + scored.points_tenths <= cap
    assert len(explain(scored.steps)) == len(scored.steps)


@given(
    day=st.dates(date(2020, 1, 1), date(2035, 12, 31)),
    period=st.sampled_from(["day", "week", "month", "quarter", "year"]),
)
def test_every_day_lies_in_its_period_and_the_next_day_after_it_in_the_next(day, period):
    first, after = period_of(day, period)
    assert first <= day < after
    assert period_of(after, period)[0] == after


@pytest.mark.parametrize(
    ("done_on", "expires_on"),
    [
        (date(2026, 11, 23), date(2028, 1, 1)),
        (date(2026, 1, 1), date(2027, 4, 1)),
        (date(2026, 9, 30), date(2027, 10, 1)),
    ],
)
def test_points_expire_twelve_months_after_the_end_of_their_quarter(done_on, expires_on):
    assert expiry_of(done_on) == expires_on
