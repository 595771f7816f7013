"""Import of a year's official calendar; and the questions of `queries`, for those who look here."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Invalid
from xinzhi.kernel.workcalendar.models import ImportedDay, ImportedYear
from xinzhi.kernel.workcalendar.queries import (
    add_working_days,
    deadline_after_hours,
    forget_cached,
    is_working_day,
    next_working_day,
    provisional_years,
    working_days_between,
    year_is_provisional,
)
from xinzhi.kernel.workcalendar.tables import read_table

__all__ = [
    "add_working_days",
    "deadline_after_hours",
    "import_year",
    "is_working_day",
    "next_working_day",
    "provisional_years",
    "working_days_between",
    "year_is_provisional",
]

IMPORT = "workcalendar.year.import"


class YearOutOfRange(Invalid):
    code = "workcalendar.year_out_of_range"
    sentence = _("Calendars can be imported for 2008 to 2100; found %(found)s.")


class SourceMissing(Invalid):
    code = "workcalendar.source_missing"
    sentence = _("Name the notice the calendar comes from, by its number.")


class NotText(Invalid):
    code = "workcalendar.not_text"
    sentence = _("The calendar must be a CSV file in UTF-8 or GBK.")


@transaction.atomic
def import_year(
    *, actor: Actor, year: int, table: str | bytes, source: str, at: datetime | None = None
) -> int:
    """Import a year's special days from CSV (day,kind,name; kind is off or work) and return how many.

    Replaces what was known of the year; the same table again changes nothing that counts. Deadlines already
    set stay as they are. Needs workcalendar.year.import everywhere.
    Raises Forbidden, YearOutOfRange, SourceMissing, NotText, CalendarRowWrong, CalendarIncomplete.
    """
    at = at or clock.now()
    actor.require(IMPORT, scope_path="")
    if not 2008 <= year <= 2100:
        raise YearOutOfRange(found=year, field="year")
    source = source.replace("\x00", "").strip()[:120]
    if not source:
        raise SourceMissing(field="source")
    days = read_table(year, _text(table))
    with connection.cursor() as cursor:  # two imports of one year at once: the later one counts
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [0x57434C, year])
    row, _is_new = ImportedYear.objects.update_or_create(
        year=year, defaults={"source": source, "imported_by": actor.person_key, "imported_at": at}
    )
    ImportedDay.objects.filter(year=row).delete()
    ImportedDay.objects.bulk_create(
        [ImportedDay(year=row, day=d.day, kind=d.kind, name=d.name) for d in days]
    )
    audit.record(
        actor=actor, action="workcalendar.import_year", subject=f"year:{year}", at=at, count=len(days)
    )
    forget_cached()
    transaction.on_commit(forget_cached)
    return len(days)


def _text(table: str | bytes) -> str:
    if isinstance(table, str):
        return table
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return table.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise NotText(field="table")
