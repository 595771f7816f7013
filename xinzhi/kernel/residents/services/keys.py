"""Rotate field keys: wrap every person's key anew under the newest one. Values are not touched."""

from __future__ import annotations

from collections.abc import Callable

from django.db import connection, transaction

from xinzhi.kernel.audit import services as audit
from xinzhi.kernel.foundation import clock
from xinzhi.kernel.foundation.actors import SYSTEM
from xinzhi.kernel.residents.crypto import newest_field_key_id, unwrap, wrap
from xinzhi.kernel.residents.models import PersonKey

_BATCH = 2000


def rotate_keys(*, progress: Callable[[int, int], None] | None = None) -> int:
    """Re-wrap what is not yet under the newest field key, in short transactions; returns how many.

    Safe to interrupt and to run again, and beside normal work. When it returns 0, the older field keys
    may be taken out of XINZHI_FIELD_KEYS. Raises FieldKeyMissing when a needed one is already gone.
    """
    newest = newest_field_key_id()
    total = PersonKey.objects.exclude(field_key_id=newest).count()
    done = 0
    while rewrapped := _rotate_some(newest):
        done += rewrapped
        if progress:
            progress(done, max(total, done))
    if done:
        audit.record(
            actor=SYSTEM,
            action="residents.rotate_keys",
            subject=f"field_key:{newest}",
            at=clock.now(),
            count=done,
        )
    return done


@transaction.atomic
def _rotate_some(newest: str) -> int:
    rows = list(PersonKey.objects.select_for_update().exclude(field_key_id=newest).order_by("pk")[:_BATCH])
    fresh = [
        (row.pk, wrap(unwrap(bytes(row.wrapped_key), row.field_key_id, row.pk), row.pk)[0]) for row in rows
    ]
    if fresh:
        ids, wrapped = zip(*fresh, strict=True)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE residents_personkey k SET wrapped_key = n.wrapped_key, field_key_id = %s"
                "  FROM unnest(%s::bigint[], %s::bytea[]) AS n(person_id, wrapped_key)"
                " WHERE k.person_id = n.person_id",
                [newest, list(ids), list(wrapped)],
            )
    return len(fresh)
