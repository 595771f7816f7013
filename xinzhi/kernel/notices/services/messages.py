"""Messages to persons: in the app always, outside of it where the template says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.notices.models import Message
from xinzhi.kernel.notices.numbers import refuse_personal_number
from xinzhi.kernel.notices.services.leaving import plan
from xinzhi.kernel.notices.wording import going_of


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message to every one of some persons. `params` are codes, numbers and days, never about a person."""

    person_ids: Sequence[int]
    template: str
    source_key: str
    params: Mapping[str, str | int] = field(default_factory=dict)
    household_id: int | None = None
    subject: str = ""


@transaction.atomic
def send_messages(messages: Iterable[NewMessage], *, at: datetime) -> int:
    """Put messages into the in-app lists of their persons, in a constant number of statements. Returns how many are new.

    What their templates send outside the house as well is planned and enqueued with them (`leaving.plan`).

    The same `source_key` to the same person again sends nothing. Raises LooksPersonal when a param looks like a number of a person.
    """
    rows = []
    for message in messages:
        values = dict(message.params)
        for name, value in values.items():
            refuse_personal_number(str(value), where=name)
        rows += [
            Message(
                person_id=person_id,
                household_id=message.household_id,
                template=message.template,
                params=values,
                subject=message.subject,
                at=at,
                source_key=message.source_key,
            )
            for person_id in sorted(set(message.person_ids))
        ]
    known = set(
        Message.objects.filter(
            person_id__in={r.person_id for r in rows}, source_key__in={r.source_key for r in rows}
        ).values_list("person_id", "source_key")
    )
    fresh = [r for r in rows if (r.person_id, r.source_key) not in known]
    Message.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=2_000)  # two senders at once are one
    if leaving := {r.source_key for r in fresh if going_of(r.template).channels}:
        # Conflicts ignored leave the rows without their ids.
        written = Message.objects.filter(person_id__in={r.person_id for r in fresh}, source_key__in=leaving)
        new = {(r.person_id, r.source_key) for r in fresh}
        plan([m for m in written.order_by("pk") if (m.person_id, m.source_key) in new], at=at)
    return len(fresh)


def send_message(
    *,
    person_ids: Sequence[int],
    template: str,
    source_key: str,
    at: datetime,
    params: Mapping[str, str | int] | None = None,
    household_id: int | None = None,
    subject: str = "",
) -> int:
    """`send_messages` for one message."""
    message = NewMessage(person_ids, template, source_key, params or {}, household_id, subject)
    return send_messages([message], at=at)


@transaction.atomic
def mark_read(*, actor: Actor, message_ids: Sequence[int], at: datetime) -> int:
    """Mark the actor's own messages as read. Others' are silently left alone. Returns how many changed."""
    if actor.person_id is None:
        return 0
    own = Message.objects.filter(person_id=actor.person_id, pk__in=list(message_ids), read_at__isnull=True)
    return own.update(read_at=at)
