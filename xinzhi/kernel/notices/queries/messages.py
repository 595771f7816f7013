"""A person's messages, said in his language when he reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.foundation.paging import Page, id_cursor, page_of
from xinzhi.kernel.notices.models import Message
from xinzhi.kernel.notices.wording import page_of_subject, text_of

MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class MessageRow:
    id: int
    text: str
    subject: str
    at: datetime
    is_read: bool
    url: str = ""


def messages(*, actor: Actor, cursor: str | None = None, limit: int = 20) -> Page[MessageRow]:
    """The actor's own messages, newest first."""
    if actor.person_id is None:
        return Page([], None)
    found = Message.objects.filter(person_id=actor.person_id).order_by("-id")
    after = id_cursor(cursor)
    if after is not None:
        found = found.filter(pk__lt=after)
    limit = max(1, min(limit, 100))
    rows = [
        MessageRow(
            m.pk,
            text_of(m.template, m.params),
            m.subject,
            m.at,
            m.read_at is not None,
            page_of_subject(m.subject),
        )
        for m in found[: limit + 1]
    ]
    return page_of(rows, limit)


def unread_count(*, actor: Actor) -> int:
    """How many are unread, counted up to 99."""
    if actor.person_id is None:
        return 0
    return Message.objects.filter(person_id=actor.person_id, read_at__isnull=True)[:MOST_COUNTED].count()
