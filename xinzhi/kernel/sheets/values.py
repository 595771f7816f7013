"""What people write into cells: days, numbers, points, yes and no, words of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.amounts import PointsNotUnderstood, parse_points

_DATE = re.compile(
    r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?|(\d{2})(\d{2}))"
    r"(?:[ T]\d{1,2}:\d{2}(?::\d{2})?)?\Z",
    re.ASCII,
)
_INT = re.compile(r"[+-]?\d{1,18}\Z", re.ASCII)
_DECIMAL = re.compile(r"[+-]?\d{1,15}(\.\d{1,6})?\Z", re.ASCII)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(\D|\Z))", re.ASCII)
_YES = frozenset(("是", "有", "对", "y", "yes", "true", "1", "√", "✓", "☑"))
_NO = frozenset(("否", "无", "不", "不是", "没有", "n", "no", "false", "0", "×", "✗", "☐", "x"))
_FIRST_YEAR, _LAST_YEAR = 1850, 2200


class Unreadable(Exception):
    """Never shown by itself: a Row turns it into a RowProblem."""

    def __init__(self, problem: str | Promise, remedy: str | Promise) -> None:
        super().__init__()
        self.problem, self.remedy = problem, remedy


def read_date(text: str) -> date:
    match = _DATE.match(text)
    if not match:
        raise Unreadable(
            _("This is not a date."), _("Please write year, month and day, for example 2024-01-05.")
        )
    year, month, day, month2, day2 = match.groups()
    try:
        found = date(int(year), int(month or month2), int(day or day2))
    except ValueError:
        raise Unreadable(
            _("There is no such day in the calendar."), _("Please check month and day.")
        ) from None
    if not _FIRST_YEAR <= found.year <= _LAST_YEAR:
        raise Unreadable(_("The year cannot be right."), _("Please check the year."))
    return found


def _number(text: str) -> str:
    text = text.replace("，", ",").replace("−", "-").replace("－", "-").replace("＋", "+")
    return _THOUSANDS.sub("", text).replace(" ", "")


def read_int(text: str) -> int:
    number = _number(text)
    if re.fullmatch(r"[+-]?\d+\.0+", number):
        number = number.split(".")[0]
    if not _INT.match(number):
        raise Unreadable(_("A whole number is needed."), _("Please write digits only, for example 12."))
    return int(number)


def read_decimal(text: str) -> Decimal:
    number = _number(text)
    if not _DECIMAL.match(number):
        raise Unreadable(_("A number is needed."), _("Please write digits only, for example 12.5."))
    return Decimal(number)


def read_points(text: str) -> int:
    try:
        return parse_points(_number(text.removesuffix("分")))
    except PointsNotUnderstood:
        raise Unreadable(
            _("Points need a number with at most one decimal."), _("Please write for example 5 or 0.5.")
        ) from None


def read_bool(text: str) -> bool:
    word = text.strip().lower()
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise Unreadable(_("Yes or no is needed."), _("Please write 是 or 否."))


def read_choice(text: str, choices: Mapping[str, str]) -> str:
    if text in choices:
        return choices[text]
    plain = {word.lower().replace(" ", ""): meaning for word, meaning in choices.items()}
    found = plain.get(text.lower().replace(" ", ""))
    if found is None:
        raise Unreadable(
            _("This word is not in the list."),
            _("Please choose one of: %(words)s") % {"words": "、".join(choices)},
        )
    return found
