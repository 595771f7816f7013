"""Numbers and days as they are said aloud."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from xinzhi.kernel.foundation.spoken import digit_by_digit, in_chinese_words, say_day, say_points


@pytest.mark.parametrize(
    ("number", "words"),
    [(0, "零"), (5, "五"), (10, "十"), (12, "十二"), (20, "二十"), (100, "一百"), (101, "一百零一"), (110, "一百一十"),
     (1001, "一千零一"), (1010, "一千零一十"), (10_000, "一万"), (100_000, "十万"), (20_300, "二万零三百"), (10_001, "一万零一"),
     (120_034, "十二万零三十四"), (100_000_000, "一亿"), (100_010_000, "一亿零一万"), (-7, "负七")],
)  # fmt: skip
def test_numbers_are_said_as_people_say_them(number, words):
    assert in_chinese_words(number) == words


@given(st.integers(0, 10**12 - 1))
def test_what_is_said_is_the_number(number):
    """Read back by the rules of the language, written independently."""
    value = {c: n for n, c in enumerate("零一二三四五六七八九")}
    unit = {"十": 10, "百": 100, "千": 1000}
    total = section = digit = 0
    for c in in_chinese_words(number):
        if c in value:
            digit = value[c]
        elif c in unit:
            section += (digit or 1) * unit[c]
            digit = 0
        else:
            total += (section + digit) * {"万": 10**4, "亿": 10**8}[c]
            section = digit = 0
    assert total + section + digit == number


def test_days_points_and_years():
    with translation.override("zh-hans"):
        assert (say_day(date(2026, 11, 29)), say_points(25), say_points(100)) == (
            "十一月二十九日",
            "二点五",
            "十",
        )
    assert digit_by_digit("2026") == "二零二六"
    with translation.override("en"):
        assert (say_day(date(2026, 11, 29)), say_points(25)) == ("29 November", "2.5")
