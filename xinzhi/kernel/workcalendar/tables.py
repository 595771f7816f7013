"""Reads calendar tables (day, kind, name): the bundled files and what an administrator imports. No database."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.foundation.errors import Invalid

DATA = Path(__file__).parent / "data"
_MAX_ROWS = 366


class CalendarRowWrong(Invalid):
    code = "workcalendar.row_wrong"
    sentence = _(
        "Row %(row)s of the calendar needs a day of %(year)s such as %(year)s-10-01 and “off” or “work”, each day "
        "once; found “%(found)s”. Nothing was imported."
    )


class CalendarIncomplete(Invalid):
    code = "workcalendar.incomplete"
    sentence = _(
        "A year has at least 11 official days off; found %(found)s. Import the whole notice. Nothing was imported."
    )


@dataclass(frozen=True, slots=True)
class SpecialDay:
    """A day that differs from Monday to Friday. `kind` is "off" or "work"."""

    day: date
    kind: str
    name: str


def read_table(year: int, text: str) -> list[SpecialDay]:
    """The special days of a CSV text with the header day,kind,name. Raises CalendarRowWrong, CalendarIncomplete."""
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""))
    days: dict[date, SpecialDay] = {}
    try:
        for number, row in enumerate(rows, start=1):
            if not any(cell.strip() for cell in row) or (number == 1 and row[0].strip() == "day"):
                continue
            special = _special_day(row)
            if special is None or special.day.year != year or special.day in days or len(days) >= _MAX_ROWS:
                raise CalendarRowWrong(row=number, year=year, found=",".join(row)[:60])
            days[special.day] = special
    except csv.Error:
        raise CalendarRowWrong(row=rows.line_num, year=year, found="?") from None
    found = sum(d.kind == "off" for d in days.values())
    if found < 11:  # the least the law has given since 2008
        raise CalendarIncomplete(found=found)
    return sorted(days.values(), key=lambda d: d.day)


def _special_day(row: list[str]) -> SpecialDay | None:
    cells = [cell.replace("\x00", "").strip() for cell in row]
    if len(cells) < 2 or cells[1] not in ("off", "work"):
        return None
    try:
        return SpecialDay(date.fromisoformat(cells[0]), cells[1], cells[2][:40] if len(cells) > 2 else "")
    except ValueError:
        return None


@cache
def bundled() -> dict[int, dict[date, SpecialDay]]:
    """The years that come with the package."""
    years = {}
    for path in sorted(DATA.glob("cn_*.csv")):
        year = int(path.stem.removeprefix("cn_"))
        years[year] = {d.day: d for d in read_table(year, path.read_text(encoding="utf-8"))}
    return years
