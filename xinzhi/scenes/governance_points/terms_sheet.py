"""Terms in the charter's Excel sheet: rows of the category 约定, one a term, its value where rules have their points."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Protocol

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.amounts import PointsNotUnderstood, format_points, parse_points
from xinzhi.kernel.sheets.table import Words
from xinzhi.scenes.governance_points.charter import PERIODS, Cap, Period
from xinzhi.scenes.governance_points.charter_terms import SHARE_FROM_DEFAULT, Band, Terms, Validity

#: What stands under 类别 in the row of a term.
TERM = "约定"
TERM_WORDS = (TERM, "term")
TITLES = {
    "星级档次": "bands", "年度基础分": "year_base_tenths", "每户上限": "household_caps", "类别占比": "category_percent",
    "占比起算": "share_from_tenths", "补报期限": "late_entry_days", "积分有效期": "validity", "年度清零日": "reset_on",
    "分红口径": "dividend_counts",
}  # fmt: skip
NAMES = {key: title for title, key in TITLES.items()}
EXAMPLES: dict[str, str] = {
    "bands": "五星>1060;四星>1040;三星>1020;二星>990;一星>=800;零星",
    "year_base_tenths": "1000", "category_percent": "50;生态环境:40", "share_from_tenths": "100", "late_entry_days": "30",
    "validity": "季末+12个月", "reset_on": "01-10", "dividend_counts": "当年获得",
}  # fmt: skip
AFTER = {"当日": "day", "日": "day", "季末": "quarter", "年末": "year"}
AFTER_WORDS = {"day": "当日", "quarter": "季末", "year": "年末"}
DIVIDEND = {"当年获得": "earned", "earned": "earned", "扣除已用": "unspent", "unspent": "unspent"}
DIVIDEND_WORDS = {"earned": "当年获得", "unspent": "扣除已用"}
LONGEST_LATE_DAYS = 366
LONGEST_VALIDITY_MONTHS = 60

_BAND = re.compile(r"([^\s<>=≥>:：;；]{1,12})\s*(?:(>=|≥|>)\s*(\d{1,6}(?:\.\d)?))?\Z")
_SHARE = re.compile(r"(?:([^:：;；%]{1,60})[:：])?\s*(\d{1,2})\s*[%％]?\Z")
_VALIDITY = re.compile(r"(当日|日|季末|年末)\s*[+＋]?\s*(\d{1,2})\s*(?:个月|月)?\Z")
#: Excel makes a day of a year of it, and 0.5 of 50%.
_RESET = re.compile(r"(?:\d{4}[-年/.])?(\d{1,2})[-月/.](\d{1,2})日?\Z", re.ASCII)
_PART = re.compile(r"0\.(\d{1,2})\Z", re.ASCII)


class Reader(Protocol):
    """What reads a row of the sheet and collects what is wrong."""

    def text(self, key: str) -> str: ...
    def refuse(self, key: str, problem: Words, remedy: Words) -> None: ...
    def caps(self) -> tuple[Cap, ...]: ...


def read_term(reader: Reader) -> tuple[str, Any] | None:
    """The field of `Terms` and its value, or None when the reader has refused it."""
    title = reader.text("title")
    key = TITLES.get(title, title if title in NAMES else "")
    if not key:
        reader.refuse(
            "title", _("this term is not known"), _("write one of %(words)s") % {"words": "、".join(TITLES)}
        )
        return None
    if key == "household_caps":
        caps = reader.caps()
        if not caps:
            reader.refuse(
                "month",
                _("a cap is points or a number of times"),
                _("write for example 60 in the column of the month"),
            )
            return None
        return key, caps
    value = _READERS[key](reader.text("points"))
    if value is None:
        reader.refuse(
            "points",
            _("this value does not fit the term"),
            _("write for example %(example)s") % {"example": EXAMPLES[key]},
        )
        return None
    return key, value


def _parts(written: str) -> list[str]:
    return [p.strip() for p in re.split(r"[;；]", written) if p.strip()]


def _bands(written: str) -> tuple[Band, ...] | None:
    """Highest first, each lower than the one before; only the last may be without a number."""
    bands: list[Band] = []
    for part in _parts(written):
        match = _BAND.match(part)
        if match is None or (bands and bands[-1].tenths is None):
            return None
        tenths = parse_points(match[3]) if match[3] else None
        if bands and tenths is not None and tenths >= (bands[-1].tenths or 0):
            return None
        bands.append(Band(match[1], tenths, match[2] == ">"))
    titles = {b.title for b in bands}
    return tuple(bands) if bands and len(titles) == len(bands) and bands[0].tenths is not None else None


def _tenths(written: str) -> int | None:
    try:
        found = parse_points(written)
    except PointsNotUnderstood:
        return None
    return found if 0 <= found <= 100_000 else None


def _shares(written: str) -> dict[str, int] | None:
    found: dict[str, int] = {}
    for part in _parts(written):
        match = _SHARE.match(f"{part[2:]:0<2}" if _PART.match(part) else part)
        if match is None or not 1 <= int(match[2]) <= 99 or (match[1] or "").strip() in found:
            return None
        found[(match[1] or "").strip()] = int(match[2])
    return found or None


def _late(written: str) -> int | None:
    return (
        int(written)
        if re.fullmatch(r"\d{1,3}", written, re.ASCII) and 1 <= int(written) <= LONGEST_LATE_DAYS
        else None
    )


def _validity(written: str) -> Validity | None:
    match = _VALIDITY.match(written)
    if match is None or int(match[2]) > LONGEST_VALIDITY_MONTHS:
        return None
    after: Any = AFTER[match[1]]
    return Validity(after, int(match[2]))


def _reset(written: str) -> tuple[int, int] | None:
    match = _RESET.match(written)
    if match is None or not (1 <= int(match[1]) <= 12 and 1 <= int(match[2]) <= 28):
        return None  # the 29th is not there every year
    return int(match[1]), int(match[2])


_READERS: dict[str, Callable[[str], Any]] = {
    "bands": _bands, "year_base_tenths": _tenths, "category_percent": _shares, "share_from_tenths": _tenths,
    "late_entry_days": _late, "validity": _validity, "reset_on": _reset, "dividend_counts": DIVIDEND.get,
}  # fmt: skip


def plain(tenths: int) -> str:
    """Points as a sheet holds them: no thousands, an ordinary minus."""
    return format_points(tenths).replace("−", "-").replace(",", "")


def band_words(band: Band) -> str:
    """五星>1060"""
    return (
        band.title
        if band.tenths is None
        else f"{band.title}{'>' if band.above else '>='}{plain(band.tenths)}"
    )


def term_values(terms: Terms) -> list[tuple[str, str]]:
    """Title and value of each term that is not as by default; the caps of a household have no value but their columns."""
    found: list[tuple[str, str]] = []
    if terms.bands:
        found.append(("bands", ";".join(band_words(b) for b in terms.bands)))
    if terms.year_base_tenths:
        found.append(("year_base_tenths", plain(terms.year_base_tenths)))
    if terms.household_caps:
        found.append(("household_caps", ""))
    if terms.category_percent:
        found.append(
            (
                "category_percent",
                ";".join(f"{c}:{p}" if c else str(p) for c, p in terms.category_percent.items()),
            )
        )
    if terms.share_from_tenths != SHARE_FROM_DEFAULT:
        found.append(("share_from_tenths", plain(terms.share_from_tenths)))
    if terms.late_entry_days != Terms().late_entry_days:
        found.append(("late_entry_days", str(terms.late_entry_days)))
    if terms.validity != Validity():
        found.append(("validity", f"{AFTER_WORDS[terms.validity.after]}+{terms.validity.months}个月"))
    if terms.reset_on:
        found.append(("reset_on", "{:02}-{:02}".format(*terms.reset_on)))
    if terms.dividend_counts != "earned":
        found.append(("dividend_counts", DIVIDEND_WORDS[terms.dividend_counts]))
    return [(NAMES[key], value) for key, value in found]


def cap_words(caps: tuple[Cap, ...], period: Period) -> str:
    """30 (points) or 2次 (times), as a cap column holds it; empty without one."""
    for cap in caps:
        if cap.period == period:
            return f"{cap.times}次" if cap.times is not None else plain(cap.points_tenths or 0)
    return ""


def term_rows(terms: Terms, keys: tuple[str, ...]) -> list[list[str]]:
    """Rows of a charter sheet with these columns, the way `read_term` reads them back."""
    rows = []
    for number, (title, value) in enumerate(term_values(terms), start=1):
        cells = {
            "code": f"T{number:02}",
            "category": TERM,
            "title": title,
            "points_kind": TERM,
            "points": value,
        }
        if title == NAMES["household_caps"]:
            cells |= {p: cap_words(terms.household_caps, p) for p in PERIODS}
        rows.append([cells.get(key, "") for key in keys])
    return rows
