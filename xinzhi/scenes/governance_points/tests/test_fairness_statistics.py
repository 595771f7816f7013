"""The statistics of the fairness report give the numbers of their sources."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.scenes.governance_points.fairness import statistics as s

POINTS = st.lists(st.integers(0, 10_000), min_size=2, max_size=60)


@pytest.mark.parametrize(
    ("values", "expected"),
    [([1, 1, 1, 1], 0.0), ([1, 2, 3, 4], 0.25), ([0, 0, 0, 12], 0.75), ([0, 0], None), ([], None)],
)
def test_gini(values, expected):
    assert s.gini(values) == (pytest.approx(expected) if expected is not None else None)


@given(POINTS)
def test_gini_is_half_the_mean_difference_over_the_mean(values):
    """The definition the formula stands for, pair by pair."""
    found = s.gini(values)
    if not sum(values):
        assert found is None
        return
    n = len(values)
    pairs = sum(abs(a - b) for a in values for b in values)
    assert found == pytest.approx(pairs / (2 * n * sum(values)), abs=1e-9)
    assert 0 <= found + 1e-12 < 1


@given(POINTS)
def test_half_is_with_those_who_have_most(values):
    n, ranked = s.holders_of_half(values), sorted(values, reverse=True)
    assert 2 * sum(ranked[:n]) >= sum(values)
    assert n == 0 or not sum(values) or 2 * sum(ranked[: n - 1]) < sum(values)


def test_wilson_1927_half_of_twenty():
    found = s.share(10, 20)
    assert (found.low, found.high) == (pytest.approx(0.2993, abs=1e-4), pytest.approx(0.7007, abs=1e-4))
    assert s.share(0, 0) is None
    assert s.share(0, 10).low == 0.0


def test_newcombe_1998_method_10_example_a():
    """56 of 70 beside 48 of 80: 0.0524 to 0.3339."""
    found = s.difference_of_shares(56, 70, 48, 80)
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == (pytest.approx(0.0524, abs=1e-4), pytest.approx(0.3339, abs=1e-4))


@pytest.mark.parametrize(
    ("freedom", "expected"), [(3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (1000, 1.962)]
)
def test_student_table(freedom, expected):
    assert s.student_975(freedom) == pytest.approx(expected, rel=0.01)


def test_a_ratio_of_means_has_an_interval_that_grows_with_the_spread():
    calm = s.ratio_of_means(s.sample([90, 100, 110] * 10), s.sample([190, 200, 210] * 10))
    wild = s.ratio_of_means(s.sample([0, 0, 300] * 10), s.sample([0, 0, 600] * 10))
    assert calm.value == wild.value == pytest.approx(0.5)
    assert calm.low > 0.48 and calm.high < 0.52
    assert wild.low < 0.3 and wild.high > 0.8
    assert s.ratio_of_means(s.sample([5]), s.sample([1, 2])) is None
    assert s.ratio_of_means(s.sample([0, 0]), s.sample([1, 2])) is None


@given(POINTS, POINTS)
def test_what_is_taken_out_of_everybody_leaves_the_others(group, others):
    assert s.sample(group + others) - s.sample(group) == s.sample(others)


def test_raters_who_always_agree_and_raters_who_do_not():
    same = s.agreement([(60, 60), (80, 80), (95, 95)])
    assert (same.mean_difference, same.icc) == (0, 1)
    opposed = s.agreement([(60, 80), (80, 60), (60, 80), (80, 60)])
    assert opposed.mean_difference == 20 and opposed.icc == pytest.approx(-1)
    assert s.agreement([(1, 1)]) is None
    assert s.agreement([(7, 7), (7, 7)]).icc is None
