"""In-app messages to persons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from xinzhi.kernel.foundation.actors import Actor
from xinzhi.kernel.notices.models import Message
from xinzhi.kernel.notices.numbers import refuse_personal_number


@transaction.atomic
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
    """Put a message into each person's in-app list. The same `source_key` again sends nothing. Returns how many.

    `params` are codes, numbers and days. Raises LooksPersonal when one looks like a number of a person.
    """
    values = dict(params or {})
    for name, value in values.items():
        refuse_personal_number(str(value), where=name)
    sent = Message.objects.bulk_create(
        (
            Message(
                person_id=person_id,
                household_id=household_id,
                template=template,
                params=values,
                subject=subject,
                at=at,
                source_key=source_key,
            )
            for person_id in sorted(set(person_ids))
        ),
        ignore_conflicts=True,
    )
    return len(sent)


@transaction.atomic
def mark_read(*, actor: Actor, message_ids: Sequence[int], at: datetime) -> int:
    """Mark the actor's own messages as read. Others' are silently left alone. Returns how many changed."""
    if actor.person_id is None:
        return 0
    own = Message.objects.filter(person_id=actor.person_id, pk__in=list(message_ids), read_at__isnull=True)
    return own.update(read_at=at)
