"""What one can do here."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from xinzhi.kernel.assembly import services as assembly
from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.events import services as events
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.errors import Conflict, Invalid
from xinzhi.kernel.regions import queries as regions
from xinzhi.scenes._example.events import EntryNoted
from xinzhi.scenes._example.models import Entry

NOTE = "example.entry.note"
LONGEST_TITLE = 80


class TitleNeeded(Invalid):
    code = "example.title_needed"
    sentence = _("Write what is noted, in 1 to %(most)s characters; found %(found)s.")


class DayInFuture(Invalid):
    code = "example.day_in_future"
    sentence = _("The day may be today (%(today)s) at the latest; found %(found)s.")


class RequestKeyUsed(Conflict):
    code = "example.request_key_used"
    sentence = _("This form was already sent for another village. Open the page again and send it once more.")


@transaction.atomic
def note_entry(
    *, actor: Actor, request_key: UUID, village_id: int, title: str, noted_on: date, at: datetime
) -> Entry:
    """Note something in a village's register (登记台账). The same request key again returns the first entry.

    Raises Forbidden, SwitchedOff, TitleNeeded, DayInFuture, RequestKeyUsed.
    """
    actor.require(NOTE, scope_path=regions.path_of(village_id))
    assembly.require_enabled("example", region_id=village_id)
    title = " ".join(title.split())
    if not 0 < len(title) <= LONGEST_TITLE:
        raise TitleNeeded(field="title", most=LONGEST_TITLE, found=len(title))
    today = clock.local_date(at)
    if noted_on > today:
        raise DayInFuture(field="noted_on", today=today.isoformat(), found=noted_on.isoformat())

    entry, is_new = Entry.objects.get_or_create(
        request_key=request_key,
        defaults={"village_id": village_id, "title": title, "noted_on": noted_on, "noted_at": at},
    )
    if entry.village_id != village_id:
        raise RequestKeyUsed()
    if is_new:
        audit.record(actor=actor, action=NOTE, subject=entry.reference, region_id=village_id, at=at)
        events.publish(EntryNoted(entry_id=entry.pk, village_id=village_id, noted_on=noted_on))
    return entry
