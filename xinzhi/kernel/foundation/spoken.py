"""Numbers and days as they are said aloud."""

from __future__ import annotations

from datetime import date

from django.utils.translation import get_language

_DIGITS = "零一二三四五六七八九"
_UNITS = ("", "十", "百", "千")
_GROUPS = ("", "万", "亿")


def in_chinese_words(number: int) -> str:
    """12 → 十二, 101 → 一百零一, 20,300 → 二万零三百. Whole numbers below 10¹². Raises ValueError beyond."""
    if abs(number) >= 10**12:
        raise ValueError("numbers are said up to 999,999,999,999")
    if number < 0:
        return f"负{in_chinese_words(-number)}"
    if number == 0:
        return _DIGITS[0]
    groups = []
    while number:
        number, group = divmod(number, 10_000)
        groups.append(group)
    said = ""
    for position in range(len(groups) - 1, -1, -1):
        group = groups[position]
        if not group:
            continue
        gap = said and (group < 1000 or not groups[position + 1])
        said += ("零" if gap else "") + _thousands(group) + _GROUPS[position]
    return said.removeprefix("一") if said.startswith("一十") else said


def _thousands(number: int) -> str:
    said, gap = "", False
    for position in range(3, -1, -1):
        digit = number // 10**position % 10
        if digit:
            said += ("零" if gap and said else "") + _DIGITS[digit] + _UNITS[position]
            gap = False
        else:
            gap = True
    return said


def digit_by_digit(text: str) -> str:
    """Years and house numbers are read digit by digit: 2026 → 二零二六. Other characters stay."""
    return "".join(_DIGITS[int(c)] if c.isascii() and c.isdigit() else c for c in text)


def say_points(tenths: int) -> str:
    """25 tenths → 二点五 (2.5 in English); without a sign."""
    whole, tenth = divmod(abs(tenths), 10)
    if not _chinese():
        return f"{whole}.{tenth}" if tenth else str(whole)
    return in_chinese_words(whole) + (f"点{_DIGITS[tenth]}" if tenth else "")


def say_number(number: int) -> str:
    return in_chinese_words(number) if _chinese() else str(number)


def say_day(day: date) -> str:
    """十一月二十九日, or 29 November."""
    if _chinese():
        return f"{in_chinese_words(day.month)}月{in_chinese_words(day.day)}日"
    return f"{day.day} {day:%B}"


def _chinese() -> bool:
    return (get_language() or "zh").startswith("zh")
